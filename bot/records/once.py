"""Insert a row unless its key is taken: how anything is recorded exactly once, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(conn: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """True if the row was inserted, False if a row with the same primary key or unique key was already there.

    Two transactions at once cannot both get True: the database decides, not a look before.
    """
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    return bool(conn.execute(dialect.insert(table).values(dict(values)).on_conflict_do_nothing()).rowcount)
