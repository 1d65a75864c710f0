"""A bot whose records go to a webhook, and members who write to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import select

from bot.bootstrap import Bot
from bot.delivery import Line, deliver_due, open_lines
from bot.records import tables as t
from bot.records.database import reading
from bot.setting_values import Secret
from tests.delivery.receiver import OLD_SECRET, SECRET, Receiver, receiving
from tests.fhir_peer import FhirServer, fhir_server
from tests.golden import script
from tests.phone import Clock, Phone, bot_on, rows

DANIEL = "+13175550110"


@dataclass
class Delivering:
    """A bot on a data folder, and its ways out."""

    bot: Bot
    clock: Clock
    lines: list[Line]

    def round(self) -> None:
        deliver_due(self.bot, self.lines)

    def rounds(self, seconds: float = 90.0, times: int = 12) -> None:
        """Round after round, time going by in between."""
        for _ in range(times):
            self.round()
            self.clock.now += seconds

    def all_steps(self) -> None:
        """One member does all three steps by text, and earns the reward."""
        phone = Phone(self.bot, self.clock, DANIEL)
        for turn in script("check_progress/reward.en").turns[:-2]:
            phone.text(turn.words)

    def play(self, name: str) -> None:
        """Say what a golden transcript says."""
        wanted = script(name)
        self.clock.now = max(self.clock.now, wanted.at)
        for turn in wanted.turns:
            self.clock.now += turn.wait
            Phone(self.bot, self.clock, turn.sender, wanted.ours).text(turn.words, **turn.more)

    def dispatches(self, *where: Any) -> list[Any]:
        return rows(self.bot, t.dispatches, *where)

    def states(self) -> list[str]:
        return [row.state for row in self.dispatches()]

    def uids(self) -> list[str]:
        with reading(self.bot.records) as conn:
            return list(conn.execute(select(t.dispatches.c.uid).order_by(t.dispatches.c.id)).scalars())


Open = Callable[..., Delivering]


@pytest.fixture
def delivering(tmp_path: Path, redis_url: str, sample: Path, clock: Clock) -> Iterator[Open]:
    """Opens a bot with these settings."""
    redis.Redis.from_url(redis_url).flushall()
    with ExitStack() as open_ones:

        def opened(**settings: Any) -> Delivering:
            data, quick = tmp_path / "data", {"sqlite_synchronous": "normal"}
            bot = open_ones.enter_context(bot_on(data, redis_url, clock, sample, **quick, **settings))
            return Delivering(bot, clock, open_lines(bot.settings))

        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def by_webhook(delivering: Open, receiver: Receiver) -> Delivering:
    secrets = Secret(f"{SECRET},{OLD_SECRET}")
    return delivering(delivery_webhook_url=Secret(receiver.url), delivery_webhook_secrets=secrets)


TOKEN = "a token of these tests"


@pytest.fixture
def server() -> Iterator[FhirServer]:
    with fhir_server(TOKEN) as server:
        yield server


@pytest.fixture
def by_fhir(delivering: Open, server: FhirServer) -> Delivering:
    return delivering(delivery_fhir_url=Secret(server.base), delivery_fhir_token=Secret(TOKEN))
