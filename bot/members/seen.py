"""What a file has named so far, on disk, so that a file of a million members needs no more memory than one of ten.

A database without a name lives in a file that SQLite makes and unlinks at once. It holds keyed hashes and our own ids;
what has to be read again later is sealed."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -4000;
CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER, facts INTEGER, id TEXT, outcome TEXT) WITHOUT ROWID;
CREATE TABLE links (child TEXT, guardian TEXT, facts TEXT, PRIMARY KEY (child, guardian)) WITHOUT ROWID;
CREATE TABLE late (number INTEGER PRIMARY KEY, sealed BLOB);
"""


@dataclass(frozen=True, slots=True)
class First:
    """Where a member was first named, and the hash of what was said of them."""

    line: int
    facts: int


class Seen:
    """The members, guardians and late rows of one file. Members go by their `member_id_index`."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    def name(self, key: str, line: int, facts: int) -> First:
        """Note that a row names this member; what the first row to do so said."""
        self._conn.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, '', '')", (key, line, facts))
        return First(*self._conn.execute("SELECT line, facts FROM seen WHERE key = ?", (key,)).fetchone())

    def settle(self, key: str, id_: str, outcome: str) -> None:
        """Note what was done with a member. Of several times, the first that was more than `unchanged` counts, but who
        ended or came back within the file is counted as that."""
        earlier = self.outcome(key)
        kept = earlier == "added" or (earlier != "" and outcome == "unchanged")
        self._conn.execute(
            "INSERT INTO seen VALUES (?, 0, 0, ?, ?) ON CONFLICT (key) DO UPDATE SET id = excluded.id, "
            "outcome = excluded.outcome",
            (key, id_, earlier if kept else outcome),
        )

    def outcome(self, key: str) -> str:
        found = self._conn.execute("SELECT outcome FROM seen WHERE key = ?", (key,)).fetchone()
        return found[0] if found else ""

    def outcomes(self) -> Mapping[str, int]:
        """How many members came to which outcome; "" where every row of theirs was rejected."""
        return dict(self._conn.execute("SELECT outcome, count(*) FROM seen GROUP BY outcome"))

    def unnamed(self, keys: Collection[str]) -> set[str]:
        """Those of the members that no row has named."""
        marks = ",".join("?" * len(keys))
        found = self._conn.execute(f"SELECT key FROM seen WHERE key IN ({marks})", tuple(keys))
        return set(keys) - {key for (key,) in found}

    def link(self, child: str, guardian: str, facts: str) -> bool:
        """Note what a row says of a guardian; False if an earlier row said otherwise."""
        self._conn.execute("INSERT OR IGNORE INTO links VALUES (?, ?, ?)", (child, guardian, facts))
        this = "SELECT facts FROM links WHERE child = ? AND guardian = ?"
        return bool(self._conn.execute(this, (child, guardian)).fetchone()[0] == facts)

    def keep(self, sealed: bytes) -> None:
        """A row to come back to when all have been read."""
        self._conn.execute("INSERT INTO late (sealed) VALUES (?)", (sealed,))

    def kept(self) -> Iterator[bytes]:
        for (sealed,) in self._conn.execute("SELECT sealed FROM late ORDER BY number"):
            yield sealed


@contextmanager
def seeing() -> Iterator[Seen]:
    """Empty at first, gone at the end."""
    conn = sqlite3.connect("", isolation_level=None)
    try:
        conn.executescript(_SCHEMA)
        yield Seen(conn)
    finally:
        conn.close()
