"""How much there is: for the doctor, and to know an empty store."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.records.database import Database, reading
from bot.records.tables import members, providers


def count_members(database: Database) -> int:
    with reading(database) as conn:
        return conn.execute(select(func.count()).select_from(members)).scalar_one()


def count_providers(database: Database) -> int:
    with reading(database) as conn:
        return conn.execute(select(func.count()).select_from(providers)).scalar_one()
