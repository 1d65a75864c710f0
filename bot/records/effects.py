"""What each event writes: one function an event, and a table that names them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import (
    bindparam,
    delete,
    insert,
    update,
)

from bot.calendar import effective_date
from bot.events import (
    CallbackAgreed,
    CallbackCancelled,
    ConsentGiven,
    Event,
    HandoffMoved,
    HandoffRequested,
    Marked,
    MovedToText,
    NobodyFree,
    NumberFlagged,
    OptedIn,
    OptedOut,
    OwnerChanged,
    PersonChosen,
    PmpChosen,
    PreferenceChosen,
    RelayLeft,
    RelayUsed,
    ReminderAgreed,
    ReminderCancelled,
    RunFinished,
    RunStarted,
    ScreeningSubmitted,
    VerificationFailed,
    VerificationPassed,
    Withdrawn,
)
from bot.findings import run_handed_in
from bot.members import roster, verification
from bot.records import callbacks, dispatches, handoffs, outbox
from bot.records import tables as t
from bot.records.accommodations import RELAY
from bot.records.once import insert_once
from bot.records.prepared import Prepared
from bot.records.reminders import REMINDER
from bot.records.screenings import store_findings, store_response
from bot.records.taken import Writing, insert_of
from bot.session import line_of, speaker_of

MOVED = "moved"  # the reason of a text that a caller goes on from


def _run_started(w: Writing, event: RunStarted) -> None:
    row = {
        "id": event.run,
        "member": event.member or None,
        "flow": event.flow,
        "state": "open",
        "started_at": w.turn.now,
    }
    insert_once(w.conn, t.runs, row)


def _run_finished(w: Writing, event: RunFinished) -> None:
    _FINISH_RUN.run(w.conn, {"this": event.run, "state": "finished", "finished_at": w.turn.now})


_FINISH_RUN = Prepared(update(t.runs).where(t.runs.c.id == bindparam("this")), ("state", "finished_at"))


def _verification_passed(w: Writing, event: VerificationPassed) -> None:
    _speaks_of(w, event.member)
    if w.turn.message.call:  # what a caller's number says can be made up
        return
    verification.link_phone(w.conn, w.turn.after.phone_index, event.member, event.guardian or None, w.turn.now)


def _person_chosen(w: Writing, event: PersonChosen) -> None:
    _speaks_of(w, event.member)


def _speaks_of(w: Writing, member: str) -> None:
    row = {"conversation": w.turn.after.conversation, "member": member, "at": w.turn.now}
    insert_once(w.conn, t.spoken_of, row)


def _verification_failed(w: Writing, event: VerificationFailed) -> None:
    for subject in verification.subjects(line_of(w.turn.after), event.suspect):
        verification.add_failure(w.conn, subject, w.turn.now)


def _relay_used(w: Writing, _event: RelayUsed) -> None:
    """It is kept with who speaks: a mother who calls by relay for her child, not the child."""
    insert_once(w.conn, t.accommodations, {"speaker": speaker_of(w.turn.after), "kind": RELAY, "at": w.turn.now})


def _relay_left(w: Writing, _event: RelayLeft) -> None:
    c = t.accommodations.c
    w.conn.execute(delete(t.accommodations).where(c.speaker == speaker_of(w.turn.after), c.kind == RELAY))


def _preference_chosen(w: Writing, event: PreferenceChosen) -> None:
    contact = event.contact or _on_file(w, event)
    row = {
        "member": event.member,
        "channel": event.channel,
        "contact_sealed": w.vault.seal(contact.encode(), "preferences.contact") if contact else None,
        "language": w.language,
        **w.origin,
    }
    dispatches.write(w.conn, "preferences", row)
    _complete(w, event.member, "preference")


def _on_file(w: Writing, event: PreferenceChosen) -> str:
    """What the member said YES to: the address or email on file; for texts the phone they texted from."""
    if event.channel == "text":
        return w.turn.message.sender
    who = roster.member(w.conn, w.vault, event.member)
    if who is None:
        return ""
    postal = ", ".join(filter(None, (who.details.address, who.details.city, f"{who.details.state} {who.details.zip}")))
    return who.details.email if event.channel == "email" else postal


def _consent_given(w: Writing, event: ConsentGiven) -> None:
    _consent(w, event.member, event.kind, "granted", event.wording, event.phone)


def _consent(w: Writing, member: str | None, kind: str, status: str, wording: str, phone: str = "") -> None:
    number = phone or w.turn.message.sender
    row = {
        "member": member or None,
        "phone_index": w.vault.index("phone", phone) if phone else w.turn.after.phone_index,
        "phone_sealed": w.vault.seal(number.encode(), "consents.phone") if number else None,
        "kind": kind,
        "status": status,
        "wording": f"{wording}@{w.turn.content.digest[:12]}",
        "wording_sealed": w.vault.seal(w.turn.wordings.get(wording, "").encode(), "consents.wording"),
        "channel": "voice" if w.turn.message.call else "text",
        "language": w.language,
        **w.origin,
    }
    dispatches.write(w.conn, "consents", row)


def _pmp_chosen(w: Writing, event: PmpChosen) -> None:
    row = {
        "member": event.member,
        "provider": event.provider,
        "provider_name": event.provider_name,
        "kept": event.kept,
        "effective": effective_date(w.turn.today, w.turn.pmp_effective, kept=event.kept),
        **w.origin,
    }
    dispatches.write(w.conn, "pmp-choices", row)
    _complete(w, event.member, "pmp")


def _screening_submitted(w: Writing, event: ScreeningSubmitted) -> None:
    run = run_handed_in(event, w.turn.before, w.turn.after)
    store_response(w, event.member, run, "completed")
    dispatches.note(w.conn, "screenings", run.id, event.member, w.turn.now)
    _run_finished(w, RunFinished(event.run, event.flow, event.member))
    store_findings(w, event, run)
    _complete(w, event.member, "screening")


def _reminder_agreed(w: Writing, event: ReminderAgreed) -> None:
    text = w.turn.wordings[event.response]
    outbox.post(w.conn, w.vault, w.turn.after.conversation, text, REMINDER, event.at, zone=event.zone)


def _reminder_cancelled(w: Writing, _event: ReminderCancelled) -> None:
    outbox.cancel_reminders(w.conn, w.turn.after.conversation)


def _callback_cancelled(w: Writing, _event: CallbackCancelled) -> None:
    callbacks.cancel(w.conn, w.turn.after)


def _moved_to_text(w: Writing, event: MovedToText) -> None:
    """One text a call, however often it is asked for: a number that calls is not sure to be the caller's."""
    here = w.turn.after.conversation
    text = w.turn.wordings[event.response]
    outbox.post(w.conn, w.vault, here, text, MOVED, w.turn.now, once=True)


def _opted_out(w: Writing, _event: OptedOut) -> None:
    insert_once(w.conn, t.opt_outs, {"phone_index": w.turn.after.phone_index, "since": w.turn.now})
    _consent(w, w.turn.after.verified_member, "opt_out", "revoked", "utter_opted_out")


def _opted_in(w: Writing, _event: OptedIn) -> None:
    w.conn.execute(delete(t.opt_outs).where(t.opt_outs.c.phone_index == w.turn.after.phone_index))
    _consent(w, w.turn.after.verified_member, "opt_in", "granted", "utter_opted_in")


def _number_flagged(w: Writing, _event: NumberFlagged) -> None:
    w.conn.execute(delete(t.phone_links).where(t.phone_links.c.phone_index == w.turn.after.phone_index))
    insert_once(w.conn, t.opt_outs, {"phone_index": w.turn.after.phone_index, "since": w.turn.now})
    callbacks.cancel(w.conn, w.turn.after)
    _consent(w, None, "text_messages", "revoked", "utter_wrong_number")
    row = {"at": w.turn.now, "actor": "conversation", "action": "wrong_number", "subject": w.turn.after.phone_index}
    w.conn.execute(insert_of(t.audit), row)


EFFECTS: Mapping[type[Event], Callable[[Writing, Any], None]] = {
    RunStarted: _run_started,
    RunFinished: _run_finished,
    VerificationPassed: _verification_passed,
    PersonChosen: _person_chosen,
    VerificationFailed: _verification_failed,
    RelayUsed: _relay_used,
    RelayLeft: _relay_left,
    PreferenceChosen: _preference_chosen,
    ConsentGiven: _consent_given,
    PmpChosen: _pmp_chosen,
    ScreeningSubmitted: _screening_submitted,
    HandoffRequested: handoffs.request,
    HandoffMoved: handoffs.move,
    NobodyFree: handoffs.note_told,
    OwnerChanged: handoffs.note_owner,
    ReminderCancelled: _reminder_cancelled,
    ReminderAgreed: _reminder_agreed,
    CallbackAgreed: callbacks.book,
    CallbackCancelled: _callback_cancelled,
    MovedToText: _moved_to_text,
    OptedOut: _opted_out,
    OptedIn: _opted_in,
    NumberFlagged: _number_flagged,
    # Marked and Withdrawn are written together below; Said is the reply; the requests are answered within the turn.
}


def _complete(w: Writing, member: str, step: str) -> None:
    row = {"member": member, "step": step, "source": "carestart", "reference": w.turn.message.id,
           "said_by": w.origin["said_by"], "at": w.turn.now}  # fmt: skip
    insert_once(w.conn, t.completions, row)


_INSERT_ANSWER = Prepared(insert(t.answers), tuple(column.name for column in t.answers.c if column.name != "id"))


def write_marks(w: Writing) -> None:
    rows = [row for event in w.turn.events for row in _mark_rows(w, event)]
    if rows:
        _INSERT_ANSWER.run(w.conn, *rows)


def _mark_rows(w: Writing, event: Event) -> list[dict[str, Any]]:
    if isinstance(event, Marked):
        return [_mark_row(w, event, event.question, event.status, event.slots)]
    if isinstance(event, Withdrawn):
        return [_mark_row(w, event, question, "withdrawn", {}) for question in event.questions]
    return []


def _mark_row(
    w: Writing, event: Marked | Withdrawn, question: str, status: str, slots: dict[str, Any]
) -> dict[str, Any]:
    sealed = w.vault.seal(msgspec.msgpack.encode(slots), "answers.value") if slots else None
    return {
        "member": event.member or None,
        "conversation": w.turn.after.conversation,
        "run": event.run,
        "flow": event.flow,
        "question": question,
        "status": status,
        "value_sealed": sealed,
        "how": w.how,
        **w.origin,
    }
