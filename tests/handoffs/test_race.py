"""Two agents, the bot, the member and the worker at once: never two speakers, never a lost message, order kept."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from bot import inputs
from bot.bootstrap import Bot
from bot.desk import Refused
from bot.desk_turn import take_act
from bot.outbound import Simulator
from bot.records import tables as t
from bot.turn import handed_over, take_turn
from bot.worker import send_due
from tests.handoffs.log import spoken, two_speakers, versions
from tests.phone import OURS, Clock, Phone, bot_on, rows

NUMBER = "+13175550199"


@pytest.fixture
def live(tmp_path: Path, redis_url: str, sample: Path) -> Iterator[Bot]:
    """On the real clock; what an earlier test left in Redis under the same keys is another conversation's."""
    redis.Redis.from_url(redis_url).flushall()
    with bot_on(tmp_path / "live", redis_url, time.time, sample) as made:  # type: ignore[arg-type]
        yield made


class Race:
    """One conversation, and everybody at it."""

    def __init__(self, bot: Bot, seed: int) -> None:
        self.bot, self.seed = bot, seed
        self.phone = Phone(bot, Clock(), NUMBER)
        self.sent: list[str] = []
        self.written: dict[str, str] = {}
        self.claims = 0
        self.failures: list[BaseException] = []

    def member(self, times: int) -> None:
        for number in range(times):
            sid, words = f"SM{uuid4().hex}", f"hello {number + 10_000}"
            self.sent.append(sid)
            take_turn(self.bot, inputs.MessageReceived(sid, time.time(), NUMBER, OURS, words))
            handed_over(self.bot, sid)

    def agent(self, name: str, ended: threading.Event) -> None:
        chance, number = random.Random(f"{name}{self.seed}"), 0
        while not ended.is_set():
            number += 1
            kind = chance.choice((inputs.Claim, inputs.Claim, inputs.Write, inputs.Write, inputs.GiveBack))
            more = {"text": f"{name} {number}"} if kind is inputs.Write else {}
            act = kind(
                id=uuid4().hex,
                at=time.time(),
                by=f"agent:{name}",
                conversation=self.phone.conversation,
                name=name,
                **more,
            )
            done = take_act(self.bot, act)
            if isinstance(done, Refused):
                ended.wait(0.002)  # to look again
            else:
                self.claims += kind is inputs.Claim
                if isinstance(act, inputs.Write):
                    self.written[act.id] = act.text

    def worker(self, ended: threading.Event) -> None:
        while not ended.is_set():
            send_due(self.bot, Simulator())
            ended.wait(0.005)

    def guarded(self, work: Callable[..., None], *args: object) -> None:
        try:
            work(*args)
        except BaseException as failure:  # noqa: BLE001  # told by the test, not lost in a thread
            self.failures.append(failure)

    def run(self, times: int) -> None:
        self.member(1)  # there is a conversation
        ended = threading.Event()
        works = [(self.agent, "ana", ended), (self.agent, "luis", ended), (self.worker, ended), (self.worker, ended)]
        threads = [threading.Thread(target=self.guarded, args=work) for work in works]
        for thread in threads:
            thread.start()
        self.guarded(self.member, times)
        ended.set()
        for thread in threads:
            thread.join()
        assert not self.failures, self.failures
        self.bot.handovers.flush()
        send_due(self.bot, Simulator())


def judged(race: Race) -> None:
    bot, here = race.bot, race.phone.conversation
    made, said = versions(bot, here), spoken(bot, here)
    assert made == list(range(1, len(made) + 1)), "every message and act made one version, one after the other"
    assert two_speakers(said) == []
    taken = {row.message_id: row for row in rows(bot, t.inbound)}
    assert set(race.sent) == set(taken)
    assert [taken[sid].version for sid in race.sent] == sorted(taken[sid].version for sid in race.sent)
    posted = {row.message_id: row for row in rows(bot, t.outbox)}
    assert {posted[act].state for act in race.written} == {"sent"}, "what an agent was told is sent is sent"
    by_version = sorted((row.version, row.id) for row in rows(bot, t.acts) if row.id in posted)
    went_out = [posted[act].sent_at for _, act in by_version if posted[act].state == "sent"]
    assert went_out == sorted(went_out), "in the order in which it was written"
    assert race.claims > 1 and len({one.by for one in said}) == 3, "all three spoke"


def test_everybody_at_once(live: Bot) -> None:
    race = Race(live, 1)
    race.run(200)
    judged(race)


@pytest.mark.proof
def test_everybody_at_once_a_thousand_times(live: Bot) -> None:
    race = Race(live, 2)
    race.run(1000)
    judged(race)
