"""Writes one turn in one SQL transaction, fenced by versions: either all of it stands, once, or none of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec.structs import replace
from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    Integer,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from bot.calendar import effective_date
from bot.engine import answers_in
from bot.events import (
    ConsentGiven,
    Event,
    HandoffRequested,
    Marked,
    NumberFlagged,
    OptedIn,
    OptedOut,
    PmpChosen,
    PreferenceChosen,
    RunFinished,
    RunStarted,
    ScreeningSubmitted,
    VerificationFailed,
    VerificationPassed,
    Withdrawn,
)
from bot.flow import Content, Plan
from bot.form import Form
from bot.inputs import AnswersLoaded, MessageReceived
from bot.members import roster
from bot.members.verification import most_failures
from bot.questionnaire import questionnaire_response
from bot.records import rewards
from bot.records import tables as t
from bot.records.once import insert_once
from bot.scoring import fired, referral_tier
from bot.session import Run, Session, decode, encode
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """All that one turn brought about, ready to be written."""

    message: MessageReceived
    before: Session
    after: Session
    events: Sequence[Event]
    reply: str | None
    now: float
    content: Content
    plan: Plan
    wordings: Mapping[str, str]  # response -> text as shown, for consents
    today: date  # where the plan is
    pmp_effective: str  # the rule of bot.calendar.effective_date
    failures_since: float  # failed verifications before this no longer count


@dataclass(frozen=True, slots=True)
class Recorded:
    """The turn stands. `session` is what was stored, `sealed` the same for Redis; `reply` is for the webhook to answer,
    None where it goes by the outbox instead."""

    session: Session
    sealed: bytes
    reply: str | None


@dataclass(frozen=True, slots=True)
class AlreadyRecorded:
    """This message had its turn before: its reply; the session is the one in SQL."""

    reply: str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Someone else wrote first: reload and take the turn again."""


def record(engine: Engine, vault: Vault, turn: TurnTaken) -> Recorded | AlreadyRecorded | Conflict:
    """Write the turn. Raises bot.records.database.Away when SQL cannot be reached."""
    with engine.connect() as conn, conn.begin() as transaction:
        outcome = _record(conn, vault, turn)
        if isinstance(outcome, Conflict):
            transaction.rollback()
        return outcome


def _record(conn: Connection, vault: Vault, turn: TurnTaken) -> Recorded | AlreadyRecorded | Conflict:
    way = _take_in(conn, vault, turn)
    if isinstance(way, AlreadyRecorded):
        return way
    after = replace(turn.after, version=turn.before.version + 1)
    touched = _touched(turn.events)
    if touched and after.person and after.person.id in touched:
        after = replace(after, member_version=after.member_version + 1)
    sealed = seal_session(vault, after)
    fences = (
        _conversation_moves(conn, vault, turn, after, sealed),
        _members_move(conn, turn, touched),
        _not_opted_out(conn, turn),
    )
    if not all(fences):
        return Conflict()
    writing = Writing(conn, vault, turn)
    for event in turn.events:
        effect = EFFECTS.get(type(event))
        if effect is not None:
            effect(writing, event)
    _write_marks(writing)
    _update_screenings(writing)
    for member in _finished_steps(turn.events):
        rewards.evaluate(conn, member, turn.plan, turn.now)
    return Recorded(after, sealed, turn.reply if way == "webhook" else None)


UNDER_WAY_S = 1.0  # between recording a reply and noting that it went out; longer means it never did

# Statements of every turn are built once: building one costs more than running it.
_MOVE_CONVERSATION = update(t.conversations).where(
    t.conversations.c.id == bindparam("this"), t.conversations.c.version == bindparam("read_at")
)
_MOVE_MEMBER = (
    update(t.members)
    .where(
        t.members.c.id == bindparam("this"),
        or_(bindparam("read_at", type_=Integer) == null(), t.members.c.version == bindparam("read_at", type_=Integer)),
    )
    .values(version=t.members.c.version + 1)
)
_OPTED_OUT = select(t.opt_outs.c.phone_index).where(t.opt_outs.c.phone_index == bindparam("phone"))
_STORE_RESPONSE = update(t.screenings).where(t.screenings.c.run == bindparam("this"))


@cache
def _insert(table: Table) -> Executable:
    return insert(table)


# --- the fences ------------------------------------------------------------------------------------------------------


def _take_in(conn: Connection, vault: Vault, turn: TurnTaken) -> AlreadyRecorded | Literal["webhook", "outbox"]:
    """The row of this message: made now, or found waiting for its turn, or found done. Which way the reply goes."""
    message = turn.message
    row = {
        "message_id": message.id,
        "conversation": turn.before.conversation,
        "state": "done",
        "body_sealed": seal_message(vault, message),
        "reply_sealed": seal_reply(vault, turn.reply),
        "arrived_at": message.at,
        "done_at": turn.now,
        "answered_at": None if turn.reply is not None else turn.now,
    }
    if insert_once(conn, t.inbound, row):
        return "webhook"
    done = load_reply(conn, vault, message.id)
    if done is not None:
        return done
    # Its webhook was answered empty before its turn: the reply goes by the outbox.
    row = {**row, "answered_at": turn.now}
    conn.execute(update(t.inbound).where(t.inbound.c.message_id == message.id).values(row))
    if turn.reply is not None:
        post(conn, vault, turn.before.conversation, turn.reply, "late_reply", turn.now, message.id)
    return "outbox"


def _conversation_moves(conn: Connection, vault: Vault, turn: TurnTaken, after: Session, sealed: bytes) -> bool:
    """The conversation's row goes from version v to v+1, only where it still is v."""
    values = {
        "version": after.version,
        "owner": after.owner,
        "session_sealed": sealed,
        "updated_at": turn.now,
    }
    if turn.before.version:
        now_at = {"this": after.conversation, "read_at": turn.before.version}
        return conn.execute(_MOVE_CONVERSATION, {**values, **now_at}).rowcount == 1
    address = msgspec.msgpack.encode({"member": turn.message.sender, "ours": turn.message.recipient})
    new = {
        **values,
        "id": after.conversation,
        "phone_index": after.phone_index,
        "address_sealed": vault.seal(address, "conversations.address"),
    }
    return insert_once(conn, t.conversations, new)


def _members_move(conn: Connection, turn: TurnTaken, touched: set[str]) -> bool:
    """Where facts about a member are written, the member's version moves too: two parents on two phones."""
    shared = {event.member for event in turn.events if isinstance(event, Marked | Withdrawn | RunStarted)} - {""}
    for member in touched:
        read_at = turn.after.member_version if member in shared else None
        if conn.execute(_MOVE_MEMBER, {"this": member, "read_at": read_at}).rowcount != 1:
            return False
    return True


def _not_opted_out(conn: Connection, turn: TurnTaken) -> bool:
    """The member may have opted out by another of our numbers a moment ago."""
    if turn.after.opted_out or turn.reply is None or turn.before.opted_out:
        return True
    return not is_opted_out(conn, turn.before.phone_index)


def _judged_on_all_failures(conn: Connection, turn: TurnTaken) -> bool:
    """A verification was judged knowing every failure: guesses made at the same time do not each get a try."""
    for event in turn.events:
        if isinstance(event, VerificationPassed | VerificationFailed):
            _one_at_a_time(conn, event.suspect or turn.after.phone_index)
            counted = most_failures(conn, turn.after.phone_index, event.suspect, turn.failures_since)
            if counted != event.failures:
                return False
    return True


def _one_at_a_time(conn: Connection, subject: str) -> None:
    """Transactions about one subject follow each other. SQLite's all do."""
    if conn.dialect.name == "postgresql":
        number = int(hashlib.sha256(subject.encode()).hexdigest()[:15], 16)
        conn.execute(select(func.pg_advisory_xact_lock(number)))


def _touched(events: Sequence[Event]) -> set[str]:
    kinds = (Marked, Withdrawn, RunStarted, PreferenceChosen, ConsentGiven, PmpChosen, ScreeningSubmitted)
    return {event.member for event in events if isinstance(event, kinds)} - {""}


def _finished_steps(events: Sequence[Event]) -> set[str]:
    return {e.member for e in events if isinstance(e, PreferenceChosen | PmpChosen | ScreeningSubmitted)} - {""}


# --- effects: one function an event ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Writing:
    """A turn while it is written."""

    conn: Connection
    vault: Vault
    turn: TurnTaken

    @property
    def origin(self) -> dict[str, Any]:
        """Who said it, in which message, when."""
        return {"said_by": said_by(self.turn.after), "message_id": self.turn.message.id, "at": self.turn.now}

    @property
    def language(self) -> str:
        return self.turn.after.language or "en"


def said_by(session: Session) -> str:
    if session.verified_guardian:
        return f"guardian:{session.verified_guardian}"
    return f"member:{session.verified_member}" if session.verified_member else "conversation"


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
    values = {"state": "finished", "finished_at": w.turn.now}
    w.conn.execute(update(t.runs).where(t.runs.c.id == event.run).values(values))


def _verification_passed(w: Writing, event: VerificationPassed) -> None:
    links = t.phone_links
    mine = and_(links.c.phone_index == w.turn.after.phone_index, links.c.member == event.member)
    w.conn.execute(delete(links).where(mine))
    row = {
        "phone_index": w.turn.after.phone_index,
        "member": event.member,
        "guardian": event.guardian or None,
        "verified_at": w.turn.now,
    }
    w.conn.execute(_insert(links), row)


def _verification_failed(w: Writing, event: VerificationFailed) -> None:
    subjects = [f"phone:{w.turn.after.phone_index}", *([event.suspect] if event.suspect else [])]
    rows = [{"subject": subject, "at": w.turn.now} for subject in subjects]
    w.conn.execute(_insert(t.verification_failures), rows)


def _preference_chosen(w: Writing, event: PreferenceChosen) -> None:
    contact = event.contact or _on_file(w, event)
    row = {
        "member": event.member,
        "channel": event.channel,
        "contact_sealed": w.vault.seal(contact.encode(), "preferences.contact") if contact else None,
        "language": w.language,
        **w.origin,
    }
    w.conn.execute(_insert(t.preferences), row)
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
    _consent(w, event.member, event.kind, "granted", event.wording)


def _consent(w: Writing, member: str | None, kind: str, status: str, wording: str) -> None:
    row = {
        "member": member or None,
        "phone_index": w.turn.after.phone_index,
        "kind": kind,
        "status": status,
        "wording": f"{wording}@{w.turn.content.digest[:12]}",
        "wording_sealed": w.vault.seal(w.turn.wordings.get(wording, "").encode(), "consents.wording"),
        "channel": "text",
        "language": w.language,
        **w.origin,
    }
    w.conn.execute(_insert(t.consents), row)


def _pmp_chosen(w: Writing, event: PmpChosen) -> None:
    row = {
        "member": event.member,
        "provider": event.provider,
        "provider_name": event.provider_name,
        "kept": event.kept,
        "effective": effective_date(w.turn.today, w.turn.pmp_effective, kept=event.kept),
        **w.origin,
    }
    w.conn.execute(_insert(t.pmp_choices), row)
    _complete(w, event.member, "pmp")


def _screening_submitted(w: Writing, event: ScreeningSubmitted) -> None:
    run = w.turn.after.member_runs.get(f"{event.flow}:{event.member}") or _run_before(w.turn, event)
    _store_response(w, event.member, run, "completed")
    _run_finished(w, RunFinished(event.run, event.flow, event.member))
    _store_findings(w, event, run)
    _complete(w, event.member, "screening")


def _run_before(turn: TurnTaken, event: ScreeningSubmitted) -> Run:
    return turn.before.member_runs[f"{event.flow}:{event.member}"]


def _store_findings(w: Writing, event: ScreeningSubmitted, run: Run) -> None:
    recorded = answers_in(run, w.turn.content.flows[run.flow])
    facts = {slot: (None if value == "declined" else value) for slot, value in recorded.items()}
    findings = fired(w.turn.content.rules, {**facts, **_about(w.turn)})
    rows = [
        {"screening": run.id, "member": event.member, "rule": f.rule, "rule_version": f.version, "tier": f.tier,
         "topic": f.topic, "at": w.turn.now}
        for f in findings
    ]  # fmt: skip
    if rows:
        w.conn.execute(_insert(t.findings), rows)
    tier = referral_tier(findings)
    if tier is not None:
        row = {"screening": run.id, "member": event.member, "tier": tier, "state": "open", "at": w.turn.now,
               "rules": json.dumps([f.rule for f in findings])}  # fmt: skip
        w.conn.execute(_insert(t.referrals), row)


def _handoff_requested(w: Writing, event: HandoffRequested) -> None:
    person = w.turn.after.person
    row = {
        "conversation": w.turn.after.conversation,
        "member": person.id if person else None,
        "reason": event.reason,
        "urgent": event.urgent,
        "message_id": w.turn.message.id,
        "state": "open",
        "at": w.turn.now,
    }
    w.conn.execute(_insert(t.handoffs), row)


def _opted_out(w: Writing, _event: OptedOut) -> None:
    insert_once(w.conn, t.opt_outs, {"phone_index": w.turn.after.phone_index, "since": w.turn.now})
    _consent(w, w.turn.after.verified_member, "opt_out", "revoked", "utter_opted_out")


def _opted_in(w: Writing, _event: OptedIn) -> None:
    w.conn.execute(delete(t.opt_outs).where(t.opt_outs.c.phone_index == w.turn.after.phone_index))
    _consent(w, w.turn.after.verified_member, "opt_in", "granted", "utter_opted_in")


def _number_flagged(w: Writing, _event: NumberFlagged) -> None:
    w.conn.execute(delete(t.phone_links).where(t.phone_links.c.phone_index == w.turn.after.phone_index))
    insert_once(w.conn, t.opt_outs, {"phone_index": w.turn.after.phone_index, "since": w.turn.now})
    _consent(w, None, "text_messages", "revoked", "utter_wrong_number")
    row = {"at": w.turn.now, "actor": "conversation", "action": "wrong_number", "subject": w.turn.after.phone_index}
    w.conn.execute(_insert(t.audit), row)


EFFECTS: Mapping[type[Event], Callable[[Writing, Any], None]] = {
    RunStarted: _run_started,
    RunFinished: _run_finished,
    VerificationPassed: _verification_passed,
    VerificationFailed: _verification_failed,
    PreferenceChosen: _preference_chosen,
    ConsentGiven: _consent_given,
    PmpChosen: _pmp_chosen,
    ScreeningSubmitted: _screening_submitted,
    HandoffRequested: _handoff_requested,
    OptedOut: _opted_out,
    OptedIn: _opted_in,
    NumberFlagged: _number_flagged,
    # Marked and Withdrawn are written together below; Said is the reply; the requests are answered within the turn.
}


def _complete(w: Writing, member: str, step: str) -> None:
    row = {"member": member, "step": step, "source": "carestart", "reference": w.turn.message.id, "at": w.turn.now}
    insert_once(w.conn, t.completions, row)


# --- answers ---------------------------------------------------------------------------------------------------------


def _write_marks(w: Writing) -> None:
    rows = [row for event in w.turn.events for row in _mark_rows(w, event)]
    if rows:
        w.conn.execute(_insert(t.answers), rows)


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
        "how": "sms",
        **w.origin,
    }


def load_answers(conn: Connection, vault: Vault, flow: str, member: str, run: str = "") -> AnswersLoaded:
    """The member's open run of this flow (or the run named), folded from the log; `run` is empty where none is open."""
    version = conn.execute(select(t.members.c.version).where(t.members.c.id == member)).scalar_one()
    open_run = select(t.runs.c.id).where(t.runs.c.member == member, t.runs.c.flow == flow, t.runs.c.state == "open")
    found = run or conn.execute(open_run.order_by(t.runs.c.started_at.desc()).limit(1)).scalar_one_or_none()
    marks = fold(conn, vault, found) if found else ()
    return AnswersLoaded(flow, member, found or "", marks, version)


def fold(conn: Connection, vault: Vault, run: str) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    """The marks of a run that stand: its answer log, without what was withdrawn, in order."""
    c = t.answers.c
    rows = conn.execute(select(c.question, c.status, c.value_sealed).where(c.run == run).order_by(c.id))
    marks: dict[str, tuple[str, str, dict[str, Any]]] = {}
    for question, status, sealed in rows:
        marks.pop(question, None)
        if status != "withdrawn":
            slots = msgspec.msgpack.decode(vault.open(sealed, "answers.value")) if sealed else {}
            marks[question] = (question, status, slots)
    return tuple(marks.values())


# --- screenings ------------------------------------------------------------------------------------------------------


def _update_screenings(w: Writing) -> None:
    """Keep the QuestionnaireResponse in step with the answers while a screening is under way."""
    done = {event.run for event in w.turn.events if isinstance(event, ScreeningSubmitted)}
    changed = {e.run: e.member for e in w.turn.events if isinstance(e, Marked | Withdrawn) and e.member}
    for run in w.turn.after.member_runs.values():
        if run.id in changed and run.id not in done and run.flow in w.turn.content.questionnaires:
            _store_response(w, changed[run.id], run, "in-progress")


def _store_response(w: Writing, member: str, run: Run, status: str) -> None:
    turn = w.turn
    form = turn.content.questionnaires[run.flow]
    response = questionnaire_response(
        form,
        _by_link(form, run, turn),
        run=run.id,
        member=member,
        source=said_by(turn.after),
        language=w.language,
        authored=datetime.fromtimestamp(turn.now, UTC).isoformat(timespec="seconds"),
        status=status,
    )
    values = {
        "status": status,
        "response_sealed": w.vault.seal(msgspec.json.encode(response), "screenings.response"),
        "said_by": said_by(turn.after),
        "language": w.language,
        "completed_at": turn.now if status == "completed" else None,
    }
    moved = w.conn.execute(_STORE_RESPONSE, {**values, "this": run.id})
    if moved.rowcount == 0:
        row = {**values, "run": run.id, "member": member, "questionnaire": form.canonical, "started_at": turn.now}
        w.conn.execute(_insert(t.screenings), row)


def _by_link(form: Form, run: Run, turn: TurnTaken) -> dict[str, Any]:
    """linkId -> what was recorded, as bot.questionnaire wants it, with whom it is about."""
    recorded = {**answers_in(run, turn.content.flows[run.flow]), **_about(turn)}
    return {link: recorded[q.slot] for link, q in form.questions.items() if q.slot in recorded}


def _about(turn: TurnTaken) -> dict[str, Any]:
    person = turn.after.person
    return {"person_age": float(person.age), "person_sex": person.sex} if person else {}


# --- small pieces ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """The durable copy of a conversation; `session` is sealed."""

    version: int
    owner: str
    session: bytes


def load_conversation(conn: Connection, conversation: str) -> Stored | None:
    """None before the first turn."""
    c = t.conversations.c
    row = conn.execute(select(c.version, c.owner, c.session_sealed).where(c.id == conversation)).one_or_none()
    return Stored(row.version, row.owner, row.session_sealed) if row else None


def speaks_for(conn: Connection, session: Session) -> bool:
    """Whether this phone is still known for whom the session says it verified."""
    c = t.phone_links.c
    mine = and_(c.phone_index == session.phone_index, c.member == session.verified_member)
    return not session.verified_member or conn.execute(select(c.member).where(mine)).first() is not None


def went_out(conn: Connection, message_id: str, now: float) -> bool:
    """Whether the reply to this message was handed over, or was given a moment ago and may just be on its way."""
    c = t.inbound.c
    row = conn.execute(select(c.answered_at, c.done_at).where(c.message_id == message_id)).one_or_none()
    return row is None or row.answered_at is not None or now - (row.done_at or 0.0) <= UNDER_WAY_S


def is_open(conn: Connection, run: str) -> bool:
    """Whether this run may still be answered."""
    state = conn.execute(select(t.runs.c.state).where(t.runs.c.id == run)).scalar_one_or_none()
    return state in (None, "open")


def load_reply(conn: Connection, vault: Vault, message_id: str) -> AlreadyRecorded | None:
    """The reply of a message that had its turn, or None. One that went by the outbox is not repeated: it is empty."""
    c = t.inbound.c
    row = conn.execute(select(c.state, c.reply_sealed).where(c.message_id == message_id)).one_or_none()
    if row is None or row.state != "done":
        return None
    posted = conn.execute(select(func.count()).where(t.outbox.c.message_id == message_id)).scalar_one()
    return AlreadyRecorded(None if posted else open_reply(vault, row.reply_sealed))


def is_opted_out(conn: Connection, phone_index: str) -> bool:
    return conn.execute(_OPTED_OUT, {"phone": phone_index}).first() is not None


def postpone(engine: Engine, vault: Vault, conversation: str, message: MessageReceived) -> None:
    """Keep a message whose webhook is answered before its turn; the worker takes it."""
    row = {
        "message_id": message.id,
        "conversation": conversation,
        "state": "pending",
        "body_sealed": seal_message(vault, message),
        "arrived_at": message.at,
    }
    with engine.begin() as conn:
        insert_once(conn, t.inbound, row)


def post(
    conn: Connection, vault: Vault, conversation: str, text: str, reason: str, due: float, message_id: str | None = None
) -> bool:
    """Put a text into the outbox; one reply a message. False where it is there already."""
    from bot.walk import run_id

    row = {
        "id": run_id("outbox", conversation, reason, message_id or due),
        "conversation": conversation,
        "message_id": message_id,
        "body_sealed": vault.seal(text.encode(), "outbox.body"),
        "reason": reason,
        "state": "due",
        "due_at": due,
        "attempts": 0,
    }
    return insert_once(conn, t.outbox, row)


def seal_session(vault: Vault, session: Session) -> bytes:
    return vault.seal(encode(session), f"conversations.session:{session.conversation}")


def open_session(vault: Vault, conversation: str, sealed: bytes) -> Session:
    """Raises bot.vault.SealBroken, msgspec.ValidationError for what is not a session of ours."""
    return decode(vault.open(sealed, f"conversations.session:{conversation}"))


def seal_message(vault: Vault, message: MessageReceived) -> bytes:
    return vault.seal(msgspec.msgpack.encode(message), "inbound.body")


def open_message(vault: Vault, sealed: bytes) -> MessageReceived:
    return msgspec.msgpack.decode(vault.open(sealed, "inbound.body"), type=MessageReceived)


def seal_reply(vault: Vault, reply: str | None) -> bytes:
    return vault.seal(msgspec.msgpack.encode(reply), "inbound.reply")


def open_reply(vault: Vault, sealed: bytes | None) -> str | None:
    return msgspec.msgpack.decode(vault.open(sealed, "inbound.reply"), type=str | None) if sealed else None
