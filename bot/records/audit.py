"""The audit: every reading and writing of a member's data by staff, and whom the console serves. It only grows; the
database itself refuses to change or delete a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, select

from bot.records import tables as t
from bot.records.taken import insert_of

ACTIONS: Mapping[str, str] = {
    "sign_in": "signed in",
    "sign_in_refused": "could not sign in",
    "sign_out": "signed out",
    "account_added": "added an account",
    "account_disabled": "disabled an account",
    "account_enabled": "enabled an account",
    "role_changed": "changed the role of an account",
    "password_changed": "changed the password of an account",
    "read_queue": "looked at the queue",
    "read_conversation": "read a conversation",
    "read_member": "read what is on file about a member",
    "read_answers": "read the answers of a screening",
    "read_callbacks": "read the calendar of call-backs",
    "reveal": "had a masked value shown",
    "search": "searched for a member",
    "claim": "took a conversation",
    "take_over": "took a conversation from another agent",
    "transfer": "gave a conversation to another agent",
    "give_back": "gave a conversation back to the bot",
    "close": "closed a conversation",
    "write": "wrote to a member",
    "note": "wrote a note",
    "fill_answer": "gave an answer on a member's behalf",
    "start_task": "started a task for a member",
    "record_step": "recorded a step done by phone",
    "callback": "booked, moved, cancelled or made a call-back",
    "referral": "took or closed a referral",
    "read_lost_providers": "looked at the members whose provider has closed",
    "lost_provider": "settled that a member's provider has closed",
    "read_deliveries": "looked at the records that did not arrive",
    "resend": "had records sent again that did not arrive",
    "drop": "gave up records that did not arrive",
    "import": "loaded members, steps, providers or records",
    "export": "wrote records out",
    "deliver": "put records of before on their way to other systems",
    "wrong_number": "said that a phone is not a member's",
}

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `at` in UTC seconds."""

    id: int
    at: float
    actor: str  # agent:<id>, cli, conversation, provider (of identity), nobody (who is not signed in)
    action: str
    subject: str  # an id of ours: of a conversation, a member, an account; or a kind of export
    detail: str  # ids and counts only


def note(conn: Connection, now: float, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Write a row, in the transaction of what it tells of. Raises ValueError for an action not in ACTIONS."""
    if action not in ACTIONS:
        raise ValueError(f"{action} is not an action of the audit")
    row = {"at": now, "actor": actor, "action": action, "subject": subject, "detail": detail}
    conn.execute(insert_of(t.audit), row)


def entries(
    conn: Connection, *, actor: str = "", subject: str = "", before: int | None = None, limit: int | None = 50
) -> Iterator[Entry]:
    """The newest first, of one actor or subject where one is given, older than the row `before`."""
    query = _query(actor, subject, before, limit)
    for row in conn.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}):
        yield Entry(row.id, row.at, row.actor, row.action, row.subject, row.detail)


def _query(actor: str, subject: str, before: int | None, limit: int | None) -> Select[tuple[object, ...]]:
    a = t.audit.c
    query = select(t.audit).order_by(a.id.desc()).limit(limit)
    given = ((actor, a.actor == actor), (subject, a.subject == subject), (before, a.id < (before or 0)))
    for value, condition in given:
        if value:
            query = query.where(condition)
    return query
