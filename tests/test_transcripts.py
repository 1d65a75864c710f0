"""Golden conversations: every file in tests/transcripts is replayed word for word, the session stored and read back
between turns; `--update` writes what the bot says now, so that the diff of a transcript is the review of a wording."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.bootstrap import Bot
from bot.segments import segments
from tests.phone import START, Clock, Phone, counts, speaks_a_null

FOLDER = Path(__file__).parent / "transcripts"
FILES = sorted(FOLDER.rglob("*.yaml"))
UNITS = {"minutes": 60, "hours": 3600, "days": 86400}

_yaml = YAML()
_yaml.width = 200


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER))[:-5])
def test_transcript(file: Path, bot: Bot, clock: Clock, request: pytest.FixtureRequest) -> None:
    script = _yaml.load(file.read_text("utf-8"))
    clock.now = datetime.fromisoformat(str(script["at"])).timestamp() if "at" in script else START
    heard = list(_replay(bot, clock, script))
    recorded = counts(bot)
    if request.config.getoption("--update"):
        _write(file, script, heard, recorded)
        return
    for turn, reply in heard:
        assert _text(turn.get("bot")) == reply, f"after {turn['you']!r}"
    assert dict(script.get("recorded") or {}) == recorded


def _replay(bot: Bot, clock: Clock, script: Any) -> Iterator[tuple[Any, str | None]]:
    """Send each text from the phone it names; after every turn the answers must be the position."""
    phones: dict[str, Phone] = {}
    number = str(script.get("from", "+13175550199"))
    for turn in script["turns"]:
        if "wait" in turn:
            amount, unit = str(turn["wait"]).split()
            clock.now += int(amount) * UNITS[unit]
        number = str(turn.get("from", number))
        if "you" not in turn:  # time passes, or another phone is taken up
            continue
        phone = phones.setdefault(number, Phone(bot, clock, number, str(script.get("to", "+13175550100"))))
        reply = phone.text(str(turn["you"]), **dict(turn.get("with", {})))
        assert phone.question() == phone.question_from_the_log(), f"after {turn['you']!r}: the log says otherwise"
        assert not speaks_a_null(reply or ""), "a null slot was spoken"
        assert not re.search(r"\{\w+\}", reply or ""), "a variable was not filled"
        yield turn, reply


def _text(written: Any) -> str | None:
    return None if written is None else str(written).rstrip("\n")


def _write(file: Path, script: Any, heard: list[tuple[Any, str | None]], recorded: dict[str, int]) -> None:
    for turn, reply in heard:
        turn["bot"] = LiteralScalarString(reply + "\n") if reply is not None else None
    script["recorded"] = recorded
    out = io.StringIO()
    _yaml.dump(script, out)
    file.write_text(out.getvalue(), "utf-8")


def test_every_flow_has_a_transcript_in_both_languages(bot: Bot) -> None:
    """Looks at which flows each transcript's name covers: transcripts/<flow>/<what>.<language>.yaml."""
    named = {(file.parent.name, file.name.split(".")[-2]) for file in FILES}
    for flow in ("welcome", "menu", "verify_member", "choose_person", "set_preference", "choose_pmp", "do_screening",
                 "check_progress"):  # fmt: skip
        assert flow in bot.content.current.flows
        assert {(flow, "en"), (flow, "es")} <= named, flow


def test_no_reply_of_any_transcript_is_longer_than_four_segments() -> None:
    """Each response keeps its own budget (carestart check); this is for what a turn says together."""
    for file in FILES:
        for turn in _yaml.load(file.read_text("utf-8"))["turns"]:
            assert segments(_text(turn.get("bot")) or "") <= 7, f"{file.name}: {turn['you']}"


def test_dates_in_transcripts_are_utc() -> None:
    assert datetime.fromtimestamp(START, UTC).hour == 16
