"""Where one turn's time goes: the real functions at the seams are timed from outside, in this process."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from werkzeug.wsgi import ClosingIterator

import bot.deciding
import bot.records.screenings
import bot.records.stored
import bot.records.turn
import bot.turn
import webhooks.signature
import webhooks.sms
from bot import engine
from bot.bootstrap import Bot
from bot.session_store import SessionStore
from webhooks.app import create_app
from webhooks.bench.conversations import Conversations
from webhooks.bench.failure import BenchFailed
from webhooks.bench.report import Breakdown, Seam, at_percentile
from webhooks.bench.texts import FORM, Text
from webhooks.sms import render_sms

_REST = "framework, access log and the rest"

# A function where it is looked up, and the part of the turn it is. What a part calls of another part is not its own.
_SEAMS: tuple[tuple[ModuleType | type, str, str], ...] = (
    (webhooks.signature, "is_signed", "signature, with reading the form"),
    (SessionStore, "claim", "claim and load (Redis)"),
    (bot.turn, "understand", "understand"),
    (engine, "current", "advance"),
    (engine, "stands_at", "advance"),
    (engine, "expecting", "advance"),
    (engine, "advance", "advance"),
    (engine, "attach", "advance"),
    (engine, "resume", "advance"),
    (bot.deciding, "render", "render"),
    (bot.records.stored, "load_answers", "answers on file (SQL)"),
    (bot.records.turn, "record", "record (SQL)"),
    (bot.records.screenings, "questionnaire_response", "FHIR response"),
    (SessionStore, "commit", "commit (Redis)"),
    (webhooks.sms, "render_sms", "TwiML"),
)


class Stopwatch:
    """Time by part, each without the parts inside it. Other threads than the one that made it are not timed."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._inside = [0.0]  # of every open part: what the parts inside it took
        self._thread = threading.get_ident()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        self._inside.append(0.0)
        began = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - began
            self.spent[name] += took - self._inside.pop()
            self._inside[-1] += took

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self._thread:
                return function(*args, **kwargs)
            with self.part(name):
                return function(*args, **kwargs)

        return call


def breakdown(bot_: Bot, talk: Conversations, conversations: int, told: Callable[[], None]) -> Breakdown:
    """Hold whole conversations in process; the first one is warm-up."""
    watch = Stopwatch()
    with _quiet(), ExitStack() as patches:
        for owner, name, part in (*_SEAMS, *_own_seams(bot_)):
            patches.enter_context(_replaced(owner, name, watch.timed(part, getattr(owner, name))))
        app = create_app(bot_)
        _hold(app, talk, watch)
        watch.spent.clear()
        told()
        times = [took for _ in range(conversations) for took in _hold(app, talk, watch, told)]
    total = sum(watch.spent.values())
    seams = tuple(Seam(name, took / len(times) * 1e6, took / total) for name, took in watch.spent.items())
    fsyncs = fsync_times(bot_.settings.data)
    return Breakdown(
        turns=len(times),
        mean_us=total / len(times) * 1e6,
        p50_us=at_percentile(times, 50) * 1e6,
        seams=tuple(sorted(seams, key=lambda seam: -seam.us)),
        fsync_p50_us=at_percentile(fsyncs, 50) * 1e6,
        fsync_p99_us=at_percentile(fsyncs, 99) * 1e6,
    )


def fsync_times(folder: Path, count: int = 100) -> list[float]:
    """Seconds to put one page of 4 KiB on this disk, as every commit has to."""
    times = []
    file = folder / "fsync"
    with file.open("wb", buffering=0) as out:
        for _ in range(count):
            began = time.perf_counter()
            out.write(b"x" * 4096)
            os.fsync(out.fileno())
            times.append(time.perf_counter() - began)
    file.unlink()
    return times


def _own_seams(bot_: Bot) -> tuple[tuple[object, str, str], ...]:
    dialect = bot_.records.dialect
    return (
        (type(bot_.run_action), "__call__", "actions"),
        (dialect, "do_commit", "commit (SQL, on disk)"),
        (dialect, "do_execute", "statements (in the database)"),
        (dialect, "do_executemany", "statements (in the database)"),
    )


@contextmanager
def _replaced(owner: object, name: str, by: object) -> Iterator[None]:
    original = getattr(owner, name)
    own = name in vars(owner)
    setattr(owner, name, by)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, original)
        else:
            delattr(owner, name)


@contextmanager
def _quiet() -> Iterator[None]:
    """The access log is written, and so is in the time, but not to this terminal."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield


def _hold(app: Flask, talk: Conversations, watch: Stopwatch, told: Callable[[], None] = lambda: None) -> list[float]:
    """One conversation; seconds of each turn."""
    person = talk.newcomers.bring(1)[0]
    times = []
    for line in talk.play.lines:
        text = talk.post.sign(person, line.words.format(member_id=person.member_id))
        began = time.perf_counter()
        with watch.part(_REST):
            body = _call(app, text)
        times.append(time.perf_counter() - began)
        if body != render_sms(line.reply).encode():
            raise BenchFailed(f"in process, {line.words!r} was answered: {body.decode()}")
        told()
    return times


def _call(app: Flask, text: Text) -> bytes:
    """The WSGI call as granian makes it."""
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": text.target,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_X_TWILIO_SIGNATURE": text.signature,
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(text.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(text.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    response = app(environ, lambda _status, _headers, _error=None: lambda _data: None)
    body = b"".join(response)
    if isinstance(response, ClosingIterator):
        response.close()
    return body
