"""Finds the people that records name among those on file here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.flow import Plan
from bot.members.household import guardian_details
from bot.members.roster import member_id_index, normal_member_id, open_details
from bot.records.export.people import PlanMember, member_id_system
from bot.records.reimport.parts import GONE, NOBODY, Incoming, MemberName, NotTaken, Speaker, is_nameless
from bot.records.tables import guardian_links, guardians, members
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class OnFile:
    """Our ids of those whom some records name."""

    plans: Mapping[str, Plan]
    members: Mapping[tuple[str, str], str]  # plan, member ID as it is compared
    guardians: Mapping[tuple[str, str], str]  # child (our id), first and last name

    def member(self, name: MemberName) -> str:
        """Raises NotTaken where they are not on file, or in more than one plan."""
        possible = _plans_of(self.plans, name)
        found = [id for plan in possible if (id := self.members.get((plan, normal_member_id(name.member_id))))]
        if not possible:
            raise NotTaken("names a member of a plan that is not known here")
        if not found:
            raise NotTaken("names a member who is not on file")
        if len(found) > 1:
            raise NotTaken("names a member who is on file in more than one plan")
        return found[0]

    def said_by(self, speaker: Speaker | None, about: str | None) -> str:
        """As it is recorded: member:<id>, guardian:<id>, agent:<id> or conversation. Raises NotTaken."""
        if speaker is None:
            return NOBODY
        if speaker.kind == "agent":
            return f"agent:{speaker.id}"
        if speaker.member is not None:
            return f"member:{self.member(speaker.member)}"
        if is_nameless(speaker):
            return f"guardian:{GONE}"
        guardian = self.guardians.get((about or "", speaker.name))
        if guardian is None:
            raise NotTaken("was said by a parent or guardian who is not on file for the member")
        return f"guardian:{guardian}"

    def as_named(self, name: MemberName) -> tuple[str, PlanMember]:
        """Our id, and how exports name them."""
        id = self.member(name)
        [plan] = [plan for plan in self.plans if self.members.get((plan, normal_member_id(name.member_id))) == id]
        return id, PlanMember(plan, normal_member_id(name.member_id), member_id_system(self.plans, plan))


def look_up(conn: Connection, vault: Vault, plans: Mapping[str, Plan], incoming: Iterable[Incoming]) -> OnFile:
    """Whom these records name, with a query for each sort of them."""
    records = list(incoming)
    named = {name for record in records for name in _named(record)}
    found = _members(conn, vault, plans, named)
    known = OnFile(plans, found, {})
    wanted = {id for record in records if _by_guardian(record) and (id := _about(known, record))}
    return OnFile(plans, found, _guardians(conn, vault, wanted))


def _named(record: Incoming) -> list[MemberName]:
    said_by = record.said_by.member if record.said_by else None
    return [name for name in (record.about, said_by) if name is not None]


def _by_guardian(record: Incoming) -> bool:
    return record.said_by is not None and record.said_by.kind == "guardian"


def _about(known: OnFile, record: Incoming) -> str:
    try:
        return known.member(record.about) if record.about else ""
    except NotTaken:  # it is told when its turn comes
        return ""


def _plans_of(plans: Mapping[str, Plan], name: MemberName) -> list[str]:
    return [plan for plan in plans if plan == name.plan or name.system == member_id_system(plans, plan)]


def _members(
    conn: Connection, vault: Vault, plans: Mapping[str, Plan], named: Iterable[MemberName]
) -> dict[tuple[str, str], str]:
    indexes = {
        member_id_index(vault, plan, name.member_id): (plan, normal_member_id(name.member_id))
        for name in named
        for plan in _plans_of(plans, name)
    }
    query = select(members.c.member_id_index, members.c.id).where(members.c.member_id_index.in_(indexes))
    return {indexes[row.member_id_index]: row.id for row in conn.execute(query)} if indexes else {}


def _guardians(conn: Connection, vault: Vault, children: set[str]) -> dict[tuple[str, str], str]:
    """Of two of one name the same one always."""
    if not children:
        return {}
    own = members.c.details_sealed.label("own")
    query = (
        select(guardian_links.c.member, guardians.c.id, guardians.c.details_sealed, own)
        .join(guardians, guardians.c.id == guardian_links.c.guardian)
        .outerjoin(members, members.c.id == guardians.c.member)
        .where(guardian_links.c.member.in_(children))
        .order_by(guardians.c.id)
    )
    found: dict[tuple[str, str], str] = {}
    for row in conn.execute(query):
        details = open_details(vault, row.own) if row.own else guardian_details(vault, row.details_sealed)
        found.setdefault((row.member, f"{details.first} {details.last}"), row.id)
    return found
