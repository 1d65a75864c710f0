"""Opens the SQL database: SQLite with its durability as set, or PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError as PoolTimeout

BUSY_MS = 4_000  # how long a writer waits for SQLite's one write lock, within a turn's bound
Away = (OperationalError, PoolTimeout)  # what SQL being unreachable or locked out looks like


def open_database(url: str, *, synchronous: str = "full") -> Engine:
    """An engine whose transactions take SQLite's write lock at once, so that none fails half way for another's sake."""
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), pool_size=8, max_overflow=8)
    if engine.dialect.name == "sqlite":
        _set_up_sqlite(engine, synchronous)
    return engine


def reading(engine: Engine) -> Connection:
    """A connection for look-ups: each statement stands alone and takes no lock that a writer waits for."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _set_up_sqlite(engine: Engine, synchronous: str) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def is_serialization_failure(error: DBAPIError) -> bool:
    """PostgreSQL gave up one of two transactions that collided: doing it again is right."""
    return getattr(error.orig, "sqlstate", "") in ("40001", "40P01", "23505")
