"""What must hold of every funnel."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

from bot.records.funnel import Funnel, Stage


def holds(funnel: Funnel) -> None:
    """Every sum that the documents promise; nothing is negative."""
    assert all(number >= 0 for number in numbers(asdict(funnel)))
    _stages_hold(funnel.stages)
    for groups in (funnel.by_language, funnel.by_channel):
        for group in groups:
            _stages_hold(group.stages)
        for number, stage in enumerate(funnel.stages):
            for part in ("entered", "went_on", "still_here", "stopped"):
                assert getattr(stage, part) == sum(getattr(group.stages[number], part) for group in groups)
    for step in funnel.steps:
        parts = step.done_here, step.done_elsewhere, step.under_way, step.left, step.not_begun
        assert step.verified == funnel.stages[1].entered == sum(parts)
    for form in funnel.screenings:
        stopping = sum(one.still_here + one.stopped for one in form.questions)
        assert form.began == form.sent + stopping + form.unsent_still_here + form.unsent_stopped + form.not_known
        for one in form.questions:
            assert one.reached == one.answered + one.declined + one.still_here + one.stopped
            assert one.reached <= form.began


def _stages_hold(stages: tuple[Stage, ...]) -> None:
    for stage, following in pairwise(stages):
        assert stage.went_on == following.entered
    for stage in stages:
        assert stage.entered == stage.went_on + stage.still_here + stage.stopped
    assert stages[-1].went_on == stages[-1].entered


def numbers(value: Any) -> list[int]:
    """Every whole number anywhere within."""
    if isinstance(value, dict):
        return [number for one in value.values() for number in numbers(one)]
    if isinstance(value, list | tuple):
        return [number for one in value for number in numbers(one)]
    return [value] if isinstance(value, int) else []
