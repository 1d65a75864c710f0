"""The parent of an embedded Redis: starts it again when it dies, ends it when standard input closes: the owner is gone.

Run as `python -m bot.redis_keeper PID_FILE SERVER ARGUMENT...`. Standard library only, so that it stays small.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_LOOK_SECONDS = 0.1
_LONGEST_PAUSE = 5.0
_HEALTHY_SECONDS = 10.0
_GRACE_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


def keep(server: list[str]) -> None:
    """Run the server until the owner is gone."""
    pause = _LOOK_SECONDS
    while True:
        began = time.monotonic()
        # The lock's descriptor goes to the server too: it stays held while either of us lives.
        process = subprocess.Popen(server, stdin=subprocess.DEVNULL, close_fds=False, preexec_fn=_die_with(os.getpid()))
        if _owner_left_before_end_of(process):
            return _end(process)
        pause = _LOOK_SECONDS if time.monotonic() - began > _HEALTHY_SECONDS else min(2 * pause, _LONGEST_PAUSE)
        if _owner_left_within(pause):
            return None


def _owner_left_before_end_of(process: subprocess.Popen[bytes]) -> bool:
    while process.poll() is None:
        if _owner_left_within(_LOOK_SECONDS):
            return True
    return False


def _owner_left_within(seconds: float) -> bool:
    """Standard input is the owner's end of a pipe on which nothing is ever written: readable means closed."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()  # the server writes its log to disk first
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _die_with(keeper: int) -> Callable[[], None] | None:
    """On Linux the server is told when its keeper dies, even by kill -9."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != keeper:  # it died before we asked
            os._exit(1)

    return ask


def main() -> None:
    pid_file, *server = sys.argv[1:]
    Path(pid_file).write_text(str(os.getpid()))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the owner's end decides
    keep(server)
    Path(pid_file).unlink(missing_ok=True)


if __name__ == "__main__":
    main()
