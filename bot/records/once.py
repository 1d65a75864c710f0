"""Insert a row unless its key is taken: how anything is recorded exactly once, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(conn: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """True if the row was inserted, False if a row with the same primary key or unique key was already there.

    Two transactions at once cannot both get True: the database decides, not a look before.
    """
    return bool(conn.execute(_insert_once(table, conn.dialect.name), dict(values)).rowcount)


@cache
def _insert_once(table: Table, dialect: str) -> Executable:
    """Built once: building a statement costs more than running it."""
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return insert.on_conflict_do_nothing()
