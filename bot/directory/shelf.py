"""Practitioners and their roles put aside on disk while a feed is read, so that its order and size do not matter."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from types import TracebackType
from typing import NamedTuple

import msgspec

from bot.directory.plan_net_records import Practitioner, Role

_BATCH = 2_000  # ids at a time, well under what a statement may name

_SCHEMA = """
CREATE TABLE practitioners (id TEXT PRIMARY KEY, provider TEXT, updated TEXT, packed BLOB) WITHOUT ROWID;
CREATE TABLE roles (id TEXT PRIMARY KEY, practitioner TEXT, updated TEXT, packed BLOB) WITHOUT ROWID;
CREATE TABLE touched (practitioner TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE seen (provider TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE skipped (file TEXT, line INTEGER, rule TEXT, PRIMARY KEY (file, line)) WITHOUT ROWID;
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
_TABLES = {"person": ("practitioners", "provider"), "role": ("roles", "practitioner")}


class Packed(NamedTuple):
    """A record as it is kept: kind "person" or "role", or one of bot.directory.kept."""

    kind: str
    id: str
    owner: str
    updated: str
    packed: bytes


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
        """How many practitioners are here."""
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

    # --- what was read before, added to a file of changes ---

    def updated(self, kind: str, ids: Collection[str]) -> dict[str, str]:
        """When those of these records that are here were last changed."""
        table, _ = _TABLES[kind]
        marks = ",".join("?" * len(ids))
        return dict(self._rows.execute(f"SELECT id, updated FROM {table} WHERE id IN ({marks})", tuple(ids)))

    def ids(self, kind: str) -> Iterator[list[str]]:
        """The ids of all records, in batches; records may be added meanwhile."""
        yield from self._batches(_TABLES[kind][0], "id")

    def add(self, one: Packed, instead: bool = False) -> None:
        """Put it here: `instead` of the one of the same id, or only where there is none."""
        table, _ = _TABLES[one.kind]
        how = "REPLACE" if instead else "IGNORE"
        self._rows.execute(f"INSERT OR {how} INTO {table} VALUES (?, ?, ?, ?)", one[1:])

    def touch(self, practitioners: Iterable[str]) -> None:
        """Note that these have to be put together again."""
        self._rows.executemany("INSERT OR IGNORE INTO touched VALUES (?)", ((one,) for one in practitioners))

    def touch_all_here(self) -> None:
        self._rows.execute("INSERT OR IGNORE INTO touched SELECT id FROM practitioners")
        self._rows.execute("INSERT OR IGNORE INTO touched SELECT practitioner FROM roles")

    def touched(self) -> Iterator[list[str]]:
        yield from self._batches("touched", "practitioner")

    def providers(self) -> Iterator[list[str]]:
        self._rows.execute("CREATE INDEX IF NOT EXISTS provider_of ON practitioners (provider)")
        yield from self._batches("practitioners", "provider")

    # --- who was in the file, and what was not loaded ---

    def see(self, providers: Iterable[str]) -> None:
        self._rows.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((one,) for one in providers))

    def unseen(self, providers: Collection[str]) -> list[str]:
        marks = ",".join("?" * len(providers))
        known = self._rows.execute(f"SELECT provider FROM seen WHERE provider IN ({marks})", tuple(providers))
        return sorted(set(providers) - {provider for (provider,) in known})

    def skip(self, file: str, line: int, rule: str) -> None:
        self._rows.execute("INSERT OR IGNORE INTO skipped VALUES (?, ?, ?)", (file, line, rule))

    def skipped(self, file: str, line: int) -> str:
        """By which rule the record that stood here was not loaded; "" where it was."""
        found = self._rows.execute("SELECT rule FROM skipped WHERE file = ? AND line = ?", (file, line)).fetchone()
        return str(found[0]) if found else ""

    def _batches(self, table: str, column: str) -> Iterator[list[str]]:
        after = ""
        query = f"SELECT DISTINCT {column} FROM {table} WHERE {column} > ? ORDER BY {column} LIMIT {_BATCH}"
        while batch := [str(one) for (one,) in self._rows.execute(query, (after,))]:
            yield batch
            after = batch[-1]
