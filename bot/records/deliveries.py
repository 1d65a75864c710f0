"""What became of a text of the outbox: what its outlet said at once, and what Twilio reports of it later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update

from bot.outbound import Accepted, Later, Outcome, Refused, Unknown
from bot.records import dispatches
from bot.records import tables as t
from bot.records.once import insert_once
from bot.records.outbox import Due
from bot.records.sealing import open_address, open_session
from bot.session import language_of, speaker_of
from bot.twilio_codes import meaning_of
from bot.vault import Vault

MAX_ATTEMPTS = 20  # with the waits of bot.outbound.backoff some three hours: later nobody wants the text any more
AGAIN_S = (600.0, 1800.0)  # when a text is sent once more whose phone was out of reach: the first time, the second

# Twilio's statuses as states of the outbox. Those of texts that come in are none.
_STATES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), "sent"),
    **dict.fromkeys(("failed", "canceled"), "failed"),
    "undelivered": "undelivered",
    **dict.fromkeys(("delivered", "read"), "delivered"),
}
_ENDED_BADLY = [status for status, state in _STATES.items() if state in ("failed", "undelivered")]
# Reports come in any order: a state never gives way to one before it.
_RANK = {"due": 0, "sending": 0, "unknown": 0, "sent": 1, "failed": 2, "undelivered": 3, "delivered": 4, "dropped": 5}


def settle(engine: Engine, vault: Vault, text: Due, outcome: Outcome, now: float) -> None:
    """What became of a text that was taken. A report that was faster than the answer stands."""
    o = t.outbox.c
    in_hand = update(t.outbox).where(o.id == text.id, o.attempts == text.attempt, o.state.in_(("sending", "unknown")))
    with engine.begin() as conn:
        conn.execute(in_hand.values(_settled(text, outcome, now)))
        if isinstance(outcome, Refused):
            _note_code(conn, vault, text.id, text.conversation, outcome.code, now)


def _settled(text: Due, outcome: Outcome, now: float) -> dict[str, Any]:
    match outcome:
        case Accepted(sid):
            return {"state": "sent", "sent_at": now, "sid": sid or None, "again_at": None, "error": None}
        case Later(seconds, code):
            state = "due" if text.attempt < MAX_ATTEMPTS else "failed"
            return {"state": state, "again_at": now + seconds, "error": code or None}
        case Unknown():
            return {"state": "unknown"}
        case Refused(code):
            return {"state": "dropped" if meaning_of(code) == "opted_out" else "failed", "error": code or None}


@dataclass(frozen=True, slots=True)
class Report:
    """What Twilio says of the text that it calls `sid`. `code` is 0 where nothing went wrong."""

    outbox: str
    sid: str
    status: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """A text and the state in which a report left it; `message_id` as in Due."""

    conversation: str
    message_id: str | None
    state: str


def take_report(engine: Engine, vault: Vault, report: Report, now: float) -> Moved | None:
    """Take a report, once however often it comes. None for one that was taken before, and for one about no text of the
    outbox."""
    o = t.outbox.c
    this = select(o.id, o.conversation, o.message_id, o.state, o.sid).where(o.id == report.outbox)
    row = {
        "sid": report.sid,
        "status": report.status,
        "outbox": report.outbox,
        "error": report.code or None,
        "at": now,
    }
    with engine.begin() as conn:
        text = conn.execute(this.with_for_update()).one_or_none()
        if text is None or report.status not in _STATES:
            return None
        spent = _is_spent(conn, report)
        if not insert_once(conn, t.deliveries, row):
            return None
        if report.code:
            _note_code(conn, vault, text.id, text.conversation, report.code, now)
        values = _moved(conn, text, report, now, spent=spent)
        conn.execute(update(t.outbox).where(o.id == text.id).values(values))
        return Moved(text.conversation, text.message_id, values["state"])


def _is_spent(conn: Connection, report: Report) -> bool:
    """Whether what Twilio calls by this name has ended badly before this report."""
    d = t.deliveries.c
    ended = select(d.sid).where(d.sid == report.sid, d.status.in_(_ENDED_BADLY))
    return conn.execute(ended.limit(1)).first() is not None


def _moved(conn: Connection, text: Any, report: Report, now: float, *, spent: bool) -> dict[str, Any]:
    """State, name and error of this text after a report about one attempt to send it."""
    state = _STATES[report.status]
    # Of an attempt that is over only one thing counts: that it arrived nevertheless.
    counts = state == "delivered" or text.sid == report.sid or (text.sid is None and not spent)
    if not counts or _RANK[state] <= _RANK[text.state]:
        return {"state": text.state}
    if report.status in _ENDED_BADLY and meaning_of(report.code) == "unreachable":
        vain = _times_out_of_reach(conn, report)
        if vain <= len(AGAIN_S):
            return {"state": "due", "sid": None, "error": report.code, "again_at": now + AGAIN_S[vain - 1]}
    return {"state": state, "sid": report.sid, "error": report.code or None, "again_at": None}


def _times_out_of_reach(conn: Connection, report: Report) -> int:
    d = t.deliveries.c
    vain = select(func.count(d.sid.distinct())).where(d.outbox == report.outbox, d.error == report.code)
    return int(conn.execute(vain).scalar_one())


def _note_code(conn: Connection, vault: Vault, outbox_id: str, conversation: str, code: int, now: float) -> None:
    """What a code says of the member's phone, whatever becomes of the text."""
    c = t.conversations.c
    meaning = meaning_of(code)
    if meaning not in ("opted_out", "bad_number"):
        return
    row = conn.execute(select(c.phone_index, c.session_sealed, c.address_sealed).where(c.id == conversation)).one()
    if row.phone_index is None:
        return
    if meaning == "bad_number":
        insert_once(conn, t.flagged_numbers, {"phone_index": row.phone_index, "code": code, "at": now})
    elif insert_once(conn, t.opt_outs, {"phone_index": row.phone_index, "since": now}):
        session = open_session(vault, conversation, row.session_sealed)
        number, _ours = open_address(vault, row.address_sealed)
        consent = {
            "member": session.verified_member or None,
            "phone_index": row.phone_index,
            "phone_sealed": vault.seal(number.encode(), "consents.phone"),
            "kind": "opt_out",
            "status": "revoked",
            "wording": f"twilio_{code}",  # said to Twilio: we showed nothing
            "wording_sealed": vault.seal(b"", "consents.wording"),
            "channel": "text",
            "language": language_of(session),
            "said_by": speaker_of(session),
            "message_id": outbox_id,
            "at": now,
        }
        dispatches.write(conn, "consents", consent)
