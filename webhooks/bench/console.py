"""`carestart bench console` from beginning to end, without a word of how it is shown."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

from bot.bootstrap import Bot
from bot.calendar import is_open
from bot.inputs import MessageReceived
from bot.records.database import reading
from bot.records.queue import waiting
from bot.turn import handed_over, take_turn
from webhooks.bench.console_report import ConsoleReport, compared
from webhooks.bench.console_rounds import ConsoleRounds, Open
from webhooks.bench.consoles import Signed, answer_bytes, sign_in
from webhooks.bench.conversations import Conversations
from webhooks.bench.failure import BenchFailed
from webhooks.bench.people import Newcomers, Town, town_of
from webhooks.bench.rehearsal import rehearse
from webhooks.bench.rounds import at_the_middle
from webhooks.bench.stack import Stack, stack
from webhooks.bench.texts import Post
from webhooks.bench.turns import Show, name_of_database

_WORDS = ("hi", "agent")  # what brings a member to the queue
_sids = count(1)


@dataclass(frozen=True, slots=True)
class ConsolePlan:
    """How much to measure. `seconds` is one stretch of load; a round is three of them, and three that are half."""

    waiting: int = 200
    consoles: int = 20
    seconds: float = 12.0
    rounds: int = 4
    workers: int = 0  # 0: as many as `carestart run` starts
    database_url: str = ""  # empty: SQLite

    @property
    def polling(self) -> int:
        """Consoles that have a conversation open as well: half of them."""
        return max(1, self.consoles // 2)


QUICK_CONSOLE = ConsolePlan(waiting=12, consoles=4, seconds=0.6, rounds=2)


def measure_console(plan: ConsolePlan, show: Show) -> ConsoleReport:
    """Measure everything. Raises BenchFailed at the first answer that is not the expected one."""
    load = os.getloadavg()[0]
    show.say("Starting Redis, SQL and the web servers")
    with stack(plan.database_url, plan.workers, show.say, relaxed=False) as running:
        return _measure(plan, running, show, load)


def _measure(plan: ConsolePlan, running: Stack, show: Show, load: float) -> ConsoleReport:
    bot, town = running.bot, town_of(running.bot)
    newcomers = Newcomers(bot, town, running.folder)
    show.say("Rehearsing one conversation")
    first, second, third = newcomers.bring(3)
    talk = Conversations(Post(bot.settings, town), rehearse(bot, town, (first, second, third)), newcomers)
    with show.stage("Members who want a person", plan.waiting) as told:
        conversations = _queue_up(bot, town, plan.waiting, told)
    with show.stage("Signing in", plan.consoles) as told:
        signed = sign_in(bot, running.server.port, plan.consoles, told)
    consoles = _open(signed, conversations, plan)
    rounds = ConsoleRounds(running.server, consoles, at_the_middle(running.server, talk))
    with show.stage("Warming up", 1) as told:
        rounds.full(plan.seconds / 4, 0)
        told()
    taken, full = [], []
    with show.stage(f"{plan.consoles} consoles, {plan.waiting} waiting", 2 * plan.rounds) as told:
        for number in range(plan.rounds):
            taken.append(rounds.round(plan.seconds, number))
            told()
            full.append(rounds.full(plan.seconds / 2, number))
            told()
    hours = next(iter(bot.content.current.plans.values())).hours
    return ConsoleReport(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        python=platform.python_version(),
        processors=os.cpu_count() or 0,
        load=load,
        database=name_of_database(bot.settings),
        web_workers=running.server.workers,
        waiting=plan.waiting,
        consoles=plan.consoles,
        polling=plan.polling,
        seconds=plan.seconds,
        refresh_bytes=answer_bytes(running.server.port, consoles.refreshes[0]),
        floor_bytes=answer_bytes(running.server.port, consoles.floors[0]),
        open_now=is_open(hours, datetime.fromtimestamp(bot.clock(), ZoneInfo(hours.zone))),
        rounds=tuple(taken),
        full=tuple(full),
        compared=compared(taken, full),
    )


def _queue_up(bot: Bot, town: Town, number: int, told: Callable[[], None]) -> list[str]:
    """The conversations of so many made-up phones, each waiting for a person. Raises BenchFailed."""
    for phone in range(number):
        for words in _WORDS:
            sid = f"SM{'c' * 8}{next(_sids):024x}"
            take_turn(bot, MessageReceived(sid, bot.clock(), f"+1930556{phone:04d}", town.number, words))
            handed_over(bot, sid)
        told()
    with reading(bot.records) as conn:
        found = [one.conversation for one in waiting(conn) if one.state == "open"]
    if len(found) != number:
        raise BenchFailed(f"{len(found)} conversations wait for a person, not {number}")
    return found


def _open(signed: list[Signed], conversations: list[str], plan: ConsolePlan) -> Open:
    """Every console has the queue open, and some a conversation each."""
    for one in signed:
        one.open_queue()
    return Open(
        refreshes=[one.refresh(plan.waiting) for one in signed],
        floors=[one.floor() for one in signed],
        polls=[one.open_case(conversations[n]) for n, one in enumerate(signed[: plan.polling])],
    )
