"""What a database needs after many rows have changed."""

from __future__ import annotations

from sqlalchemy import Engine

from bot.records import tables as t

_SEARCHED = (t.providers, t.provider_sites, t.provider_names, t.name_pairs, t.name_keys, t.directory_resources)


def refresh(engine: Engine) -> None:
    """Have PostgreSQL learn what the directory's tables hold now. Until its own vacuum comes, minutes later, it plans
    searches for the tables of before, and looks up every row that it finds in an index. SQLite plans without."""
    if engine.dialect.name != "postgresql":
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql(f"VACUUM (ANALYZE) {', '.join(table.name for table in _SEARCHED)}")
