"""Insert a row unless its key is taken: how anything is recorded exactly once, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from bot.records.prepared import Prepared


def insert_once(conn: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """True if the row was inserted, False if a row with the same primary key or unique key was already there.

    Two transactions at once cannot both get True: the database decides, not a look before. Values as `Prepared` takes
    them, one for each column that has no default in the database.
    """
    return bool(_insert_once(table, conn.dialect.name, tuple(values)).run(conn, values))


@cache
def _insert_once(table: Table, dialect: str, columns: tuple[str, ...]) -> Prepared:
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return Prepared(insert.on_conflict_do_nothing(), columns)
