"""Texts and what is meant by them, one JSON object a line. What a file holds is told by its keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from bot.config import ROOT
from nlu.understanding import AnswerKind, Expecting, Language, Option, OptWord, Urgency
from webhooks.bench.failure import BenchFailed

HELD_OUT = ROOT / "tests" / "nlu" / "held_out"
_A_DAY = date(2026, 11, 22)  # where a line names none: dates are read against it


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    lang: Language
    channel: str = "sms"

    @property
    def slices(self) -> tuple[str, ...]:
        """The groups of lines that this one is counted in."""
        return ("all", self.lang, f"{self.lang} {self.channel}")


class IntentLine(_Line, frozen=True, kw_only=True):
    """The one intent a text comes down to; `also_ok` are those that would do as well."""

    intent: str
    also_ok: tuple[str, ...] | None = ()
    expecting: AnswerKind | Literal[""] | None = None

    def question(self) -> Expecting | None:
        return Expecting(self.expecting, _A_DAY) if self.expecting else None


class DangerLine(_Line, frozen=True, kw_only=True):
    """The danger a text speaks of; null or false: it only sounds so. Null in `also_ok`: silence would do as well."""

    urgent: Urgency | bool | None
    also_ok: tuple[Urgency | None, ...] | None = ()


class OptLine(_Line, frozen=True, kw_only=True):
    """What a text says about receiving texts."""

    opt: OptWord | None


class Choice(msgspec.Struct, frozen=True):
    """An option shown with the question."""

    value: str
    key: str
    labels: tuple[str, ...]
    exclusive: bool = False


class AnswerLine(_Line, frozen=True, kw_only=True):
    """What a text answers to a question."""

    expecting: AnswerKind
    outcome: Literal["value", "ambiguous", "not"] = msgspec.field(name="is")
    value: str | bool | int | float | tuple[str, ...] | None = None
    options: tuple[Choice, ...] = ()
    today: date = _A_DAY
    pattern: str = ""

    def question(self) -> Expecting:
        options = tuple(Option(each.value, each.key, each.labels, each.exclusive) for each in self.options)
        return Expecting(self.expecting, self.today, options, self.pattern)


Line = IntentLine | DangerLine | OptLine | AnswerLine
_KINDS: tuple[tuple[str, type[Line]], ...] = (
    ("intent", IntentLine),
    ("urgent", DangerLine),
    ("opt", OptLine),
    ("is", AnswerLine),
)


def held_out_files() -> list[Path]:
    """The files of this repository."""
    return sorted(HELD_OUT.glob("*.jsonl"))


def read_lines(files: Iterable[Path]) -> list[Line]:
    """Every line of the files. Raises BenchFailed with file and line for what is not of a known form."""
    return [line for file in files for line in _lines(file)]


def _lines(file: Path) -> Iterator[Line]:
    try:
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise BenchFailed(f"{file}: {wrong}") from None
    for number, raw in enumerate(content.split("\n"), 1):
        if raw.strip():
            try:
                yield _line(raw)
            except msgspec.DecodeError as wrong:  # ValidationError is one
                raise BenchFailed(f"{file}:{number}: {wrong}") from None


def _line(raw: str) -> Line:
    keys = msgspec.json.decode(raw, type=dict[str, object])
    kind = next((kind for key, kind in _KINDS if key in keys), None)
    if kind is None:
        raise msgspec.ValidationError(f"holds none of the keys {', '.join(key for key, _ in _KINDS)}")
    return msgspec.json.decode(raw, type=kind)
