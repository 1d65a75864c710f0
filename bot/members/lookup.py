"""Staff look members up by what they are told on the telephone: a member ID, a phone number or a full name, the
member's own or a guardian's. Exact, by keyed hash: nothing is opened that was not asked for."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import islice

import phonenumbers
from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from bot.flow import Plan
from bot.members.names import plain
from bot.members.roster import Member, member_id_index, name_index, phone_index, read_member
from bot.records.tables import guardian_links, guardians, members
from bot.vault import Vault

MOST_FOUND = 100
_LONGEST = 200  # characters that are looked at
_REGION = "US"


def find(conn: Connection, vault: Vault, plans: Mapping[str, Plan], what: str) -> tuple[Member, ...]:
    """The members of these plans whom `what` identifies, then those whose guardian's name or phone it is; each once, at
    most MOST_FOUND. Digits are tried as member ID and as phone; a name also as "Last, First"."""
    asked = what.strip()[:_LONGEST]
    if not asked:
        return ()
    phones = [phone_index(vault, phone) for phone in _phones(asked)]
    names = [name_index(vault, first, last) for first, last in _names(asked)]
    by_id = _members(conn, vault, plans, _has_id(vault, plans, asked))
    themselves = _members(conn, vault, plans, or_(members.c.phone_index.in_(phones), members.c.name_index.in_(names)))
    speakers = _guardians(conn, [one.id for one in themselves], phones, names)
    found = (*by_id, *themselves, *_children(conn, vault, plans, speakers))
    return tuple({one.id: one for one in found}.values())[:MOST_FOUND]


def _phones(asked: str) -> Iterator[str]:
    """In E.164, if it can be a phone number at all."""
    try:
        number = phonenumbers.parse(asked, _REGION)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_possible_number(number):
        yield phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _names(asked: str) -> Iterator[tuple[str, str]]:
    if not plain(asked):
        return
    yield asked, ""
    last, comma, first = asked.partition(",")
    if comma:
        yield first, last


def _has_id(vault: Vault, plans: Iterable[str], asked: str) -> ColumnElement[bool]:
    m = members.c
    each = (and_(m.plan == plan, m.member_id_index == member_id_index(vault, plan, asked)) for plan in plans)
    return or_(false(), *each)


def _guardians(conn: Connection, found: list[str], phones: list[str], names: list[str]) -> list[str]:
    """Those it names, and those who are among the members it names."""
    g = guardians.c
    matches = or_(g.member.in_(found), g.phone_index.in_(phones), g.name_index.in_(names))
    return list(conn.scalars(select(g.id).where(matches).order_by(g.id).limit(MOST_FOUND)))


def _children(conn: Connection, vault: Vault, plans: Container[str], of: list[str]) -> list[Member]:
    """All on file with them, of whatever age: staff see in the member's view who may speak for whom."""
    theirs = select(guardian_links.c.member).where(guardian_links.c.guardian.in_(of))
    return _members(conn, vault, plans, members.c.id.in_(theirs))


def _members(conn: Connection, vault: Vault, plans: Container[str], which: ColumnElement[bool]) -> list[Member]:
    """Only those of the plans are opened. (In SQL, the plans would be what SQLite searches by: everybody.)"""
    rows = conn.execute(select(members).where(which).order_by(members.c.id))
    return [read_member(vault, row) for row in islice((row for row in rows if row.plan in plans), MOST_FOUND)]
