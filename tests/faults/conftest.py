"""Members by the hundred instead of the sample people, and the application as Twilio reaches it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from werkzeug.test import Client

from bot.bootstrap import Bot
from bot.config import Secret
from bot.embedded_redis import EmbeddedRedis
from tests.faults import people
from tests.phone import Clock, Phone, bot_on
from tests.webhooks.fake_bot import ACCOUNT, BASE, TOKEN
from webhooks.app import create_app

MEMBERS = 120


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with keys and a migrated database full of members who are all alike."""
    return people.folder_with_members(tmp_path_factory.mktemp("members"), MEMBERS)


@pytest.fixture
def redis_url(empty_redis: EmbeddedRedis) -> str:
    """An empty server: tests share their people's numbers, so conversations of the last test are not met again."""
    url = empty_redis.start()
    with redis.Redis.from_url(url) as line:
        line.flushall()
    return url


@pytest.fixture(scope="session")
def empty_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path_factory.mktemp("emptied"))
    yield server
    server.stop()


@pytest.fixture
def bot(tmp_path: Path, redis_url: str, sample: Path, clock: Clock) -> Iterator[Bot]:
    """A bot that knows Twilio and waits for its turn a tenth of a second only."""
    known = {"public_base_url": BASE, "twilio_account_sid": ACCOUNT, "twilio_auth_token": Secret(TOKEN)}
    with bot_on(
        tmp_path / "data", redis_url, clock, sample, webhook_seconds=0.1, twilio_opt_out="self", **known
    ) as bot:
        yield bot


@pytest.fixture
def phone(bot: Bot, clock: Clock) -> Phone:
    return Phone(bot, clock, people.phone(0))


@pytest.fixture
def client(bot: Bot) -> Client:
    return create_app(bot).test_client()
