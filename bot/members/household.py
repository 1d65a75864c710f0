"""Who may speak for whom: guardians on file, the children they reach, and the people one conversation may be about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
from sqlalchemy import ColumnElement, Connection, or_, select

from bot.members.names import name_distance
from bot.members.roster import Member, age, comes_of_age, is_minor, member, open_details, read_member
from bot.records.tables import guardian_links, guardians, members
from bot.vault import Vault

GUARDIAN_PLACE = "guardians.details"


class GuardianDetails(msgspec.Struct, frozen=True):
    """What is on file of a guardian; sealed as a whole. Of one who is a member, the member's own details count."""

    first: str
    last: str
    phone: str = ""  # E.164


@dataclass(frozen=True, slots=True)
class Guardian:
    """Someone on file for a child. `member` is their own member id where they are a member too."""

    id: str
    details: GuardianDetails
    member: str | None
    relationship: str  # parent, guardian, representative
    expires: date | None  # the last day


@dataclass(frozen=True, slots=True)
class Person:
    """Someone a conversation may be about. `self`: the speaker; otherwise a child the speaker answers for."""

    id: str
    first: str
    age: int
    sex: str
    self: bool
    until: date | None = None  # the first day on which the speaker may not speak for them any more


def guardians_of(conn: Connection, vault: Vault, member_id: str, on: date) -> list[Guardian]:
    """Who may speak for this child on that day: nobody once the child is 18, whatever the link says."""
    child = member(conn, vault, member_id)
    if child is None or not is_minor(child.details, on):
        return []
    rows = conn.execute(
        select(
            guardians,
            guardian_links.c.relationship,
            guardian_links.c.expires,
            members.c.details_sealed.label("own_details_sealed"),
        )
        .join(guardian_links, guardian_links.c.guardian == guardians.c.id)
        .outerjoin(members, members.c.id == guardians.c.member)
        .where(guardian_links.c.member == member_id, _live(on))
        .order_by(guardians.c.id)
    )
    return [
        Guardian(
            row.id,
            _details(vault, row.details_sealed, row.own_details_sealed),
            row.member,
            row.relationship,
            row.expires,
        )
        for row in rows
    ]


def _details(vault: Vault, sealed: bytes, own_sealed: bytes | None) -> GuardianDetails:
    if own_sealed is None:
        return guardian_details(vault, sealed)
    own = open_details(vault, own_sealed)
    return GuardianDetails(own.first, own.last, own.phone)


def guardian_details(vault: Vault, sealed: bytes) -> GuardianDetails:
    return msgspec.msgpack.decode(vault.open(sealed, GUARDIAN_PLACE), type=GuardianDetails)


def children_of(conn: Connection, vault: Vault, guardian_id: str, on: date) -> list[Member]:
    """The members under 18 this guardian may speak for on that day, oldest first."""
    return [child for child, _ in _children(conn, vault, guardian_id, on)]


def _children(conn: Connection, vault: Vault, guardian_id: str, on: date) -> list[tuple[Member, date]]:
    """Each with the first day on which it is no longer so: they are 18, or the guardianship has ended."""
    rows = conn.execute(
        select(members, guardian_links.c.expires)
        .join(guardian_links, guardian_links.c.member == members.c.id)
        .where(guardian_links.c.guardian == guardian_id, _live(on))
    )
    children = [(read_member(vault, row), row.expires) for row in rows]
    minors = [(child, _until(child, expires)) for child, expires in children if is_minor(child.details, on)]
    return sorted(minors, key=lambda minor: (minor[0].details.birth_date, minor[0].details.first, minor[0].id))


def _until(child: Member, expires: date | None) -> date:
    of_age = comes_of_age(child.details.birth_date)
    return of_age if expires is None else min(of_age, expires + timedelta(days=1))


def _live(on: date) -> ColumnElement[bool]:
    return or_(guardian_links.c.expires.is_(None), guardian_links.c.expires >= on)


def household(
    conn: Connection, vault: Vault, member_id: str, guardian_id: str | None, today: date
) -> tuple[Person, ...]:
    """Everyone the speaker may talk about, given whose keys they gave (`member_id`) and as whom (`guardian_id`).

    With their own keys (no guardian, or a guardian who is that member): themselves and the children on file with them.
    With a child's keys: the children on file with that guardian only. Those keys do not prove who the guardian is well
    enough to open the guardian's own record, where they are a member (design 5: keys before anything about a member).
    """
    speaker = member(conn, vault, member_id)
    if speaker is None:
        return ()
    as_guardian = own_guardian_ids(conn, member_id)
    with_own_keys = guardian_id is None or guardian_id in as_guardian
    speaks_as = as_guardian if with_own_keys else [guardian_id] if guardian_id else []
    found = {person.id: person for person in _people(conn, vault, speaker if with_own_keys else None, speaks_as, today)}
    return tuple(found.values())


def _people(
    conn: Connection, vault: Vault, speaker: Member | None, guardian_ids: list[str], today: date
) -> Iterator[Person]:
    for guardian_id in guardian_ids:
        for child, until in _children(conn, vault, guardian_id, today):
            yield _person(child, today, until)
    if speaker is not None:
        yield _person(speaker, today, None)


def _person(who: Member, today: date, until: date | None) -> Person:
    details = who.details
    return Person(who.id, details.first, age(details.birth_date, today), details.sex, until is None, until)


def own_guardian_ids(conn: Connection, member_id: str) -> list[str]:
    """The guardian records of a member who is a guardian too."""
    return list(conn.scalars(select(guardians.c.id).where(guardians.c.member == member_id).order_by(guardians.c.id)))


def match_guardian(conn: Connection, vault: Vault, member_id: str, typed_name: str, today: date) -> str | None:
    """The guardian on file for this child whose name was typed (see `name_distance`), or None.

    An exact name wins over one with a typo; of two alike, the one who is a member.
    """
    ranked = []
    for guardian in guardians_of(conn, vault, member_id, today):
        distance = name_distance(typed_name, guardian.details.first, guardian.details.last)
        if distance is not None:
            ranked.append((distance, guardian.member is None, guardian.id))
    return min(ranked)[2] if ranked else None
