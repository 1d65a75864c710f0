"""Remembers which replies went out with their webhook, and tells SQL a few at a time, off the turn's path."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from bot.records.database import Away, Database
from bot.records.outbox import mark_answered

FLUSH_S = 0.1  # the instant in which a dying process forgets that a reply went out, and it goes out twice

log = logging.getLogger(__name__)


class Handovers:
    """A queue with one thread behind it, started by the first reply."""

    def __init__(self, engine: Database, clock: Callable[[], float]) -> None:
        self._engine, self._clock = engine, clock
        self._waiting: queue.Queue[str | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, message_id: str) -> None:
        self._waiting.put(message_id)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="handovers", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join(timeout=5)

    def _run(self) -> None:
        open_ = True
        unwritten: list[str] = []
        while open_:
            batch = [self._waiting.get()]
            threading.Event().wait(FLUSH_S)
            while not self._waiting.empty():
                batch.append(self._waiting.get())
            open_ = None not in batch
            unwritten = self._write([*unwritten, *(message_id for message_id in batch if message_id is not None)])

    def _write(self, message_ids: list[str]) -> list[str]:
        """Those that are still to be written: with the next ones. What the worker finds first goes out twice."""
        try:
            mark_answered(self._engine, message_ids, self._clock())
        except Away:
            log.warning("replies could not be noted as handed over", extra={"count": len(message_ids)})
            return message_ids
        return []
