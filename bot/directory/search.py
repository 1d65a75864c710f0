"""Finding a primary medical provider: in network, taking new patients, right for the age, nearest or likest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, radians
from typing import Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, false, func, literal, or_, select

from bot.directory.distance import AREA, CELL, MILES_PER_DEGREE, miles_between, squares_within
from bot.directory.name_search import Where, likest
from bot.directory.taxonomy import Kind, kinds_right_for
from bot.directory.zips import Place, place
from bot.records.tables import provider_sites as sites
from bot.records.tables import providers

FARTHEST_MILES = 30.0  # a place beyond this is not "near"; a search by name has no limit

# Widening circles: where providers are many, the search ends in the first, a few squares of the index.
_CIRCLES = ((0.7, CELL), (2.5, CELL), (6.0, AREA), (14.0, AREA), (FARTHEST_MILES, AREA))

WhyNone = Literal["no_match", "not_accepting", "no_place"]


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a member looks for. `age` in whole years; `sex` "F" or "M"; None: not known, nothing is left out for it.

    allow_family_only: also those who take only family members of their patients."""

    networks: tuple[str, ...]
    kinds: tuple[Kind, ...] = ()
    name: str = ""
    zip: str = ""
    languages: tuple[str, ...] = ()
    gender: str = ""
    age: int | None = None
    sex: str | None = None
    allow_family_only: bool = False
    limit: int = 3
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """One provider at the one place that suits best. `miles` only where a ZIP code was given."""

    provider: str
    name: str
    credential: str
    kinds: tuple[str, ...]
    practice: str
    street: str
    city: str
    state: str
    zip: str
    phone: str
    languages: tuple[str, ...]
    gender: str
    accepting: str
    miles: float | None


def search(conn: Connection, criteria: Criteria) -> list[Match]:
    """The matches from `offset` on, at most `limit`, each provider once, always in the same order.

    With a name: likest first, then nearest. Else with a ZIP code: nearest first, within 30 miles. Else by id."""
    return _found(conn, criteria, _suits(criteria) & _accepts(criteria))


def _found(conn: Connection, criteria: Criteria, condition: ColumnElement[bool]) -> list[Match]:
    if criteria.name:
        return _by_name(conn, criteria, condition)
    if criteria.zip:
        centre = place(criteria.zip)
        return _near(conn, criteria, condition, centre) if centre else []
    page = select(sites.c.provider).where(condition).distinct().order_by(sites.c.provider)
    ids = conn.scalars(page.limit(criteria.limit).offset(criteria.offset)).all()
    return _matches(conn, ids, condition, None)


def why_none(conn: Connection, criteria: Criteria) -> WhyNone:
    """Why a search came back empty: no such ZIP code, only providers who take nobody new, or none at all."""
    if criteria.zip and place(criteria.zip) is None:
        return "no_place"
    anyone = replace(criteria, limit=1, offset=0)
    return "not_accepting" if _found(conn, anyone, _suits(anyone)) else "no_match"


def details(conn: Connection, provider_id: str, networks: tuple[str, ...], zip: str = "") -> Match | None:
    """One provider in these networks, taking new patients or not; None where there is none (any more)."""
    condition = sites.c.network.in_(networks)
    return next(iter(_matches(conn, [provider_id], condition, place(zip))), None)


def provider_name(conn: Connection, provider_id: str) -> str | None:
    """The name as shown, also of a provider who has left; None for an id never met."""
    return conn.scalar(select(providers.c.name).where(providers.c.id == provider_id))


# --- conditions ------------------------------------------------------------------------------------------------------


def _accepts(criteria: Criteria) -> ColumnElement[bool]:
    """Taking new patients. A directory that says nothing at all of a site ("unknown") does not close it."""
    words = ["newpt", "unknown"] + (["existptfam"] if criteria.allow_family_only else [])
    return sites.c.accepting.in_(words)


def _suits(criteria: Criteria) -> ColumnElement[bool]:
    """Everything asked for but the name, the place and whether new patients are taken."""
    # Only a place is looked up by network. Otherwise SQL must come from the providers to their sites; SQLite would
    # rather look through all sites of the network, and has no index to do so by `network || ''`.
    by_place = criteria.zip and not criteria.name
    network = sites.c.network if by_place else sites.c.network.concat("")
    condition: ColumnElement[bool] = network.in_(criteria.networks)
    if criteria.kinds:
        possible = kinds_right_for(criteria.kinds, criteria.age, criteria.sex)
        condition &= or_(false(), *(_holds(sites.c.kinds, kind) for kind in possible))
    for language in criteria.languages:
        condition &= _holds(sites.c.languages, language)
    if criteria.gender:
        condition &= sites.c.gender == criteria.gender
    if criteria.age is not None:
        condition &= (sites.c.from_age <= criteria.age) & (sites.c.to_age >= criteria.age)
    if criteria.sex == "M":
        condition &= sites.c.women_only.is_(False)
    return condition


def _holds(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return column.contains(f" {word} ", autoescape=True)


# --- nearest first ---------------------------------------------------------------------------------------------------


def _near(conn: Connection, criteria: Criteria, condition: ColumnElement[bool], centre: Place) -> list[Match]:
    wanted = criteria.offset + criteria.limit
    ids: Sequence[str] = ()
    for miles, size in _CIRCLES:
        ids = _nearest(conn, condition, centre, miles, size, wanted)
        if len(ids) == wanted:
            break
    return _matches(conn, ids[criteria.offset :], condition, centre)


def _nearest(
    conn: Connection, condition: ColumnElement[bool], centre: Place, miles: float, size: float, wanted: int
) -> Sequence[str]:
    """Ids of the nearest providers within the circle; places equally far are told apart by the id."""
    square_column = sites.c.cell if size == CELL else sites.c.area
    squares = squares_within(centre.latitude, centre.longitude, miles, size)
    distance = func.min(_squared_degrees(centre))
    near = (
        select(sites.c.provider)
        .where(condition, square_column.in_(squares))
        .group_by(sites.c.provider)
        .having(distance <= (miles / MILES_PER_DEGREE) ** 2)
        .order_by(distance, sites.c.provider)
        .limit(wanted)
    )
    return conn.scalars(near).all()


def _squared_degrees(centre: Place) -> ColumnElement[float]:
    """Distance in degrees of latitude, squared; a flat earth is exact enough for thirty miles."""
    shrunk = cos(radians(centre.latitude))
    up = sites.c.latitude - literal(centre.latitude)
    across = (sites.c.longitude - literal(centre.longitude)) * literal(shrunk)
    return up * up + across * across


# --- likest first ----------------------------------------------------------------------------------------------------


def _by_name(conn: Connection, criteria: Criteria, condition: ColumnElement[bool]) -> list[Match]:
    """Likest first, then nearest, then by id. A member who names a doctor may have one farther away in mind."""
    centre = place(criteria.zip)
    distance = func.min(_squared_degrees(centre)) if centre else literal(0.0)
    ids = likest(conn, criteria.name, Where(condition, distance), criteria.offset + criteria.limit)
    return _matches(conn, ids[criteria.offset :], condition, centre)


# --- what is shown ---------------------------------------------------------------------------------------------------

_OPENEST = ("newpt", "unknown", "existptfam", "existptonly", "nopt")


def _matches(conn: Connection, ids: Sequence[str], condition: ColumnElement[bool], centre: Place | None) -> list[Match]:
    """These providers, in this order, each at its best site of those that meet the condition."""
    rows = conn.execute(
        select(sites, providers.c.name, providers.c.credential, providers.c.kinds.label("all_kinds"))
        .join(providers, providers.c.id == sites.c.provider)
        .where(sites.c.provider.in_(ids), providers.c.active.is_(True), condition)
    ).mappings()
    by_provider: defaultdict[str, list[Match]] = defaultdict(list)
    for row in rows:
        by_provider[row["provider"]].append(_match(row, centre))
    return [min(by_provider[who], key=_preference) for who in ids if who in by_provider]


def _preference(match: Match) -> tuple[float, int, str, str]:
    return match.miles or 0.0, _OPENEST.index(match.accepting), match.zip, match.street


def _match(row: RowMapping, centre: Place | None) -> Match:
    here = (row["latitude"], row["longitude"])
    return Match(
        provider=row["provider"],
        name=row["name"],
        credential=row["credential"],
        kinds=tuple(row["all_kinds"].split()),
        practice=row["practice"],
        street=row["street"],
        city=row["city"],
        state=row["state"],
        zip=row["zip"],
        phone=row["phone"],
        languages=tuple(row["languages"].split()),
        gender=row["gender"],
        accepting=row["accepting"],
        miles=miles_between(centre.latitude, centre.longitude, *here) if centre else None,
    )
