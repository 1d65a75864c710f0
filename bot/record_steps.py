"""The engine's own steps, `record_*`: each turns slots into a past fact. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from bot.events import (
    ConsentGiven,
    Event,
    HandoffRequested,
    PersonChosen,
    PmpChosen,
    PreferenceChosen,
    Said,
    ScreeningSubmitted,
    VerificationFailed,
    VerificationPassed,
)
from bot.session import Person, Session

Slots = Mapping[str, Any]
Recorded = tuple[Session, list[Event]]

CONSENT_WORDING = "utter_text_consent"  # what is shown before consent to texts is taken


def record_verification(session: Session, slots: Slots) -> Recorded:
    """The speaker is who they say. Another one than before: nothing of the former is kept in sight."""
    member, guardian = slots["verified_member"], slots.get("verified_guardian") or ""
    same = (member, guardian) == (session.verified_member, session.verified_guardian)
    if not same and session.verified_member:
        current = tuple(replace(run, marks=()) for run in session.runs[-1:])
        session = replace(session, runs=current, facts={})
    if not same:
        session = replace(session, person=None, member_runs={})
    household = slots.get("household") or []
    session = replace(session, facts={**session.facts, "household": household, "household_size": float(len(household))})
    # The end of its validity depends on the clock: bot.engine sets it right after.
    session = replace(session, verified_member=member, verified_guardian=guardian, verified_until=float("inf"))
    return session, [VerificationPassed(member, guardian)]


def record_verification_failure(session: Session, slots: Slots) -> Recorded:
    return session, [VerificationFailed(slots.get("verification_suspect") or "")]


def record_person(session: Session, slots: Slots) -> Recorded:
    """Whom this is about, out of the household that was offered."""
    one = next(item for item in slots["household"] if item["value"] == slots["person_choice"])
    person = Person(one["value"], one["title"], int(one["age"]), one["sex"], bool(one["self"]))
    if session.person and session.person.id != person.id:  # what was set aside was about the other one
        session = replace(session, runs=session.runs[-1:])
    return replace(session, person=person), [PersonChosen(person.id)]


def record_preference(session: Session, slots: Slots) -> Recorded:
    channel = slots["contact_channel"]
    contact = {"email": slots.get("email"), "mail": slots.get("address")}.get(channel) or ""
    return session, [PreferenceChosen(_about(session), channel, contact)]


def record_consent(session: Session, slots: Slots) -> Recorded:
    return session, [ConsentGiven(_about(session), "text_messages", CONSENT_WORDING)]


def record_pmp(session: Session, slots: Slots) -> Recorded:
    return session, [PmpChosen(_about(session), slots["pmp_id"], slots["pmp_name"], bool(slots.get("pmp_kept")))]


def record_screening(session: Session, slots: Slots) -> Recorded:
    """Every screening of this person that stands complete in this conversation is handed in."""
    about = _about(session)
    runs = [run for key, run in session.member_runs.items() if key.endswith(f":{about}")]
    return session, [ScreeningSubmitted(about, run.flow, run.id) for run in runs]


def record_handoff(session: Session, slots: Slots) -> Recorded:
    return session, [HandoffRequested(slots.get("handoff_reason") or "asked"), Said("utter_handoff", dict(slots))]


def _about(session: Session) -> str:
    return session.person.id if session.person else ""


RECORDS: dict[str, Callable[[Session, Slots], Recorded]] = {
    step.__name__: step
    for step in (
        record_verification,
        record_verification_failure,
        record_person,
        record_preference,
        record_consent,
        record_pmp,
        record_screening,
        record_handoff,
    )
}
