"""What staff left in a conversation: who had it when, what was done, notes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, func, or_, select

from bot.records import tables as t
from bot.records.once import insert_once
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """From `at` (UTC seconds) on another could speak."""

    before: str
    after: str
    by: str
    why: str
    at: float


@dataclass(frozen=True, slots=True)
class Note:
    """Of staff for staff. `by` is agent:<id>."""

    by: str
    text: str
    at: float


def owner_changes(conn: Connection, conversation: str) -> list[OwnerChange]:
    """Every change of who may speak, in order."""
    o = t.ownership.c
    rows = conn.execute(select(t.ownership).where(o.conversation == conversation).order_by(o.version))
    return [OwnerChange(row.before, row.after, row.by, row.why, row.at) for row in rows]


def notes(conn: Connection, vault: Vault, *, conversation: str = "", member: str | None = None) -> list[Note]:
    """The notes on a conversation, and on the member it is about, in order."""
    rows = conn.execute(_NOTES, {"conversation": conversation, "member": member})
    return [Note(row.by, vault.open(row.text_sealed, "notes.text").decode(), row.at) for row in rows]


def count_notes(conn: Connection, *, conversation: str = "", member: str | None = None) -> int:
    """How many `notes` would give."""
    return conn.execute(_COUNT, {"conversation": conversation, "member": member}).scalar_one()


_n = t.notes.c
_on_these = or_(_n.conversation == bindparam("conversation"), _n.member == bindparam("member"))
_NOTES = select(t.notes).where(_on_these).order_by(_n.at, _n.id)
_COUNT = select(func.count()).select_from(t.notes).where(_on_these)


def add_note(
    engine: Engine, vault: Vault, id: str, by: str, text: str, now: float, conversation: str, member: str | None
) -> bool:
    """Write a note once, however often its form is sent. False where it was there."""
    row = {
        "id": id,
        "conversation": conversation or None,
        "member": member,
        "by": by,
        "text_sealed": vault.seal(text.encode(), "notes.text"),
        "at": now,
    }
    with engine.begin() as conn:
        return insert_once(conn, t.notes, row)
