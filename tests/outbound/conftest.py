"""A bot that knows Twilio, members who have written to it, and Twilio's side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from werkzeug.test import Client

from bot.bootstrap import Bot
from bot.config import Secret
from bot.records import tables as t
from bot.records.outbox import post
from bot.twilio_rest import TwilioRest
from bot.walk import run_id
from bot.worker import send_due
from tests.outbound.fake_twilio import FakeTwilio, How, InProcess
from tests.phone import Clock, Phone, bot_on, rows
from tests.webhooks.fake_bot import ACCOUNT, BASE, TOKEN
from webhooks.app import create_app

KNOWN = {"public_base_url": BASE, "twilio_account_sid": ACCOUNT, "twilio_auth_token": Secret(TOKEN)}


@pytest.fixture
def bot(tmp_path: Path, redis_url: str, sample: Path, clock: Clock) -> Iterator[Bot]:
    redis.Redis.from_url(redis_url).flushall()
    with bot_on(tmp_path / "data", redis_url, clock, sample, sqlite_synchronous="normal", **KNOWN) as made:
        yield made


@pytest.fixture
def phone(bot: Bot, clock: Clock) -> Phone:
    phone = Phone(bot, clock)
    phone.text("hi")
    return phone


@pytest.fixture
def client(bot: Bot) -> Client:
    return create_app(bot).test_client()


@pytest.fixture
def fake() -> FakeTwilio:
    return FakeTwilio()


@dataclass
class Line:
    """One member's phone, our outbox, and Twilio between them."""

    phone: Phone
    fake: FakeTwilio
    outlet: TwilioRest

    def post(self, text: str = "a text", zone: str | None = None, by: str | None = None) -> str:
        """Put a text into the outbox, due now; its id."""
        bot, now = self.phone.bot, self.phone.clock()
        with bot.records.begin() as conn:
            post(conn, bot.vault, self.phone.conversation, text, "staff", now, zone=zone, by=by)
        return run_id("outbox", self.phone.conversation, "staff", now)

    def work(self, *script: How) -> None:
        """One round of the worker; requests to Twilio are met by the script."""
        self.fake.script.extend(script)
        send_due(self.phone.bot, self.outlet)

    def row(self, outbox_id: str):  # type: ignore[no-untyped-def]
        [row] = rows(self.phone.bot, t.outbox, t.outbox.c.id == outbox_id)
        return row

    def states(self) -> list[str]:
        return [row.state for row in sorted(rows(self.phone.bot, t.outbox), key=lambda row: row.due_at)]

    @property
    def bodies(self) -> list[str]:
        """What went out, in order."""
        return [sms.body for sms in self.fake.taken]


@pytest.fixture
def line(bot: Bot, phone: Phone, fake: FakeTwilio) -> Line:
    return Line(phone, fake, TwilioRest(bot.settings, InProcess(fake)))
