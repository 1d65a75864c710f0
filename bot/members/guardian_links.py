"""Writes the guardians a members file names and links the children to them.

One guardian is recognised again by their member ID, else by name and phone together; by name alone only for one child,
because two people of one name must never reach each other's children.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import msgspec
from sqlalchemy import Connection, Select, and_, insert, select, update

from bot.members.household import GUARDIAN_PLACE, GuardianDetails
from bot.members.member_rows import GuardianClaim
from bot.members.roster import name_index, open_details, phone_index
from bot.records.tables import guardian_links, guardians, members
from bot.vault import Vault

_Facts = tuple[str, date | None]  # relationship, last day


@dataclass(slots=True)
class OnFile:
    """What is on file of a batch of children and the guardians they name by member ID, asked for once and not by child;
    and what is to be written of them, by `write_new`."""

    guardians: dict[str, str]  # member_id_index of a guardian -> the id of the guardian (ours)
    members: dict[str, tuple[str, bytes]]  # likewise, of members who are no guardian yet -> their id, details_sealed
    links: dict[tuple[str, str], _Facts]  # by child and guardian
    new_guardians: list[dict[str, object]] = field(default_factory=list)
    new_links: dict[tuple[str, str], _Facts] = field(default_factory=dict)


def on_file(conn: Connection, indexes: Collection[str], plans: Collection[str], children: Collection[str]) -> OnFile:
    """`indexes`: member_id_index of the guardians named; `children`: our ids."""
    named = (
        select(members.c.member_id_index, members.c.id, members.c.details_sealed, guardians.c.id.label("guardian"))
        .outerjoin(guardians, guardians.c.member == members.c.id)
        .where(members.c.plan.in_(plans), members.c.member_id_index.in_(indexes))
        .order_by(guardians.c.id.desc())  # of two records of one person the lowest id stays
    )
    found = conn.execute(named).all() if indexes else []
    linked = select(guardian_links).where(guardian_links.c.member.in_(children))
    return OnFile(
        {row.member_id_index: row.guardian for row in found if row.guardian is not None},
        {row.member_id_index: (row.id, row.details_sealed) for row in found if row.guardian is None},
        {(row.member, row.guardian): (row.relationship, row.expires) for row in conn.execute(linked)},
    )


def guardian_who_is_a_member(vault: Vault, known: OnFile, index: str) -> str | None:
    """The id of the guardian with this member_id_index, made if new; None if no such member is on file."""
    if index in known.members:
        member, sealed = known.members.pop(index)
        own = open_details(vault, sealed)
        known.guardians[index] = _add(vault, known, member, GuardianDetails(own.first, own.last, own.phone))
    return known.guardians.get(index)


def guardian_by_name(conn: Connection, vault: Vault, known: OnFile, child: str, claim: GuardianClaim) -> str:
    """The id of the guardian claimed for this child (our id), made if new."""
    claimed = GuardianDetails(claim.first, claim.last, claim.phone)
    write_new(conn, known)  # one of them may be who is meant
    return conn.scalar(_same_guardian(vault, child, claimed)) or _add(vault, known, None, claimed)


def link_child(conn: Connection, known: OnFile, child: str, guardian: str, claim: GuardianClaim) -> bool:
    """Make the link as claimed; True if that changed anything. A new one is written by `write_new`."""
    this, facts = (child, guardian), (claim.relationship, claim.ends)
    before = known.links.get(this)
    if before == facts:
        return False
    if before is None or this in known.new_links:
        known.new_links[this] = facts
    else:
        own = and_(guardian_links.c.member == child, guardian_links.c.guardian == guardian)
        conn.execute(update(guardian_links).where(own).values(relationship=claim.relationship, expires=claim.ends))
    known.links[this] = facts
    return True


def write_new(conn: Connection, known: OnFile) -> None:
    """Write the guardians and links that are new."""
    if known.new_guardians:
        conn.execute(insert(guardians), known.new_guardians)
    if known.new_links:
        rows = [
            {"member": child, "guardian": guardian, "relationship": relationship, "expires": ends}
            for (child, guardian), (relationship, ends) in known.new_links.items()
        ]
        conn.execute(insert(guardian_links), rows)
    known.new_guardians.clear()
    known.new_links.clear()


def _same_guardian(vault: Vault, child: str, claimed: GuardianDetails) -> Select[str]:
    same_name = (
        select(guardians.c.id)
        .where(guardians.c.name_index == name_index(vault, claimed.first, claimed.last), guardians.c.member.is_(None))
        .order_by(guardians.c.id)
        .limit(1)
    )
    if claimed.phone:
        return same_name.where(guardians.c.phone_index == phone_index(vault, claimed.phone))
    of_this_child = same_name.join(guardian_links, guardian_links.c.guardian == guardians.c.id)
    return of_this_child.where(guardian_links.c.member == child, guardians.c.phone_index.is_(None))


def _add(vault: Vault, known: OnFile, own_member: str | None, details: GuardianDetails) -> str:
    guardian = secrets.token_hex(16)
    row: dict[str, object] = {
        "id": guardian,
        "name_index": name_index(vault, details.first, details.last),
        "phone_index": phone_index(vault, details.phone) if details.phone else None,
        "details_sealed": vault.seal(msgspec.msgpack.encode(details), GUARDIAN_PLACE),
        "member": own_member,
    }
    known.new_guardians.append(row)
    return guardian
