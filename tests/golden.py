"""The golden transcripts as plain records, for tests that say them in other circumstances than word for word."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.phone import OURS, START

FOLDER = Path(__file__).parent / "transcripts"
NAMES = tuple(sorted(str(file.relative_to(FOLDER))[:-5] for file in FOLDER.rglob("*.yaml")))
UNITS = {"minutes": 60, "hours": 3600, "days": 86400}


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a transcript: after how many seconds, from which phone, and what was answered."""

    words: str
    sender: str
    reply: str | None
    wait: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    name: str
    at: float
    ours: str
    turns: tuple[Said, ...]


@cache
def script(name: str) -> Script:
    """The transcript `flow/what.language`."""
    written = YAML(typ="safe").load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    at = datetime.fromisoformat(str(written["at"])).timestamp() if "at" in written else START
    sender, turns = str(written.get("from", "+13175550199")), []
    for turn in written["turns"]:
        sender = str(turn.get("from", sender))
        reply = turn.get("bot")
        more = dict(turn.get("with", {}))
        answered = None if reply is None else reply.rstrip("\n")
        turns.append(Said(str(turn["you"]), sender, answered, _seconds(turn.get("wait", "0 minutes")), more))
    return Script(name, at, str(written.get("to", OURS)), tuple(turns))


def _seconds(wait: str) -> float:
    amount, unit = wait.split()
    return float(int(amount) * UNITS[unit])
