"""Writes the guardians a members file names and links the children to them.

One guardian is recognised again by their member ID, else by name and phone together; by name alone only for one child,
because two people of one name must never reach each other's children.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import Connection, Select, and_, insert, select, update

from bot.members.household import GUARDIAN_PLACE, GuardianDetails
from bot.members.member_rows import GuardianClaim
from bot.members.roster import find_by_member_id, name_index, phone_index
from bot.records.tables import guardian_links, guardians, members
from bot.vault import Vault


def guardian_for(conn: Connection, vault: Vault, child: str, plan: str, claim: GuardianClaim) -> str | None:
    """The id of the guardian claimed for this child (our id), made if new; None if their member ID is not on file."""
    if not claim.member_id:
        return _known_or_new(conn, vault, child, None, GuardianDetails(claim.first, claim.last, claim.phone))
    member = find_by_member_id(conn, vault, plan, claim.member_id)
    if member is None:
        return None
    own = member.details
    return _known_or_new(conn, vault, child, member.id, GuardianDetails(own.first, own.last, own.phone))


@dataclass(slots=True)
class OnFile:
    """What is on file of a batch of children and the guardians they name by member ID: asked for once, not by child."""

    guardians: dict[str, str]  # member_id_index of a guardian -> the id of the guardian (ours)
    links: dict[tuple[str, str], tuple[str, date | None]]  # child, guardian -> relationship, last day


def on_file(conn: Connection, indexes: Collection[str], plans: Collection[str], children: Collection[str]) -> OnFile:
    """`indexes`: member_id_index of the guardians named; `children`: our ids."""
    named = (
        select(members.c.member_id_index, guardians.c.id)
        .join(guardians, guardians.c.member == members.c.id)
        .where(members.c.plan.in_(plans), members.c.member_id_index.in_(indexes))
        .order_by(guardians.c.id.desc())  # of two records of one person the lowest id stays, as in `guardian_for`
    )
    linked = select(guardian_links).where(guardian_links.c.member.in_(children))
    return OnFile(
        {row.member_id_index: row.id for row in conn.execute(named)} if indexes else {},
        {(row.member, row.guardian): (row.relationship, row.expires) for row in conn.execute(linked)},
    )


def link_child(conn: Connection, known: OnFile, child: str, guardian: str, claim: GuardianClaim) -> bool:
    """Write the link as claimed; True if that changed anything. `known` is kept up to date."""
    facts = (claim.relationship, claim.ends)
    before = known.links.get((child, guardian))
    if before == facts:
        return False
    values = {"relationship": claim.relationship, "expires": claim.ends}
    if before is None:
        conn.execute(insert(guardian_links).values(member=child, guardian=guardian, **values))
    else:
        this = and_(guardian_links.c.member == child, guardian_links.c.guardian == guardian)
        conn.execute(update(guardian_links).where(this).values(values))
    known.links[child, guardian] = facts
    return True


def _known_or_new(conn: Connection, vault: Vault, child: str, own_member: str | None, claimed: GuardianDetails) -> str:
    known = conn.scalar(_same_guardian(vault, child, own_member, claimed))
    return known or _add_guardian(conn, vault, own_member, claimed)


def _same_guardian(vault: Vault, child: str, own_member: str | None, claimed: GuardianDetails) -> Select[str]:
    query = select(guardians.c.id).order_by(guardians.c.id).limit(1)
    if own_member is not None:
        return query.where(guardians.c.member == own_member)
    same_name = query.where(
        guardians.c.name_index == name_index(vault, claimed.first, claimed.last), guardians.c.member.is_(None)
    )
    if claimed.phone:
        return same_name.where(guardians.c.phone_index == phone_index(vault, claimed.phone))
    of_this_child = same_name.join(guardian_links, guardian_links.c.guardian == guardians.c.id)
    return of_this_child.where(guardian_links.c.member == child, guardians.c.phone_index.is_(None))


def _add_guardian(conn: Connection, vault: Vault, own_member: str | None, details: GuardianDetails) -> str:
    guardian = secrets.token_hex(16)
    row = {
        "id": guardian,
        "name_index": name_index(vault, details.first, details.last),
        "phone_index": phone_index(vault, details.phone) if details.phone else None,
        "details_sealed": vault.seal(msgspec.msgpack.encode(details), GUARDIAN_PLACE),
        "member": own_member,
    }
    conn.execute(insert(guardians).values(row))
    return guardian
