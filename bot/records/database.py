"""Opens the SQL database: durable SQLite by default, PostgreSQL where a URL names it."""

from __future__ import annotations

import sqlite3
import time
from functools import cache
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.config import Settings

__all__ = [
    "Away",
    "Connection",
    "Database",
    "open_database",
    "open_engine",
    "reading",
]

Database = Engine  # the name for it outside the owners of SQLAlchemy

# How SQL shows that it cannot be reached, or is locked out. A statement that is wrong is another kind of error.
Away = (OperationalError, InterfaceError, PoolTimeout)

_CONNECT_SECONDS = 5
_PATIENCE = 0.8  # of what bounds a statement: a lock that is waited for longer is given up within the bound
_BEGIN = "sqlite_begin"
DELIVER_TO = "deliver_to"  # an execution option: whoever writes a record need not know where it goes
_LOOK_AGAIN_S = 0.0003  # how often a writer asks whether the one before it is done


def open_database(settings: Settings, seconds: float | None = None) -> Engine:
    """An engine for the settings' database. SQLite: WAL, every commit on disk, writers wait for each other. `seconds`
    bound a statement, otherwise as long as a turn may take."""
    seconds = settings.turn_seconds if seconds is None else seconds
    return open_engine(settings.database_url.reveal(), settings.sqlite_synchronous, seconds, settings.deliver_to)


def open_engine(url: str, synchronous: str = "full", seconds: float = 5.0, deliver_to: tuple[str, ...] = ()) -> Engine:
    """An engine for `url`; `synchronous` is SQLite's and `full` or `normal`; `seconds` bound a statement; `deliver_to`
    are the sinks (bot.records.dispatches) that every record written through it goes to."""
    address, options = make_url(url), {DELIVER_TO: deliver_to}
    if address.get_backend_name() != "sqlite":
        theirs = address.query.get("options", "")  # such as a search_path; what is given here would displace it
        bounds = (
            f"{theirs} -c statement_timeout={int(seconds * 1000)} -c lock_timeout={int(seconds * _PATIENCE * 1000)}"
        )
        patience = {"connect_timeout": _CONNECT_SECONDS, "options": bounds}
        return create_engine(
            url, pool_pre_ping=True, hide_parameters=True, connect_args=patience, execution_options=options
        )
    engine = create_engine(
        url, hide_parameters=True, execution_options=options
    )  # an error must not carry what was to be written

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says, see `begin`
        for pragma in (
            f"busy_timeout = {int(seconds * _PATIENCE * 1000)}",
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a transaction that reads and then writes would otherwise fail when another wrote in between.
        if connection.get_execution_options().get(_BEGIN) == "DEFERRED":
            connection.exec_driver_sql("BEGIN DEFERRED")
        else:
            _begin_to_write(connection, seconds * _PATIENCE)

    return engine


def _begin_to_write(connection: Connection, seconds: float) -> None:
    """Begin once the writer before us is done, at the latest after `seconds`. SQLite's own way of waiting sleeps ever
    longer, up to 100 ms, while others overtake; a turn holds the lock for a few."""
    raw: Any = connection.connection.dbapi_connection
    until = time.monotonic() + seconds
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < until:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            time.sleep(_LOOK_AGAIN_S)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # says what is wrong
    finally:
        raw.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def reading(engine: Engine) -> Connection:
    """A connection that only reads: on SQLite it does not wait for a writer. Close it, or use it in `with`."""
    return _reader(engine).connect()


@cache
def _reader(engine: Engine) -> Engine:
    return engine.execution_options(**{_BEGIN: "DEFERRED"})


def answers(database: Database) -> bool:
    """Whether it can be reached now."""
    try:
        with reading(database) as conn:
            return bool(conn.execute(text("SELECT 1")).scalar_one())
    except Away:
        return False
