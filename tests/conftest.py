"""Real stores for every test: one embedded server, a database with the sample people and providers copied for each."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import redis

from bot.bootstrap import Bot
from bot.config import ensure_keys, load_settings
from bot.embedded_redis import EmbeddedRedis
from tests import postgres
from tests.phone import Clock, Phone, bot_on

hypothesis.settings.register_profile("carestart", deadline=None)  # machines differ; pytest-timeout bounds each test
hypothesis.settings.load_profile("carestart")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="run on a PostgreSQL server instead of SQLite")
    parser.addoption("--update", action="store_true", help="write golden transcripts anew from what the bot says now")


@pytest.fixture(scope="session", autouse=True)
def postgres_server(request: pytest.FixtureRequest) -> Iterator[None]:
    """With `--postgres`: the server that has every data folder's database."""
    if not request.config.getoption("--postgres"):
        yield
        return
    with postgres.server() as postgres.running:
        yield
    postgres.running = None


@pytest.fixture(autouse=True)
def no_database_left() -> Iterator[None]:
    """What a test had made on the server goes with it."""
    kept = postgres.running.known() if postgres.running is not None else set()
    yield
    if postgres.running is not None:
        postgres.running.drop_all_but(kept)


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
    from webhooks.startup import ready_model

    data = tmp_path_factory.mktemp("sample")
    ensure_keys(data)
    settings = load_settings({"SAMPLE_DATA": "no", **postgres.database_of(data)}, data)
    with (data.parent.parent / "training.lock").open("w") as lock:  # one of several test processes trains
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready_model(settings, lambda _line: None)
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
    redis.Redis.from_url(redis_url).flushall()  # every test's phones have the same keys
    with bot_on(tmp_path / "data", redis_url, clock, sample) as made:
        yield made


@pytest.fixture
def phone(bot: Bot, clock: Clock) -> Phone:
    return Phone(bot, clock)
