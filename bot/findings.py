"""What a screening that was handed in shows, and whether a person must act on it at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.engine import answers_in
from bot.events import Event, HandoffRequested, ScreeningSubmitted
from bot.flow import Content
from bot.scoring import Finding, fired
from bot.session import Person, Run, Session

URGENT = "URGENT"


def findings(content: Content, run: Run, person: Person | None) -> tuple[Finding, ...]:
    """By the risk rules, from the answers of one screening. What was declined counts as not answered."""
    recorded = answers_in(run, content.flows[run.flow])
    facts = {slot: (None if value == "declined" else value) for slot, value in recorded.items()}
    return fired(content.rules, {**facts, **about(person)})


def about(person: Person | None) -> dict[str, Any]:
    """What rules and forms read of whom a screening is about."""
    return {"person_age": float(person.age), "person_sex": person.sex} if person else {}


def run_handed_in(event: ScreeningSubmitted, before: Session, after: Session) -> Run:
    """The answers that were handed in: their flow may have ended with it."""
    key = f"{event.flow}:{event.member}"
    return after.member_runs.get(key) or before.member_runs[key]


def urgent_handoffs(events: Sequence[Event], before: Session, after: Session, content: Content) -> list[Event]:
    """A person is needed at once where a screening has an URGENT finding. Lesser ones become referrals."""
    submitted = (event for event in events if isinstance(event, ScreeningSubmitted))
    runs = (run_handed_in(event, before, after) for event in submitted)
    urgent = any(finding.tier == URGENT for run in runs for finding in findings(content, run, after.person))
    return [HandoffRequested("finding", urgent=True)] if urgent else []
