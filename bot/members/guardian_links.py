"""Writes the guardians a members file names and links the children to them.

One guardian is recognised again by their member ID, else by name and phone together; by name alone only for one child,
because two people of one name must never reach each other's children.
"""

from __future__ import annotations

import secrets

import msgspec
from sqlalchemy import Connection, Select, and_, insert, select, update

from bot.members.household import GUARDIAN_PLACE, GuardianDetails
from bot.members.member_rows import GuardianClaim
from bot.members.roster import find_by_member_id, name_index, phone_index
from bot.records.tables import guardian_links, guardians
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


def link_child(conn: Connection, child: str, guardian: str, claim: GuardianClaim) -> bool:
    """Write the link as claimed; True if that changed anything."""
    this = and_(guardian_links.c.member == child, guardian_links.c.guardian == guardian)
    facts = {"relationship": claim.relationship, "expires": claim.ends}
    on_file = conn.execute(select(guardian_links.c.relationship, guardian_links.c.expires).where(this)).first()
    if on_file is None:
        conn.execute(insert(guardian_links).values(member=child, guardian=guardian, **facts))
        return True
    if (on_file.relationship, on_file.expires) == (claim.relationship, claim.ends):
        return False
    conn.execute(update(guardian_links).where(this).values(facts))
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
