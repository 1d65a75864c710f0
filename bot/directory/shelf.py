"""Practitioners and their roles put aside on disk while a feed is read, so that its order and size do not matter."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from types import TracebackType

import msgspec

from bot.directory.plan_net_records import Practitioner, Role

_SCHEMA = """
CREATE TABLE practitioners (id TEXT PRIMARY KEY, provider TEXT, updated TEXT, packed BLOB) WITHOUT ROWID;
CREATE TABLE roles (id TEXT PRIMARY KEY, practitioner TEXT, updated TEXT, packed BLOB) WITHOUT ROWID;
"""
_KEEP_NEWEST = """
INSERT INTO {table} VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
SET {owner} = excluded.{owner}, updated = excluded.updated, packed = excluded.packed WHERE excluded.updated >= updated
"""
_GROUPED = """
SELECT p.provider, p.packed, r.packed FROM practitioners p LEFT JOIN roles r ON r.practitioner = p.id
ORDER BY p.provider, p.id, r.id
"""
_ORPHANS = "SELECT packed FROM roles WHERE practitioner NOT IN (SELECT id FROM practitioners) ORDER BY id"

Person = tuple[str, list[Practitioner], list[Role]]  # provider id, who that is, what they do


class Shelf:
    """A temporary database of its own; it is gone when closed."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("")  # "": a private file on disk that SQLite deletes
        self._rows.executescript(_SCHEMA)

    def __enter__(self) -> Shelf:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()

    def put_practitioner(self, practitioner: Practitioner) -> bool:
        """Keep it, or the one of the same id that was updated later; whether there was one."""
        owner = practitioner.npi or practitioner.id
        return self._put("practitioners", "provider", owner, practitioner)

    def put_role(self, role: Role) -> bool:
        """Keep it, or the one of the same id that was updated later; whether there was one."""
        owner = role.practitioner.id if role.practitioner else ""
        return self._put("roles", "practitioner", owner, role)

    def _put(self, table: str, owner_column: str, owner: str, record: Practitioner | Role) -> bool:
        known = self._rows.execute(f"SELECT 1 FROM {table} WHERE id = ?", (record.id,)).fetchone() is not None
        statement = _KEEP_NEWEST.format(table=table, owner=owner_column)
        self._rows.execute(statement, (record.id, owner, record.updated, msgspec.msgpack.encode(record)))
        return known

    def count(self) -> int:
        """How many practitioners are on the shelf."""
        return int(self._rows.execute("SELECT count(*) FROM practitioners").fetchone()[0])

    def people(self) -> Iterator[Person]:
        """Everyone with their roles, one provider id at a time."""
        self._rows.execute("CREATE INDEX IF NOT EXISTS role_of ON roles (practitioner)")
        for provider, rows in groupby(self._rows.execute(_GROUPED), key=lambda row: row[0]):
            practitioners: dict[bytes, Practitioner] = {}
            roles: list[Role] = []
            for _, practitioner, role in rows:
                if practitioner not in practitioners:
                    practitioners[practitioner] = msgspec.msgpack.decode(practitioner, type=Practitioner)
                if role is not None:
                    roles.append(msgspec.msgpack.decode(role, type=Role))
            yield str(provider), list(practitioners.values()), roles

    def orphans(self) -> Iterator[Role]:
        """Roles whose practitioner is not named or not there."""
        for (packed,) in self._rows.execute(_ORPHANS):
            yield msgspec.msgpack.decode(packed, type=Role)
