"""Call-backs: one at most for a phone."""

from __future__ import annotations

from sqlalchemy import Connection, and_, or_, update

from bot.events import CallbackAgreed
from bot.phones import canonical
from bot.records import tables as t
from bot.records.taken import Writing, insert_of
from bot.session import Session


def book(w: Writing, event: CallbackAgreed) -> None:
    """In place of one booked before."""
    cancel(w.conn, w.turn.after)
    person = w.turn.after.person
    phone = event.phone or canonical(w.turn.message.sender)
    row = {
        "conversation": w.turn.after.conversation,
        "member": person.id if person and w.turn.after.verified_until else None,
        "phone_index": w.turn.after.phone_index,
        "phone_sealed": w.vault.seal(phone.encode(), "callbacks.phone"),
        "due_at": event.at,
        "zone": event.zone,
        "language": w.language,
        "how": w.how,
        "state": "booked",
        "message_id": w.turn.message.id,
        "at": w.turn.now,
    }
    w.conn.execute(insert_of(t.callbacks), row)


def cancel(conn: Connection, session: Session) -> None:
    """Whatever is booked for this phone, or in this conversation."""
    c = t.callbacks.c
    mine = or_(c.phone_index == session.phone_index, c.conversation == session.conversation)
    conn.execute(update(t.callbacks).where(and_(c.state == "booked", mine)).values(state="cancelled"))
