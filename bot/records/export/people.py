"""Members and speakers as the plan knows them: by its own member ID, and guardians by name."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, select

from bot.members.household import guardian_details
from bot.members.roster import member
from bot.records.tables import conversations, guardians, staff
from bot.vault import Vault

_MAX_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class PlanMember:
    """What the plan calls a member."""

    plan: str
    member_id: str


@dataclass(slots=True)
class People:
    """Looks them up while rows stream by, and remembers the last ones."""

    conn: Connection
    vault: Vault
    _members: dict[str, PlanMember | None] = field(default_factory=dict)
    _guardians: dict[str, str] = field(default_factory=dict)

    def member(self, ours: str | None) -> PlanMember | None:
        if ours is None:
            return None
        if ours not in self._members:
            _forget(self._members)
            found = member(self.conn, self.vault, ours)
            self._members[ours] = PlanMember(found.plan, found.details.member_id) if found else None
        return self._members[ours]

    def guardian_name(self, guardian: str) -> str:
        """First and last name, or nothing where they are on file no more."""
        if guardian not in self._guardians:
            _forget(self._guardians)
            self._guardians[guardian] = self._read_guardian(guardian)
        return self._guardians[guardian]

    def _read_guardian(self, guardian: str) -> str:
        query = select(guardians.c.details_sealed, guardians.c.member).where(guardians.c.id == guardian)
        row = self.conn.execute(query).first()
        if row is None:
            return ""
        as_member = member(self.conn, self.vault, row.member) if row.member else None
        details = as_member.details if as_member else guardian_details(self.vault, row.details_sealed)
        return f"{details.first} {details.last}"

    def staff_name(self, id: str) -> str | None:
        """Of a member of staff, also one who may sign in no more."""
        return self.conn.scalar(select(staff.c.name).where(staff.c.id == id))

    def phone(self, phone_index: str | None) -> str | None:
        """The number behind a phone index (E.164), from a conversation with it."""
        query = select(conversations.c.address_sealed).where(conversations.c.phone_index == phone_index).limit(1)
        sealed = self.conn.scalar(query) if phone_index else None
        if sealed is None:
            return None
        address: dict[str, str] = msgspec.msgpack.decode(self.vault.open(sealed, "conversations.address"))
        return address["member"]

    def said_by(self, said_by: str, about: str | None) -> dict[str, str]:
        """Who said it, from the log's "member:<id>", "guardian:<id>", "agent:<id>" or "conversation"."""
        kind, _, id_ = said_by.partition(":")
        if kind == "guardian":
            return {"role": "guardian", "name": self.guardian_name(id_)}
        if kind != "member":
            return {"role": kind} | ({"id": id_} if id_ else {})
        if id_ == about:
            return {"role": "member"}
        speaker = self.member(id_)  # a parent who is a member, for their child
        return {"role": "guardian"} | ({"member_id": speaker.member_id} if speaker else {})


def _forget(remembered: dict[str, PlanMember | None] | dict[str, str]) -> None:
    if len(remembered) >= _MAX_REMEMBERED:
        remembered.clear()
