"""Brings a database to the schema of bot.records.tables; `python -m bot.records.migrate NAME` writes a revision."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from bot.records.database import open_engine

_FOLDER = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 5_218_091  # any number, the same in every process


def upgrade(engine: Engine) -> None:
    """Apply the revisions that are missing, in one transaction; processes that do it at once wait for each other."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # A table that has grown is not changed within a turn's time, nor is whoever migrates waited for.
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        command.upgrade(_config(connection), "head")


def is_current(engine: Engine) -> bool:
    """Whether no revision is missing."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()


def head() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def write_revision(name: str, folder: Path = _FOLDER) -> Path:
    """Write the revision that leads from the last one to bot.records.tables; read it before you commit it."""
    (folder / "versions").mkdir(exist_ok=True)
    number = f"{len(list((folder / 'versions').glob('*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as scratch:
        engine = open_engine(f"sqlite:///{scratch}/schema.db")
        with engine.begin() as connection:
            command.upgrade(_config(connection, folder), "head")
            written = command.revision(_config(connection, folder), name, autogenerate=True, rev_id=number)
        engine.dispose()
    if written is None or isinstance(written, list):
        raise RuntimeError("Alembic wrote no single revision")
    return Path(written.path)


def _config(connection: Connection | None = None, folder: Path = _FOLDER) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say what changed: make migration NAME=add_callbacks")
    sys.stdout.write(f"Wrote {write_revision(sys.argv[1])}; read it, then commit it\n")
