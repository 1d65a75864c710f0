"""Golden calls: every file in tests/calls/transcripts is called again, word for word; `--update` writes what the line
says now. A turn is what the caller does: `you` (speaks), `keys`, `silent`, `wait`, `agent`, `hangs_up`; `call` begins
another call, `text` sends a text from the same telephone. `bot` is what is heard, or read, after it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.bootstrap import Bot
from tests.calls.caller import NUMBER, Caller
from tests.phone import OURS, START, Clock, counts, speaks_a_null
from tests.twilio.twiml_schema import assert_valid

FOLDER = Path(__file__).parent / "transcripts"
FILES = sorted(FOLDER.rglob("*.yaml"))

_OPTION_NONE = re.compile(r"\bNone(?=: press)|(?<=\d, )None\b")  # the title of an option

_yaml = YAML()
_yaml.width = 4096


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER))[:-5])
def test_call(file: Path, bot: Bot, clock: Clock, request: pytest.FixtureRequest) -> None:
    script = _yaml.load(file.read_text("utf-8"))
    clock.now = datetime.fromisoformat(str(script["at"])).timestamp() if "at" in script else START
    caller = Caller(bot, clock, str(script.get("from", NUMBER)), str(script.get("to", OURS)))
    heard = list(_replay(caller, script))
    for post in caller.posts:
        if "/status" not in post.url:
            assert_valid(post.document)
    recorded = counts(bot)
    if request.config.getoption("--update"):
        _write(file, script, heard, recorded)
        return
    for turn, said in heard:
        assert str(turn.get("bot", "")).rstrip("\n") == said, f"after {dict(turn)}"
    assert dict(script.get("recorded") or {}) == recorded


def _replay(caller: Caller, script: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    for turn in script["turns"]:
        said = _do(caller, turn)
        assert not speaks_a_null(_OPTION_NONE.sub("", said)), "a null slot was spoken"
        assert not re.search(r"\{\w+\}", said), "a variable was not filled"
        yield turn, said


def _do(caller: Caller, turn: Mapping[str, Any]) -> str:
    """What is heard after one turn of the transcript."""
    if "call" in turn:
        return caller.call(relay=turn["call"] == "relay")
    if "text" in turn:
        return caller.text(str(turn["text"])) or ""
    if "wait" in turn:
        return caller.take(f"/wait {str(turn['wait']).split()[0]}")
    if "agent" in turn:
        return caller.take(f"/agent {turn['agent']}")
    if "hangs_up" in turn:
        return caller.take("/hangup")
    return caller.take("" if "silent" in turn else str(turn.get("keys", turn.get("you"))))


def _write(file: Path, script: Any, heard: list[tuple[Any, str]], recorded: dict[str, int]) -> None:
    for turn, said in heard:
        turn.pop("bot", None)
        if said:
            turn["bot"] = LiteralScalarString(said + "\n")
    script["recorded"] = recorded
    out = io.StringIO()
    _yaml.dump(script, out)
    file.write_text(out.getvalue(), "utf-8")
