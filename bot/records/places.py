"""Where a speaker left each task about a member, read back. Written by bot.records.keeping."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from bot.records import tables as t
from bot.session import Mark
from bot.vault import Vault

GOOD_FOR_S = 14 * 86_400.0
SEALED_AT = "places.marks"


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a run."""

    marks: tuple[Mark, ...]  # of the steps after `record_place`
    seen: dict[str, Any]  # what was on file when they were made: answers to it stand only while it is the same


def load_places(conn: Connection, vault: Vault, member: str, speaker: str, since: float) -> dict[str, dict[str, Any]]:
    """Where this speaker left each task about this member, not before `since`: flow -> what `record_place` takes."""
    c = t.places.c
    rows = conn.execute(select(t.places).where(c.member == member, c.speaker == speaker, c.at >= since))
    return {row.flow: _place(vault, row) for row in rows}


def _place(vault: Vault, row: Any) -> dict[str, Any]:
    kept = msgspec.msgpack.decode(vault.open(row.marks_sealed, SEALED_AT), type=Kept)
    marks = [[mark.question, mark.status, mark.slots] for mark in kept.marks]
    return {"marks": marks, "seen": kept.seen, "conversation": row.conversation, "at": row.at}
