"""The engine's own steps, `record_*`: each turns slots into a past fact. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from bot.events import (
    CallbackAgreed,
    ConsentGiven,
    Event,
    HandoffRequested,
    Marked,
    PersonChosen,
    PlaceTaken,
    PmpChosen,
    PreferenceChosen,
    ReminderAgreed,
    Rested,
    RunFinished,
    Said,
    ScreeningSubmitted,
    VerificationFailed,
    VerificationPassed,
    Withdrawn,
)
from bot.session import Mark, Person, Run, Session, member_of, run_of, with_run

Slots = Mapping[str, Any]
Recorded = tuple[Session, list[Event]]

CONSENT_WORDING = "utter_text_consent"  # what is shown before consent to texts is taken


def record_verification(session: Session, slots: Slots) -> Recorded:
    """The speaker is who they say. Who may be spoken about is what is on file now: a child who turned 18 is not among
    them any more. Another speaker than before: nothing of the former is kept in sight."""
    member, guardian = slots["verified_member"], slots.get("verified_guardian") or ""
    former = (session.verified_member, session.verified_guardian)
    events: list[Event] = [VerificationPassed(member, guardian, _suspect(slots), _failures(slots))]
    household = slots.get("household") or []
    person = _among(household, session.person) if (member, guardian) == former else None
    if session.person is not None and person is None:
        session, let_go = _let_go(session)
        events += let_go
    session = replace(
        session,
        person=person,
        facts={
            **session.facts,
            "household": household,
            "household_size": float(len(household)),
            "uses_relay": bool(slots.get("uses_relay")),
        },
        verified_member=member,
        verified_guardian=guardian,
        verified_until=float("inf"),  # its end depends on the clock: bot.engine sets it right after
    )
    return session, events


def _among(household: list[dict[str, Any]], person: Person | None) -> Person | None:
    found = next((item for item in household if person is not None and item["value"] == person.id), None)
    return _person(found) if found is not None else None


def _person(item: Mapping[str, Any]) -> Person:
    return Person(item["value"], item["title"], int(item["age"]), item["sex"], bool(item["self"]))


def _let_go(session: Session) -> Recorded:
    """What was under way was about somebody else: it begins anew, and what was set aside is dropped."""
    current = session.runs[-1]
    questions = tuple(mark.question for mark in current.marks)
    session = replace(session, runs=(replace(current, marks=()),), member_runs={}, facts={})
    return session, [Withdrawn(current.id, current.flow, questions)] if questions else []


def _suspect(slots: Slots) -> str:
    return slots.get("verification_suspect") or ""


def _failures(slots: Slots) -> int:
    return int(slots.get("verification_failures") or 0)


def record_verification_failure(session: Session, slots: Slots) -> Recorded:
    return session, [VerificationFailed(_suspect(slots), _failures(slots))]


def record_person(session: Session, slots: Slots) -> Recorded:
    """Whom this is about, out of the household that was offered."""
    person = _person(next(item for item in slots["household"] if item["value"] == slots["person_choice"]))
    if session.person is not None and session.person.id != person.id:  # what was set aside was about the other one
        session = replace(session, runs=session.runs[-1:], member_runs={})
    return replace(session, person=person), [PersonChosen(person.id)]


def record_place(session: Session, slots: Slots) -> Recorded:
    """Go on where the speaker left this task about this person, unless what is on file has changed since."""
    run = session.runs[-1]
    place = (slots.get("places") or {}).get(run.flow)
    if place is None or any(slots.get(slot) != value for slot, value in place["seen"].items()):
        return _marked(session, run, _found_places(run))
    left = [Mark(*mark) for mark in place["marks"]]
    session, events = _marked(session, run, [*_found_places(run), *left])
    taken = PlaceTaken(_about(session), run.flow, place["conversation"], place["at"])
    return session, [taken, *events, Said("utter_resumed", dict(slots))]


def _found_places(run: Run) -> list[Mark]:
    """What was looked up is used up: the marks themselves are the position."""
    return [Mark(mark.question, mark.status) for mark in run.marks if "places" in mark.slots]


def _marked(session: Session, run: Run, marks: list[Mark]) -> Recorded:
    again = {mark.question for mark in marks}
    kept = tuple(mark for mark in run.marks if mark.question not in again)
    session = with_run(session, replace(run, marks=(*kept, *marks)))
    return session, [Marked(run.id, run.flow, mark.question, mark.status, mark.slots) for mark in marks]


def record_preference(session: Session, slots: Slots) -> Recorded:
    channel = slots["contact_channel"]
    contacts = {"email": slots.get("email"), "mail": slots.get("address"), "text": _text_phone(slots)}
    contact = contacts.get(channel) or ""
    return session, [PreferenceChosen(_about(session), channel, contact)]


def record_consent(session: Session, slots: Slots) -> Recorded:
    return session, [ConsentGiven(_about(session), "text_messages", CONSENT_WORDING, _text_phone(slots))]


def _text_phone(slots: Slots) -> str:
    """The number named on a call; empty for the one that the conversation is with."""
    return "" if slots.get("text_here") else str(slots.get("text_phone") or "")


def record_pmp(session: Session, slots: Slots) -> Recorded:
    return session, [PmpChosen(_about(session), slots["pmp_id"], slots["pmp_name"], bool(slots.get("pmp_kept")))]


def record_screening(session: Session, slots: Slots) -> Recorded:
    """Every screening of this person that stands complete in this conversation is handed in."""
    about = _about(session)
    runs = [run for key, run in session.member_runs.items() if key.endswith(f":{about}")]
    return session, [ScreeningSubmitted(about, run.flow, run.id) for run in runs]


def record_handoff(session: Session, slots: Slots) -> Recorded:
    return session, [HandoffRequested(slots.get("handoff_reason") or "asked"), Said("utter_handoff", dict(slots))]


def record_change(session: Session, slots: Slots) -> Recorded:
    """The answer chosen to be changed no longer counts: walking on, its question is asked again."""
    run_id, _, path = str(slots["change_question"]).partition(":")
    run = run_of(session, run_id)
    gone = tuple(mark.question for mark in run.marks if mark.question == path)
    session = with_run(session, replace(run, marks=tuple(mark for mark in run.marks if mark.question != path)))
    return session, [Withdrawn(run.id, run.flow, gone, member_of(session, run.id))] if gone else []


def record_reminder(session: Session, slots: Slots) -> Recorded:
    """One reminder, agreed to as it was asked."""
    agreed = ReminderAgreed(float(slots["reminder_at"]), slots["reminder_zone"], "utter_reminder")
    consent = ConsentGiven("", "reminder", "utter_ask_remind_when")
    return replace(session, reminder=True), [consent, agreed]


def record_callback(session: Session, slots: Slots) -> Recorded:
    phone = slots.get("callback_phone") or ""
    return session, [CallbackAgreed(float(slots["callback_at"]), slots["callback_zone"], phone)]


def record_rest(session: Session, slots: Slots) -> Recorded:
    """The member comes back later: nothing more is asked now."""
    return replace(session, resting=True), [Rested()]


def record_set_aside(session: Session, slots: Slots) -> Recorded:
    """What was waiting is left for another day. Its answers stay recorded."""
    left = [RunFinished(run.id, run.flow) for run in session.runs[:-1]]
    return replace(session, runs=session.runs[-1:]), list(left)


def _about(session: Session) -> str:
    return session.person.id if session.person else ""


RECORDS: dict[str, Callable[[Session, Slots], Recorded]] = {
    step.__name__: step
    for step in (
        record_verification,
        record_verification_failure,
        record_person,
        record_place,
        record_preference,
        record_consent,
        record_pmp,
        record_screening,
        record_handoff,
        record_change,
        record_reminder,
        record_callback,
        record_rest,
        record_set_aside,
    )
}
