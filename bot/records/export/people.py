"""Members and speakers as the plan knows them: by its own member ID, and guardians by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, RowMapping, select

from bot.flow import Plan
from bot.members.household import guardian_details
from bot.members.roster import open_details
from bot.records.sealing import open_address
from bot.records.tables import completions, conversations, guardians, members, providers, spoken_of, staff
from bot.vault import Vault

_MAX_REMEMBERED = 10_000
_UNKNOWN_PLAN_SYSTEM = "urn:carestart:member-id:"  # and the plan's id

Rows = Sequence[RowMapping]
_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class PlanMember:
    """What the plan calls a member, and which identifier system that is."""

    plan: str
    member_id: str
    system: str


def member_id_system(plans: Mapping[str, Plan], plan: str) -> str:
    """Under which system this plan's member IDs are known outside."""
    known = plans.get(plan)
    return (known.member_id_system if known else "") or _UNKNOWN_PLAN_SYSTEM + plan


@dataclass(slots=True)
class People:
    """Looks them up for many rows at once while these stream by, and remembers the last ones.

    `read_ahead` before asking about a row: who was not read ahead is nobody on file.
    """

    conn: Connection
    vault: Vault
    plans: Mapping[str, Plan]
    _members: dict[str, PlanMember] = field(default_factory=dict)
    _guardians: dict[str, str] = field(default_factory=dict)
    _staff: dict[str, str] = field(default_factory=dict)
    _phones: dict[str, str] = field(default_factory=dict)
    _clinics: dict[str, bool] = field(default_factory=dict)
    _spoken_of: dict[str, list[str]] = field(default_factory=dict)
    _completions: dict[int, Row[Any]] = field(default_factory=dict)

    def read_ahead(self, rows: Rows) -> None:
        """Whoever and whatever these rows name, with at most one query for each sort of them."""
        self._learn(self._spoken_of, _cells(rows, "talk"), self._read_spoken_of)
        said = [*_cells(rows, "said_by"), *_cells(rows, "speaker"), *_cells(rows, "actor"), *_cells(rows, "taken_by")]
        spoken_of = [one for conversation in _cells(rows, "talk") for one in self.spoken_of(conversation)]
        self._learn(self._members, [*_cells(rows, "member"), *_ids(said, "member"), *spoken_of], self._read_members)
        self._learn(self._guardians, _ids(said, "guardian"), self._read_guardians)
        self._learn(self._staff, _ids(said, "agent"), self._read_staff)
        self._learn(self._phones, _cells(rows, "phone_index"), self._read_phones)
        self._learn(self._clinics, _cells(rows, "provider"), self._read_clinics)
        cited = [id for listed in _cells(rows, "completions") for id in json.loads(listed)]
        self._learn(self._completions, cited, self._read_completions)

    def _learn(self, known: dict[Any, _Kept], wanted: Iterable[Any], read: Callable[[set[Any]], None]) -> None:
        """Whoever is not found is not remembered either: such are few."""
        if len(known) >= _MAX_REMEMBERED:
            known.clear()
        if missing := set(wanted) - known.keys():
            read(missing)

    # --- what is asked about a row -----------------------------------------------------------------------------------

    def member(self, ours: str | None) -> PlanMember | None:
        return self._members.get(ours) if ours is not None else None

    def guardian_name(self, guardian: str) -> str:
        """First and last name, or nothing where they are on file no more."""
        return self._guardians.get(guardian, "")

    def staff_name(self, id: str) -> str | None:
        """Of a member of staff, also one who may sign in no more."""
        return self._staff.get(id)

    def phone(self, phone_index: str | None) -> str | None:
        """The number behind a phone index (E.164), from a conversation with it."""
        return self._phones.get(phone_index) if phone_index else None

    def is_clinic(self, provider: str) -> bool:
        """The directory has an organization under this id, not a person."""
        return self._clinics.get(provider, False)

    def spoken_of(self, conversation: str) -> list[str]:
        """Our ids of the members whom this conversation was verified to speak of, in that order."""
        return self._spoken_of.get(conversation, [])

    def completions(self, ids: Iterable[int]) -> list[Row[Any]]:
        """Those of these finished steps that are on file, in order."""
        return [self._completions[id] for id in sorted(ids) if id in self._completions]

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

    # --- reading -----------------------------------------------------------------------------------------------------

    def _read_members(self, ids: set[str]) -> None:
        query = select(members.c.id, members.c.plan, members.c.details_sealed)
        for row in self._among(query, members.c.id, ids):
            member_id = open_details(self.vault, row.details_sealed).member_id
            self._members[row.id] = PlanMember(row.plan, member_id, member_id_system(self.plans, row.plan))

    def _read_guardians(self, ids: set[str]) -> None:
        query = select(guardians.c.id, guardians.c.details_sealed, members.c.details_sealed.label("own"))
        joined = query.outerjoin(members, members.c.id == guardians.c.member)
        for row in self._among(joined, guardians.c.id, ids):
            details = open_details(self.vault, row.own) if row.own else guardian_details(self.vault, row.details_sealed)
            self._guardians[row.id] = f"{details.first} {details.last}"

    def _read_staff(self, ids: set[str]) -> None:
        for row in self._among(select(staff.c.id, staff.c.name), staff.c.id, ids):
            self._staff[row.id] = row.name

    def _read_phones(self, indices: set[str]) -> None:
        c = conversations.c
        for row in self._among(select(c.phone_index, c.address_sealed), c.phone_index, indices):
            self._phones[row.phone_index], _ours = open_address(self.vault, row.address_sealed)

    def _read_clinics(self, ids: set[str]) -> None:
        for row in self._among(select(providers.c.id, providers.c.kinds), providers.c.id, ids):
            self._clinics[row.id] = " clinic " in row.kinds

    def _read_spoken_of(self, ids: set[str]) -> None:
        c = spoken_of.c
        query = select(c.conversation, c.member).order_by(c.at, c.member)
        for row in self._among(query, c.conversation, ids):
            self._spoken_of.setdefault(row.conversation, []).append(row.member)

    def _read_completions(self, ids: set[int]) -> None:
        for row in self._among(select(completions), completions.c.id, ids):
            self._completions[row.id] = row

    def _among(self, query: Any, column: Column[Any], ids: set[Any]) -> Sequence[Row[Any]]:
        return self.conn.execute(query.where(column.in_(sorted(ids)))).all()


def _cells(rows: Rows, column: str) -> list[Any]:
    return [row[column] for row in rows if row.get(column) is not None]


def _ids(said: Iterable[str], kind: str) -> list[str]:
    """The ids of these "<kind>:<id>"."""
    pairs = (one.partition(":") for one in said)
    return [id for who, _, id in pairs if who == kind]
