"""Real stores for every test: one embedded server, a database with the sample people and providers copied for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import Bot
from bot.config import ensure_keys, load_settings
from bot.embedded_redis import EmbeddedRedis
from tests.phone import Clock, Phone, bot_on


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write golden transcripts anew from what the bot says now")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with keys and a migrated database full of sample people and providers."""
    from bot.bootstrap import open_records
    from bot.records.migrate import upgrade
    from webhooks.sample_data import load_sample

    data = tmp_path_factory.mktemp("sample")
    ensure_keys(data)
    settings = load_settings({"SAMPLE_DATA": "no"}, data)
    records = open_records(settings)
    upgrade(records.engine)
    load_sample(records.engine, settings, records.content.current, lambda _line: None)
    records.engine.dispose()
    return data


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bot(tmp_path: Path, redis_url: str, sample: Path, clock: Clock) -> Iterator[Bot]:
    with bot_on(tmp_path / "data", redis_url, clock, sample) as made:
        yield made


@pytest.fixture
def phone(bot: Bot, clock: Clock) -> Phone:
    return Phone(bot, clock)
