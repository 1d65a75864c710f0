"""Kills its own process, at random, between the steps of a turn: for the processes of these tests only.

The environment says where and how often: FAULT_SEAMS (names, comma separated), FAULT_ONE_IN, FAULT_BUDGET (kills a
seam), FAULT_MIN_AGE (seconds a process lives before it may die) and FAULT_LOG (a folder; a line a kill: when)."""

from __future__ import annotations

import functools
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

# name -> what is wrapped, and whether the process dies before or after it
SEAMS: dict[str, tuple[str, str]] = {
    "before_claim": ("bot.session_store.SessionStore.claim", "before"),
    "after_claim": ("bot.session_store.SessionStore.claim", "after"),
    "after_load": ("bot.turn._hot", "after"),
    "after_decide": ("bot.turn._decide", "after"),
    "within_record": ("bot.records.turn.write_marks", "after"),
    "before_sql_commit": ("bot.records.turn._record", "after"),
    "after_record": ("bot.records.turn.record", "after"),
    "after_redis_commit": ("bot.session_store.SessionStore.commit", "after"),
    "after_answer": ("bot.handovers.mark_answered", "before"),
}
OF_A_DELIVERY: dict[str, tuple[str, str]] = {
    "after_take": ("bot.records.dispatches.take", "after"),
    "after_read": ("bot.delivery.record", "after"),
    "after_send": ("bot.delivery._send", "after"),
    "after_note": ("bot.records.dispatches.arrived", "after"),
}
FROM_THE_CLAIM_ON = tuple(name for name in SEAMS if name != "before_claim")

_LINE = 18  # bytes

_BORN = time.monotonic()


def break_here() -> None:
    """Wrap the seams that the environment names, for the life of this process."""
    for name in filter(None, os.environ.get("FAULT_SEAMS", "").split(",")):
        target, when = {**SEAMS, **OF_A_DELIVERY}[name]
        original = resolve(target)
        mock.patch(target, _wrapped(original, name, when)).start()


def deaths(log: Path) -> dict[str, list[float]]:
    """Seam -> when processes died there, UTC seconds."""
    return {file.name: [float(line) for line in file.read_text().split()] for file in sorted(log.iterdir())}


def _wrapped(original: Callable[..., Any], name: str, when: str) -> Callable[..., Any]:
    @functools.wraps(original)
    def around(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            _perhaps_die(name)
        result = original(*args, **kwargs)
        if when == "after":
            _perhaps_die(name)
        return result

    return around


def _perhaps_die(name: str) -> None:
    if time.monotonic() - _BORN < float(os.environ["FAULT_MIN_AGE"]):
        return
    if random.random() * float(os.environ["FAULT_ONE_IN"]) >= 1:
        return
    with (Path(os.environ["FAULT_LOG"]) / name).open("ab", buffering=0) as log:
        if log.tell() >= min(int(os.environ["FAULT_BUDGET"]), _fewest() + 1) * _LINE:
            return
        log.write(f"{time.time():017.6f}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


def _fewest() -> int:
    """Kills at the seam that has had the fewest: the others wait for it, so that chance passes none over."""
    names = filter(None, os.environ["FAULT_SEAMS"].split(","))
    files = [Path(os.environ["FAULT_LOG"]) / name for name in names]
    return min(file.stat().st_size if file.exists() else 0 for file in files) // _LINE


def resolve(target: str) -> Callable[..., Any]:
    module, _, name = target.rpartition(".")
    try:
        owner: Any = __import__(module, fromlist=["_"])
    except ModuleNotFoundError:
        outer, _, cls = module.rpartition(".")
        owner = getattr(__import__(outer, fromlist=["_"]), cls)
    found: Callable[..., Any] = getattr(owner, name)
    return found
