"""`carestart run`: everything in one process tree, from an empty folder to a phone in the browser."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console, RenderableType

from bot.config import Settings, child_environ
from bot.embedded_redis import EmbeddedRedis, EmbeddedRedisFailed
from bot.members.sample import SAMPLE_IDENTITIES
from bot.setting_values import Secret
from webhooks.announcement import announcement
from webhooks.process_tree import Child, stop_on_signals, supervise
from webhooks.serve import port_is_free
from webhooks.startup import ready_content, ready_database, ready_model, ready_sample_staff, ready_settings

_ANSWER_SECONDS = 1.0


@click.command
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: PORT or 8000]")
@click.option("--host", help="Address to listen on.  [default: HOST or 127.0.0.1]")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: .data]")
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes.  [default: WEB_WORKERS or 2]")
def run(port: int | None, host: str | None, data: Path | None, workers: int | None) -> None:
    """Serve CareStart with everything it needs, in one process tree. Ctrl-C ends it; the data stays."""
    given = {"PORT": port, "HOST": host, "WEB_WORKERS": workers}
    settings = ready_settings(data, {name: str(value) for name, value in given.items() if value is not None})
    console = Console(highlight=False)
    stopping = stop_on_signals()
    with _alone_on(settings.data):
        if not port_is_free(settings.host, settings.port):
            raise click.ClickException(
                f"port {settings.port} is in use: end what listens there, or choose another with --port"
            )
        content = ready_content(settings)
        redis = None if settings.redis_url else EmbeddedRedis(settings.data)
        try:
            if redis is not None:
                settings = replace(settings, redis_url=Secret(redis.start()))
            database = ready_database(settings, content, console.print)
            staff_password = ready_sample_staff(database, settings)
            database.dispose()
            ready_model(settings, console.print)
            people = SAMPLE_IDENTITIES if settings.sample_data else ()
            _serve(settings, redis, stopping, console, announcement(settings, people, staff_password))
        finally:
            if redis is not None:
                redis.stop()


def _serve(
    settings: Settings, redis: EmbeddedRedis | None, stopping: threading.Event, console: Console, ready: RenderableType
) -> None:
    announced = threading.Event()

    def look() -> None:
        if redis is not None and not redis.kept():
            _start_again(redis, console)
        if not announced.is_set() and _answers(settings):
            announced.set()
            console.print(ready)

    # `-P`: a file of the folder one happens to be in never shadows a module.
    program = [sys.executable, "-P", "-m", "webhooks.cli"]
    parent = ["--parent", str(os.getpid())]
    children = [Child("web", [*program, "web", *parent]), Child("worker", [*program, "worker", *parent])]
    supervise(children, child_environ(settings), stopping, look=look, say=console.print)
    console.print("Stopped; the data stays in", str(settings.data))


def _start_again(redis: EmbeddedRedis, console: Console) -> None:
    """Meanwhile turns are taken on SQL alone; the next round tries again."""
    try:
        redis.start()
    except EmbeddedRedisFailed as failed:
        console.print(str(failed))


def _answers(settings: Settings) -> bool:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        with urllib.request.urlopen(f"http://{host}:{settings.port}/healthz", timeout=_ANSWER_SECONDS):
            return True
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


@contextmanager
def _alone_on(data: Path) -> Iterator[None]:
    """Nobody else runs on this data folder meanwhile; the lock goes with the process, however it ends."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise click.ClickException(
                f"CareStart already runs on {data} (process {lock.read().strip()}): end it first, "
                "or give this one another folder with --data"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
