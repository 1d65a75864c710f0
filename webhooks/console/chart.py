"""Charts as SVG: pure functions from numbers to markup.

Widths are in percent and texts in the page's own size, so that a chart fits a phone without shrinking its words. Colors
are classes of funnel.css; every part also has a texture of its own and is said in words, so that nothing depends on
color. Nothing here needs a style attribute or a script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from bot.records.funnel import QuestionCount, Screening, Stage, Step

Kind = Literal["done", "elsewhere", "still", "stopped", "rest"]

STAGE_NAMES = {
    "started": "Started",
    "verified": "Verified",
    "one_step": "One step done",
    "two_steps": "Two steps done",
    "all_steps": "All three steps done",
    "reward": "Reward earned",
}
LOST = {  # those who stop at a stage, in a sentence
    "started": "before they are verified",
    "verified": "before a first step",
    "one_step": "after one step",
    "two_steps": "after two steps",
    "all_steps": "after all three steps, without a reward",
}
STEP_NAMES = {"preference": "Contact choice", "pmp": "Doctor", "screening": "Health screening"}
GROUP_NAMES = {
    "en": "English",
    "es": "Spanish",
    "sms": "Text",
    "voice": "Call",
    "relay": "Relay call",
    "unknown": "Not known",
}

_ROW, _BAR, _TOP, _NOTE = 76, 22, 18, 20  # pixels: of a row, its bar, its label, its note
_SMALL_ROW, _SMALL_BAR = 38, 10


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar, as a share of the whole width."""

    kind: Kind
    share: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    value: str  # at the right end of the label's line
    parts: tuple[Part, ...]
    note: str = ""  # below the bar


def percent(part: int, whole: int) -> str:
    """As staff read it: "37%", "under 1%"; a share that is not the whole is never told as 100%."""
    if not whole or not part:
        return "0%"
    if part == whole:
        return "100%"
    exact = 100 * part / whole
    return "under 1%" if exact < 1 else f"{min(99, round(exact))}%"


def named(groups: Iterable[str]) -> list[tuple[str, str]]:
    """(key, what staff read) of each, for a select."""
    return [(key, GROUP_NAMES[key]) for key in groups]


def stages_chart(stages: Sequence[Stage], id: str) -> Markup:
    """The funnel: a bar for each stage out of all entries."""
    return _drawn(id, "How far people come", _said(stages), [_stage_row(stage, stages[0].entered) for stage in stages])


def small_stages_chart(stages: Sequence[Stage], id: str, of: str) -> Markup:
    """The same for one group, to stand beside others: shares of the group's own entries."""
    rows = [_stage_row(stage, stages[0].entered) for stage in stages]
    return _drawn(id, f"How far people come: {of}", _said(stages), rows, small=True)


def steps_chart(steps: Sequence[Step], id: str) -> Markup:
    """A bar for each of the three steps out of those who are verified."""
    says = "; ".join(
        f"{STEP_NAMES[one.key]}: {one.done_here + one.done_elsewhere:,} of {one.verified:,} done" for one in steps
    )
    return _drawn(id, "Where verified people stand with each step", says, [_step_row(one) for one in steps])


def question_bar(question: QuestionCount, began: int) -> Markup:
    """One bar, to stand in the row of a table that says the same in numbers."""
    return _bar(
        _parts(
            began,
            ("done", question.answered + question.declined),
            ("still", question.still_here),
            ("stopped", question.stopped),
        )
    )


def swatch(kind: Kind) -> Markup:
    """What a part of this kind looks like, for the legend."""
    return Markup(
        '<svg class="swatch" width="22" height="14" aria-hidden="true" focusable="false">'
        '<rect class="part-{kind}" width="22" height="14" rx="2"/>{texture}</svg>'
    ).format(kind=kind, texture=_texture(kind, "0", "0", "100%", 14))


def most_stop_at(screening: Screening) -> QuestionCount | None:
    """The question where most stopped, the first of several; None where nobody did."""
    worst = max(screening.questions, key=lambda one: one.stopped, default=None)
    return worst if worst and worst.stopped else None


def most_stop_after(stages: Sequence[Stage]) -> Stage | None:
    """The stage where most stopped; None where nobody did."""
    worst = max(stages, key=lambda one: one.stopped)
    return worst if worst.stopped else None


# --- rows ------------------------------------------------------------------------------------------------------------


def _stage_row(stage: Stage, entries: int) -> Row:
    left = (("still here", stage.still_here), ("stopped here", stage.stopped))
    return Row(
        label=STAGE_NAMES[stage.key],
        value=f"{stage.entered:,} ({percent(stage.entered, entries)})",
        parts=_parts(entries, ("done", stage.went_on), ("still", stage.still_here), ("stopped", stage.stopped)),
        note=", ".join(f"{many:,} {what}" for what, many in left if many),
    )


def _step_row(step: Step) -> Row:
    done = step.done_here + step.done_elsewhere
    return Row(
        label=STEP_NAMES[step.key],
        value=f"{done:,} done ({percent(done, step.verified)})",
        parts=_parts(
            step.verified,
            ("done", step.done_here),
            ("elsewhere", step.done_elsewhere),
            ("still", step.under_way),
            ("stopped", step.left),
            ("rest", step.not_begun),
        ),
    )


def _parts(whole: int, *parts: tuple[Kind, int]) -> tuple[Part, ...]:
    return tuple(Part(kind, many / whole) for kind, many in parts if many)


def _said(stages: Sequence[Stage]) -> str:
    entries = stages[0].entered
    return "; ".join(
        f"{STAGE_NAMES[one.key]}: {one.entered:,}, {percent(one.entered, entries)}, {one.stopped:,} stopped here"
        for one in stages
    )


# --- markup ----------------------------------------------------------------------------------------------------------


def _drawn(id: str, title: str, says: str, rows: Sequence[Row], *, small: bool = False) -> Markup:
    """A picture with a name and a description; the texts in it are for the eye."""
    noted = any(row.note for row in rows) and not small
    height = _SMALL_ROW if small else _ROW if noted else _ROW - _NOTE
    spare = _NOTE if noted and not rows[-1].note else 0
    inside = Markup("").join(
        _row(row, number * height, _SMALL_BAR if small else _BAR, noted=noted) for number, row in enumerate(rows)
    )
    return Markup(
        '<svg class="chart{small}" width="100%" height="{height}" role="img" aria-labelledby="{id}-title {id}-says" '
        'focusable="false"><title id="{id}-title">{title}</title><desc id="{id}-says">{says}</desc>{inside}</svg>'
    ).format(
        id=id, small=" small" if small else "", height=height * len(rows) - spare, title=title, says=says, inside=inside
    )


def _row(row: Row, top: int, bar: int, *, noted: bool) -> Markup:
    foot = top + _TOP
    note = Markup('<text class="note" x="0" y="{y}">{note}</text>').format(y=foot + bar + 24, note=row.note)
    return Markup(
        '<text class="label" x="0" y="{foot}">{label}</text>'
        '<text class="value" x="100%" y="{foot}" text-anchor="end">{value}</text>{bar}{note}'
    ).format(
        foot=foot, label=row.label, value=row.value, bar=_strip(row.parts, foot + 6, bar), note=note if noted else ""
    )


def _bar(parts: Sequence[Part]) -> Markup:
    return Markup(
        '<svg class="bar" width="100%" height="14" aria-hidden="true" focusable="false">{strip}</svg>'
    ).format(strip=_strip(parts, 0, 14))


def _strip(parts: Sequence[Part], y: int, height: int) -> Markup:
    """The parts one after the other on a track as wide as the whole."""
    drawn = [
        Markup('<rect class="track" x="0" y="{y}" width="100%" height="{height}" rx="2"/>').format(y=y, height=height)
    ]
    left = 0.0
    for part in parts:
        x, width = f"{100 * left:.3f}%", f"{100 * part.share:.3f}%"
        drawn.append(
            Markup('<rect class="part-{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>').format(
                kind=part.kind, x=x, y=y, width=width, height=height
            )
        )
        drawn.append(_texture(part.kind, x, str(y), width, height))
        left += part.share
    return Markup("").join(drawn)


def _texture(kind: Kind, x: str, y: str, width: str, height: int) -> Markup:
    """Over the parts that are no success: stripes for who stopped, dots for who is still here. See `textures`."""
    if kind not in ("stopped", "still", "elsewhere"):
        return Markup("")
    return Markup('<rect fill="url(#texture-{kind})" x="{x}" y="{y}" width="{width}" height="{height}"/>').format(
        kind=kind, x=x, y=y, width=width, height=height
    )


def textures() -> Markup:
    """What the parts are filled with, once on the page, before any chart."""
    return Markup(
        '<svg class="hidden" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
        '<pattern id="texture-stopped" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="ink-stopped" width="3" height="7"/></pattern>'
        '<pattern id="texture-still" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<circle class="ink-still" cx="3" cy="3" r="1.4"/></pattern>'
        '<pattern id="texture-elsewhere" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect class="ink-elsewhere" width="6" height="1.6"/></pattern>'
        "</defs></svg>"
    )
