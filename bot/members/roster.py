"""The members on file and the ways to find one. What identifies a person is sealed; look-ups go by keyed hash."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import Connection, Row, bindparam, select

from bot.members.names import plain
from bot.records.tables import members
from bot.vault import Vault

PLACE = "members.details"
ADULT_AGE = 18


class Details(msgspec.Struct, frozen=True):
    """What the plan's roster says of a member; sealed as a whole. Empty strings where the roster says nothing."""

    member_id: str  # the plan's own ID, as `normal_member_id` writes it
    first: str
    last: str
    birth_date: str  # ISO date
    sex: str = ""  # F, M or empty
    zip: str = ""  # five digits
    address: str = ""
    city: str = ""
    state: str = ""
    phone: str = ""  # E.164
    email: str = ""
    language: str = ""  # as the roster has it, lower case; Member.language is the one we speak


@dataclass(frozen=True, slots=True)
class Member:
    """A member on file. `version` is the fence for facts about them."""

    id: str
    plan: str
    details: Details
    language: str  # en or es
    benefits_begin: date | None
    benefits_end: date | None  # the last day
    pmp_provider: str | None
    version: int


def find_by_member_id(conn: Connection, vault: Vault, plan: str, member_id: str) -> Member | None:
    """The member of `plan` (a plan id) with this ID of the plan's, however it is spaced."""
    index = member_id_index(vault, plan, member_id)
    row = conn.execute(select(members).where(members.c.plan == plan, members.c.member_id_index == index))
    return _first(vault, row.first())


def find_by_phone(conn: Connection, vault: Vault, phone: str) -> list[Member]:
    """Every member whose phone on file is this one (E.164). A phone on file proves nothing about who holds it."""
    rows = conn.execute(
        select(members).where(members.c.phone_index == phone_index(vault, phone)).order_by(members.c.id)
    )
    return [read_member(vault, row) for row in rows]


def member(conn: Connection, vault: Vault, member_id: str) -> Member | None:
    """The member with this id of ours (not the plan's ID)."""
    return _first(vault, conn.execute(_MEMBER, {"this": member_id}).first())


def members_among(conn: Connection, vault: Vault, ids: Collection[str]) -> dict[str, Member]:
    """Of these ids of ours, at most some thousands, those that are members'."""
    rows = conn.execute(select(members).where(members.c.id.in_(ids)))
    return {row.id: read_member(vault, row) for row in rows}


_MEMBER = select(members).where(members.c.id == bindparam("this"))


def _first(vault: Vault, row: Row[tuple[object, ...]] | None) -> Member | None:
    return None if row is None else read_member(vault, row)


def read_member(vault: Vault, row: Row[tuple[object, ...]]) -> Member:
    """A row of `members` as a Member. Raises SealBroken where the keys are not those it was written with."""
    return Member(
        id=row.id,
        plan=row.plan,
        details=open_details(vault, row.details_sealed),
        language=row.language,
        benefits_begin=row.benefits_begin,
        benefits_end=row.benefits_end,
        pmp_provider=row.pmp_provider,
        version=row.version,
    )


def seal_details(vault: Vault, details: Details) -> bytes:
    return vault.seal(msgspec.msgpack.encode(details), PLACE)


def open_details(vault: Vault, sealed: bytes) -> Details:
    return msgspec.msgpack.decode(vault.open(sealed, PLACE), type=Details)


def normal_member_id(text: str) -> str:
    """A member ID as it is stored and compared: no spaces or hyphens, capitals."""
    return re.sub(r"[\s\-]+", "", text).upper()


def member_id_index(vault: Vault, plan: str, member_id: str) -> str:
    return vault.index("member_id", f"{plan}:{normal_member_id(member_id)}")


def phone_index(vault: Vault, phone: str) -> str:
    return vault.index("phone", phone)


def name_index(vault: Vault, first: str, last: str) -> str:
    return vault.index("name", plain(f"{first} {last}"))


def age(birth_date: str, today: date) -> int:
    """Completed years. Someone born on 29 February has their birthday on 1 March in other years."""
    born = date.fromisoformat(birth_date)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def comes_of_age(birth_date: str) -> date:
    """The first day on which `is_minor` is no longer so."""
    born = date.fromisoformat(birth_date)
    leap_day = (born.month, born.day) == (2, 29)
    return date(born.year + ADULT_AGE, 3, 1) if leap_day else born.replace(year=born.year + ADULT_AGE)


def is_minor(details: Details, today: date) -> bool:
    return age(details.birth_date, today) < ADULT_AGE
