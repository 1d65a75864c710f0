"""Rewards, read back, with the steps they were earned by."""

from __future__ import annotations

from typing import Any

from bot.records.export.plain import Record
from bot.records.reimport.parts import Incoming, MemberName, NotTaken, Step, meaning, moment, number, part, text
from bot.records.rewards import STEPS

_SOURCES = {source: source for source in ("carestart", "portal", "phone")}
_STEPS = {step: step for step in STEPS}


def reward(uid: str, changed: float, record: Record) -> Incoming:
    return Incoming(
        kind="rewards",
        name=uid,
        changed=changed,
        values={
            "programme_year": number(record, "programme_year", least=2000, most=2999),
            "cents": number(record, "cents", least=0, most=10_000_000),
            "at": moment(record, "at"),
        },
        about=MemberName(text(record, "member_id"), plan=text(record, "plan")),
        steps=_steps(part(record, "completions")),
    )


def _steps(cited: Any) -> tuple[Step, ...]:
    if not isinstance(cited, list) or len(cited) > len(STEPS):
        raise NotTaken("completions is not a list of the steps")
    return tuple(
        Step(
            step=meaning(_STEPS, one, "step"),
            source=meaning(_SOURCES, one, "source"),
            reference=text(one, "reference"),
            at=moment(one, "at"),
        )
        for one in cited
    )
