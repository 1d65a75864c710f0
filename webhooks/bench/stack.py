"""The full stack on a temporary data folder: embedded Redis, migrated SQL, and the web servers to measure."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.bootstrap import Bot, open_bot
from bot.config import Settings, ensure_keys, load_settings, process_environ
from bot.embedded_redis import EmbeddedRedis
from bot.records.database import open_engine
from bot.records.migrate import upgrade
from bot.setting_values import database_url
from bot.settings_table import SETTINGS
from webhooks.bench.failure import BenchFailed
from webhooks.startup import ready_model

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Stack:
    """What is measured. `bot` is this process's own, on the same stores as the servers'."""

    bot: Bot
    folder: Path
    server: Server
    relaxed: Server | None = None  # the same with SQLite's synchronous=normal


@dataclass(frozen=True, slots=True)
class Server:
    """One granian with its workers."""

    port: int
    workers: int


@contextmanager
def stack(url: str, workers: int, say: Callable[[str], None], *, relaxed: bool = True) -> Iterator[Stack]:
    """Bring everything up, and take it away again. `url` is PostgreSQL's; empty: SQLite at its default durability, and
    where `relaxed`, with synchronous=normal beside it."""
    folder = Path(tempfile.mkdtemp(prefix="carestart-bench-"))
    try:
        with EmbeddedRedis(folder) as redis_url, _database(url) as chosen:
            environ = _environ(folder, redis_url, chosen, workers)
            settings = load_settings(environ, folder)
            ready_model(settings, say)
            with open_bot(settings) as bot:
                upgrade(bot.records)
                with ExitStack() as opened:
                    launched = [opened.enter_context(_launched(each)) for each in _servers(environ, settings, relaxed)]
                    yield Stack(bot, folder, *[_when_it_serves(*one) for one in launched])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environ(folder: Path, redis_url: str, url: str, workers: int) -> dict[str, str]:
    """A fresh installation's settings: none of those this process was given."""
    ensure_keys(folder)
    return {
        "CARESTART_DATA": str(folder),
        "REDIS_URL": redis_url,
        "PUBLIC_BASE_URL": "https://bench.example",
        "PORT": str(_free_port()),
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "SAMPLE_DATA": "no",
        **({"DATABASE_URL": url} if url else {}),
        **({"WEB_WORKERS": str(workers)} if workers else {}),
    }


def _servers(environ: dict[str, str], settings: Settings, relaxed: bool) -> list[dict[str, str]]:
    """The servers to start: the product as it is by default and, on SQLite, with synchronous=normal beside it."""
    if not relaxed or not settings.database_url.reveal().startswith("sqlite"):
        return [environ]
    return [environ, environ | {"SQLITE_SYNCHRONOUS": "normal", "PORT": str(_free_port())}]


@contextmanager
def _launched(environ: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], Settings]]:
    settings = load_settings(environ, Path(environ["CARESTART_DATA"]))
    ours = {setting.name for setting in SETTINGS}
    rest = {name: value for name, value in process_environ().items() if name not in ours}
    with _log(settings).open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "webhooks.bench.server", str(os.getpid())],
            env=rest | environ,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield process, settings
    finally:
        _end(process)


def _when_it_serves(process: subprocess.Popen[bytes], settings: Settings) -> Server:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{settings.port}/healthz", timeout=1).close()
            return Server(settings.port, settings.web_workers)
        time.sleep(0.05)
    raise BenchFailed(f"the server did not start:\n{_log(settings).read_text(errors='replace')[-2000:]}")


def _log(settings: Settings) -> Path:
    return settings.data / f"server-{settings.port}.log"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _database(url: str) -> Iterator[str]:
    """PostgreSQL: a schema of our own in the database that `url` names, dropped at the end; nothing else is touched."""
    if not url:
        yield ""
        return
    schema = f"carestart_bench_{secrets.token_hex(4)}"
    address = database_url(url, Path())
    if not address.startswith("postgresql"):
        raise BenchFailed("give a postgresql:// address; without one the bench runs on SQLite")
    engine = open_engine(address)
    try:
        with engine.begin() as conn:
            conn.exec_driver_sql(f"CREATE SCHEMA {schema}")
        try:
            yield f"{address}{'&' if '?' in address else '?'}options=-csearch_path%3D{schema}"
        finally:
            with engine.begin() as conn:
                conn.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    finally:
        engine.dispose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
