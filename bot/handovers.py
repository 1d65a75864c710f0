"""Remembers which replies went out with their webhook, and tells the stores a few at a time, off the turn's path."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress

from bot.records.database import Away, Database
from bot.records.outbox import mark_answered
from bot.session_store import SessionStore, StoreAway

FLUSH_S = 0.1  # the instant in which a dying process forgets that a reply went out, and it goes out twice

log = logging.getLogger(__name__)


class Handovers:
    """A queue with one thread behind it, started by the first reply."""

    def __init__(self, engine: Database, sessions: SessionStore, clock: Callable[[], float]) -> None:
        self._engine, self._sessions, self._clock = engine, sessions, clock
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._some = threading.Event()
        self._ended = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, message_id: str) -> None:
        self._waiting.put(message_id)
        self._some.set()
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="handovers", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write what waits, now."""
        message_ids = []
        with suppress(queue.Empty):
            while True:
                message_ids.append(self._waiting.get_nowait())
        if message_ids:
            self._write(message_ids)

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
            self.flush()

    def _write(self, message_ids: list[str]) -> None:
        try:
            conversations = mark_answered(self._engine, message_ids, self._clock())
        except Away:  # with the next ones; what the worker finds first goes out twice, which is better than never
            log.warning("replies could not be noted as handed over", extra={"ids": {"count": len(message_ids)}})
            for message_id in message_ids:
                self._waiting.put(message_id)
            return
        with suppress(StoreAway):  # SQL has it
            for conversation, message_id in conversations:
                self._sessions.sent(conversation, message_id)
