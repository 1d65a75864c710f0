"""What was measured of understanding, as records; `--json` writes them as they are."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """A share from 0 to 1, of so many lines."""

    value: float
    of: int


Slices = Mapping[str, Figure]  # "all", a language, or a language and a channel


class Measure(msgspec.Struct, frozen=True):
    """One figure in every slice of the lines, ours and the plain baseline's."""

    name: str
    aim: float | None  # at least; where `less_is_better`, at most
    less_is_better: bool
    ours: Slices
    baseline: Slices

    @property
    def met(self) -> bool | None:
        overall = self.ours.get("all")
        if self.aim is None or overall is None:
            return None
        return overall.value <= self.aim if self.less_is_better else overall.value >= self.aim

    @property
    def spanish_minus_english(self) -> float | None:
        return self.ours["es"].value - self.ours["en"].value if {"en", "es"} <= self.ours.keys() else None


class Confusion(msgspec.Struct, frozen=True):
    """So many texts that mean one intent were taken for another."""

    meant: str
    taken_for: str
    times: int


class Wrong(msgspec.Struct, frozen=True):
    """A line that went wrong."""

    about: str
    lang: str
    channel: str
    text: str
    meant: str
    taken_for: str


class Pace(msgspec.Struct, frozen=True):
    """One understanding, microseconds."""

    p50_us: float
    p99_us: float


class Model(msgspec.Struct, frozen=True):
    """The classifier that was measured, trained in the same run."""

    texts: int
    intents: int
    features: int
    accuracy: float  # of its cross-validation
    threshold: float
    bytes: int
    train_seconds: float


class UnderstandingReport(msgspec.Struct, frozen=True):
    """All of `carestart bench understanding`."""

    at: str
    python: str
    processors: int
    lines: Mapping[str, int]
    measures: tuple[Measure, ...]
    confusions: tuple[Confusion, ...]
    pace: Pace
    baseline_pace: Pace
    model: Model
    wrong: tuple[Wrong, ...]
