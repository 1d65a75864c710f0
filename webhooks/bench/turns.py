"""`carestart bench turns` from beginning to end, without a word of how it is shown."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.config import Settings
from webhooks.bench.conversations import Conversations, session_sizes
from webhooks.bench.floor import FIXED
from webhooks.bench.people import Newcomers, town_of
from webhooks.bench.rehearsal import rehearse
from webhooks.bench.report import TurnsReport, at_percentile
from webhooks.bench.rounds import Rounds, memory_of
from webhooks.bench.seams import breakdown
from webhooks.bench.stack import Stack, stack
from webhooks.bench.texts import Post


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure. `seconds` is one stretch of load; a round is two of them (three on SQLite)."""

    members: tuple[int, ...] = (1, 8, 32)
    seconds: float = 4.0
    rounds: int = 3
    long_turns: int = 1000
    conversations: int = 20  # held in process for the breakdown
    workers: int = 0  # 0: as many as `carestart run` starts
    database_url: str = ""  # empty: SQLite


QUICK = Plan(members=(1, 2), seconds=0.4, rounds=2, long_turns=40, conversations=1)


class Show(Protocol):
    """Where progress is told."""

    def say(self, text: str) -> None: ...

    def stage(self, title: str, steps: int) -> AbstractContextManager[Callable[[], None]]: ...


def measure_turns(plan: Plan, show: Show) -> TurnsReport:
    """Measure everything. Raises BenchFailed at the first answer that is not the expected one."""
    show.say("Starting Redis, SQL and the web servers")
    with stack(plan.database_url, plan.workers, show.say) as running:
        return _measure(plan, running, show)


def _measure(plan: Plan, running: Stack, show: Show) -> TurnsReport:
    bot, town = running.bot, town_of(running.bot)
    newcomers = Newcomers(bot, town, running.folder)
    show.say("Rehearsing one conversation")
    first, second, third, fourth = newcomers.bring(4)
    post = Post(bot.settings, town)
    talk = Conversations(post, rehearse(bot, town, (first, second, third)), newcomers)
    rounds = Rounds(running.server, running.relaxed, post.floor(fourth, FIXED.encode()), talk)
    with show.stage("Warming up", 1) as told:
        rounds.warm_up(max(plan.members), plan.seconds / 2)
        told()
    levels = []
    for members in plan.members:
        with show.stage(f"{members} concurrent", plan.rounds) as told:
            levels.append(rounds.level(members, plan.rounds, plan.seconds, told))
    with show.stage(f"One conversation of {plan.long_turns} turns", plan.long_turns) as told:
        long = rounds.long_conversation(plan.long_turns, told)
    sizes = session_sizes(bot, talk.begun, town.number)
    workers = memory_of(running.server)
    with show.stage("Taking a turn apart", 1 + plan.conversations * len(talk.play.lines)) as told:
        parts = breakdown(bot, talk, plan.conversations, told)
    return TurnsReport(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        python=platform.python_version(),
        processors=os.cpu_count() or 0,
        database=name_of_database(bot.settings),
        web_workers=running.server.workers,
        seconds=plan.seconds,
        levels=tuple(levels),
        long=long,
        breakdown=parts,
        session_bytes_p50=int(at_percentile(sizes, 50)),
        session_bytes_max=max(sizes),
        conversations=len(talk.begun),
        workers=workers,
    )


def name_of_database(settings: Settings) -> str:
    """With its durability, where that is ours to choose."""
    sqlite = settings.database_url.reveal().startswith("sqlite")
    return f"SQLite, synchronous={settings.sqlite_synchronous}" if sqlite else "PostgreSQL"
