"""The funnel as records: one number each, so that a spreadsheet or a chart program takes them as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from bot.records.funnel import Funnel, QuestionCount, Screening, Stage, Step

COLUMNS = ("part", "of", "key", "measure", "count")


def funnel_records(funnel: Funnel) -> Iterator[dict[str, Any]]:
    """COLUMNS of every number: part "stage" of all, of a language or of a channel; "step"; "screening" and "question"
    of a form."""
    yield from _counts("stage", "all", funnel.stages)
    for group in funnel.by_language:
        yield from _counts("stage", f"language:{group.key}", group.stages)
    for group in funnel.by_channel:
        yield from _counts("stage", f"channel:{group.key}", group.stages)
    yield from _counts("step", "all", funnel.steps)
    for form in funnel.screenings:
        yield from _measures("screening", form.flow, form.flow, form)
        yield from _counts("question", form.flow, form.questions)


def _counts(
    part: str, of: str, counted: tuple[Stage, ...] | tuple[Step, ...] | tuple[QuestionCount, ...]
) -> Iterator[dict[str, Any]]:
    for one in counted:
        yield from _measures(part, of, one.key, one)


def _measures(
    part: str, of: str, key: str, counted: Stage | Step | QuestionCount | Screening
) -> Iterator[dict[str, Any]]:
    for measure, count in asdict(counted).items():
        if isinstance(count, int):
            yield dict(zip(COLUMNS, (part, of, key, measure, count), strict=True))
