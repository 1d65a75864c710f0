"""Processes that live and die as one: children are started again when they die, and end with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

_LOOK_SECONDS = 0.25
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_HEALTHY_SECONDS = 30.0
_GRACE_SECONDS = 12.0  # more than a turn may take


@dataclass(slots=True)
class Child:
    """One program of the tree; `pause` is how long to wait before starting it again, doubled while it keeps dying."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    due: float = 0.0
    pause: float = field(default=_FIRST_PAUSE)

    def start(self, environ: Mapping[str, str]) -> None:
        # A session of its own: Ctrl-C reaches the parent only, who ends its children in order.
        self.process = subprocess.Popen(
            self.command, env=dict(environ), stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.due = time.monotonic()

    def died(self) -> int | None:
        """Once, with the exit status, when it is found dead; it is due again after its pause."""
        if self.process is None or self.process.poll() is None:
            return None
        now = time.monotonic()
        self.pause = _FIRST_PAUSE if now - self.due > _HEALTHY_SECONDS else min(2 * self.pause, _LONGEST_PAUSE)
        status, self.process, self.due = self.process.returncode, None, now + self.pause
        return status

    def end(self, deadline: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def supervise(
    children: Sequence[Child],
    environ: Mapping[str, str],
    stopping: threading.Event,
    *,
    look: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Keep the children running until `stopping` is set, then end them. `look` is called at every round."""
    try:
        while not stopping.wait(_LOOK_SECONDS):
            look()
            for child in children:
                _keep(child, environ, say)
    finally:
        for child in children:
            if child.process is not None:
                child.process.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in children:
            child.end(deadline)


def _keep(child: Child, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    if (status := child.died()) is not None:
        say(f"{child.name} ended with status {status}; starting it again in {child.pause:g} s")
    elif child.process is None and time.monotonic() >= child.due:
        child.start(environ)


def stop_on_signals() -> threading.Event:
    """An event that Ctrl-C, SIGTERM or a closed terminal sets. For the main thread."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    return stopping


def end_with_parent(parent: int) -> None:
    """End this process soon after `parent` (a process id) is gone, even by kill -9; on Linux and macOS alike."""
    threading.Thread(target=_watch, args=(parent,), name="end-with-parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    with suppress(ProcessLookupError):
        os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)
