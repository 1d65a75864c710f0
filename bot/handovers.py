"""Remembers which replies went out with their webhook, and tells the stores a few at a time, off the turn's path."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from bot.records.database import Away, Database
from bot.records.outbox import mark_answered
from bot.session_store import SessionStore, StoreAway

# The server has the reply, but may still be writing it: dying in this instant, a process forgets that it went out, and
# it goes out twice. Noted at once, it would not go out at all.
FLUSH_S = 0.1
_TRIED = 0.0  # in place of a time: SQL was away, and the next reply will tell whether it still is

log = logging.getLogger(__name__)


class Handovers:
    """A queue with one thread behind it, started by the first reply."""

    def __init__(self, engine: Database, sessions: SessionStore, clock: Callable[[], float]) -> None:
        self._engine, self._sessions, self._clock = engine, sessions, clock
        self._waiting: deque[tuple[float, str]] = deque()  # since when (monotonic), message id; oldest first
        self._some = threading.Event()
        self._ended = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, message_id: str) -> None:
        self._waiting.append((time.monotonic(), message_id))
        self._some.set()
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="handovers", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write what waits, now."""
        self._write_those(until=time.monotonic())

    def close(self) -> None:
        """Write what waits, then stop."""
        self._ended.set()
        self._some.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self.flush()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._some.wait()
            self._ended.wait(FLUSH_S)
            self._some.clear()
            self._write_those(until=time.monotonic() - FLUSH_S)
            if self._waiting and self._waiting[-1][0] != _TRIED:
                self._some.set()

    def _write_those(self, until: float) -> None:
        """Write what has waited since `until` or longer."""
        message_ids = []
        with suppress(IndexError):
            while self._waiting[0][0] <= until:
                message_ids.append(self._waiting.popleft()[1])
        if message_ids:
            self._write(message_ids)

    def _write(self, message_ids: list[str]) -> None:
        try:
            replies = mark_answered(self._engine, message_ids, self._clock())
        except Away:  # with the next ones; what the worker finds before that goes out twice, better than never
            log.warning("replies could not be noted as handed over", extra={"ids": {"count": len(message_ids)}})
            self._waiting.extendleft((_TRIED, message_id) for message_id in reversed(message_ids))
            return
        with suppress(StoreAway):  # SQL has it
            self._sessions.sent(replies)


def note_sent(sessions: SessionStore, conversation: str, message_id: str) -> None:
    """A reply sent late by the outbox has left: the question in it can be answered from now on."""
    with suppress(StoreAway):  # SQL has it
        sessions.sent([(conversation, message_id)])
