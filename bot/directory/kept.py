"""Plan-Net resources kept as last read, so that a file of changes alone can be put together with the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec
from sqlalchemy import Connection, Engine, delete, select, text

from bot.directory.plan_net_records import (
    Affiliation,
    Location,
    Organization,
    PlanNetRecord,
    Practitioner,
    Reference,
    Role,
    Service,
)
from bot.directory.report import Where
from bot.directory.shelf import Packed, Shelf
from bot.directory.surroundings import Surroundings
from bot.records.tables import directory_resources as kept

_AT_ONCE = 2_000

_AROUND: dict[str, type[Location | Organization | Service | Affiliation]] = {
    "place": Location,
    "org": Organization,
    "service": Service,
    "member": Affiliation,
}
_UPSERT = text(
    "INSERT INTO directory_resources (feed, kind, id, owner, updated, packed)"
    " VALUES (:feed, :kind, :id, :owner, :updated, :packed)"
    " ON CONFLICT (feed, kind, id) DO UPDATE SET owner = excluded.owner, updated = excluded.updated,"
    " packed = excluded.packed WHERE directory_resources.packed <> excluded.packed"
)


def packed_around(around: Surroundings) -> Iterator[Packed]:
    """What roles refer to, packed."""
    every: Mapping[str, Mapping[str, Location | Organization | Service | Affiliation]] = {
        "place": around.locations,
        "org": around.organizations,
        "service": around.services,
        "member": around.affiliations,
    }
    for kind, records in every.items():
        for record in records.values():
            yield Packed(kind, record.id, "", record.updated, pack(record))


def packed_people(practitioners: Iterable[Practitioner], roles: Iterable[Role]) -> Iterator[Packed]:
    """People and what they do, packed."""
    for one in practitioners:
        yield Packed("person", one.id, one.npi or one.id, one.updated, pack(one))
    for role in roles:
        yield Packed("role", role.id, role.practitioner.id if role.practitioner else "", role.updated, pack(role))


def pack(record: PlanNetRecord) -> bytes:
    """Without where it stood: that is another place in every file."""
    return msgspec.msgpack.encode(msgspec.structs.replace(record, where=Where("", 0, record.where.resource)))


def keep(conn: Connection, feed: str, records: Iterable[Packed]) -> None:
    """Keep these as they are now."""
    rows = [one._asdict() | {"feed": feed} for one in records]
    if rows:
        conn.execute(_UPSERT, rows)


def batched(records: Iterable[Packed]) -> Iterator[list[Packed]]:
    records = iter(records)
    while batch := list(islice(records, _AT_ONCE)):
        yield batch


def complete(conn: Connection, feed: str, shelf: Shelf, around: Surroundings, full: bool) -> int:
    """Put beside what was read now what was read before: how many records were older than that, and gave way to it.

    A full file needs nothing but the newer ones."""
    if conn.execute(select(kept.c.id).where(kept.c.feed == feed).limit(1)).first() is None:
        return 0
    named = _ids_around(around)
    older = _newer_people(conn, feed, shelf) + _complete_around(conn, feed, around, full)
    if not full:
        shelf.touch_all_here()
        shelf.touch(_whom_it_concerns(conn, feed, named))
        _complete_people(conn, feed, shelf)
    return older


def _ids_around(around: Surroundings) -> set[str]:
    return {*around.locations, *around.organizations, *around.services, *around.affiliations} | {
        affiliation.organization.id for affiliation in around.affiliations.values() if affiliation.organization
    }


def _newer_people(conn: Connection, feed: str, shelf: Shelf) -> int:
    older = 0
    for kind in ("person", "role"):
        for ids in shelf.ids(kind):
            read = shelf.updated(kind, ids)
            for one in _select(conn, feed, kind, "id", ids):
                if "" < read[one.id] < one.updated:
                    shelf.add(one, instead=True)
                    older += 1
    return older


def _complete_around(conn: Connection, feed: str, around: Surroundings, full: bool) -> int:
    older = 0
    for kind, of_type in _AROUND.items():
        rows = conn.execute(select(kept.c.packed).where(kept.c.feed == feed, kept.c.kind == kind))
        for (packed,) in rows:
            older += around.keep_before(msgspec.msgpack.decode(packed, type=of_type), only_newer=full)
    return older


def _whom_it_concerns(conn: Connection, feed: str, named: Collection[str]) -> Iterator[str]:
    """The practitioners of roles that refer to any of these."""
    if not named:
        return
    rows = conn.execute(
        select(kept.c.packed).where(kept.c.feed == feed, kept.c.kind == "role").execution_options(yield_per=_AT_ONCE)
    )
    for (packed,) in rows:
        role = msgspec.msgpack.decode(packed, type=Role)
        references: Sequence[Reference | None] = (*role.locations, *role.services, *role.networks, role.organization)
        if role.practitioner and any(one and one.id in named for one in references):
            yield role.practitioner.id


def _complete_people(conn: Connection, feed: str, shelf: Shelf) -> None:
    for ids in shelf.touched():
        for one in _select(conn, feed, "person", "id", ids):
            shelf.add(one)
    for ids in shelf.providers():  # two practitioners with one NPI are one provider
        same = list(_select(conn, feed, "person", "owner", ids))
        shelf.touch(one.id for one in same)
        for one in same:
            shelf.add(one)
    for ids in shelf.touched():
        for one in _select(conn, feed, "role", "owner", ids):
            shelf.add(one)
    for one in _select(conn, feed, "role", "owner", [""]):  # of clinics
        shelf.add(one)


def _select(conn: Connection, feed: str, kind: str, column: str, values: Collection[str]) -> list[Packed]:
    c = kept.c
    rows = select(c.kind, c.id, c.owner, c.updated, c.packed).where(c.feed == feed, c.kind == kind)
    return [Packed(*row) for row in conn.execute(rows.where(c[column].in_(values)))]


def forget_vanished(engine: Engine, feed: str, shelf: Shelf, around: Surroundings) -> None:
    """After a full file: what is not in it is kept no longer."""
    here: Mapping[str, Collection[str]] = {
        "place": around.locations,
        "org": around.organizations,
        "service": around.services,
        "member": around.affiliations,
    }
    for kind in ("person", "role", *_AROUND):
        after = ""
        while True:
            with engine.begin() as conn:
                mine = (kept.c.feed == feed) & (kept.c.kind == kind)
                page = select(kept.c.id).where(mine, kept.c.id > after).order_by(kept.c.id).limit(_AT_ONCE)
                ids = list(conn.scalars(page))
                if not ids:
                    break
                known = here[kind] if kind in here else shelf.updated(kind, ids)
                gone = [one for one in ids if one not in known]
                if gone:
                    conn.execute(delete(kept).where(mine, kept.c.id.in_(gone)))
                after = ids[-1]
