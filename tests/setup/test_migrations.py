"""The schema: the revisions lead to exactly what bot.records.tables says."""

import shutil
import sqlite3
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_mock_engine, insert, inspect, select, text
from sqlalchemy.dialects import postgresql

from bot.records.database import open_engine, reading
from bot.records.migrate import _FOLDER, head, is_current, upgrade, write_revision
from bot.records.tables import metadata, networks, opt_outs
from tests.postgres import database_of, only_on_sqlite, url_of
from webhooks.commands.import_report import open_ready_records


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(url_of(tmp_path / "care.db"))
    yield engine
    engine.dispose()


def differences(engine):
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata)


def test_a_migrated_schema_equals_the_tables(engine):
    upgrade(engine)
    assert [] == differences(engine), "write a revision: make migration NAME=what_changed"


def test_the_comparison_would_notice_a_difference(engine):
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_members_phone_index"))
        connection.execute(text("ALTER TABLE members ADD COLUMN nickname VARCHAR(9)"))
    assert 2 == len(differences(engine))


def test_a_database_is_current_only_after_every_revision(engine):
    assert not is_current(engine)
    upgrade(engine)
    upgrade(engine)
    assert is_current(engine)
    with engine.connect() as connection:
        assert head() == connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()


def test_processes_that_migrate_at_once_wait_for_each_other(engine):
    failures = []

    def migrate():
        try:
            upgrade(engine)
        except Exception as error:  # noqa: BLE001 - whatever it is, it fails the test
            failures.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == failures
    assert is_current(engine)


def test_a_revision_may_take_longer_than_a_statement_of_a_turn(tmp_path, monkeypatch):
    engine = open_engine(url_of(tmp_path / "care.db"), seconds=0.3)
    monkeypatch.setattr("alembic.command.upgrade", _count_for_a_second)
    upgrade(engine)
    engine.dispose()


def test_a_statement_of_an_import_may_take_longer_than_one_of_a_turn(tmp_path, monkeypatch):
    for name, value in (("TURN_SECONDS", "0.3"), *database_of(tmp_path).items()):
        monkeypatch.setenv(name, value)
    records = open_ready_records(tmp_path)
    with records.engine.begin() as connection:
        connection.execute(_A_SECOND)
    records.engine.dispose()


_NUMBERS = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000000)"
_A_SECOND = text(f"{_NUMBERS} SELECT max(n) FROM n")


def _count_for_a_second(config, _revision):
    config.attributes["connection"].execute(_A_SECOND)


def test_a_revision_that_fails_half_way_leaves_nothing_behind(engine, monkeypatch):
    monkeypatch.setattr("alembic.command.upgrade", _upgrade_then_fail)
    with pytest.raises(RuntimeError, match="half way"):
        upgrade(engine)
    assert [] == inspect(engine).get_table_names()


def _upgrade_then_fail(config, _revision):
    config.attributes["connection"].execute(text("CREATE TABLE half (id INTEGER)"))
    raise RuntimeError("half way")


def test_the_next_revision_holds_only_what_changed(tmp_path, monkeypatch):
    folder = tmp_path / "migrations"
    shutil.copytree(_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    written = write_revision("nothing", folder)
    assert written.name.endswith("_nothing.py")
    assert "create_table" not in written.read_text()
    assert f"down_revision = {head()!r}" in written.read_text()


def test_the_schema_is_postgresql_too():
    statements = []
    engine = create_mock_engine("postgresql+psycopg://", lambda sql, *_: statements.append(sql))
    metadata.create_all(engine, checkfirst=False)
    written = "\n".join(str(statement.compile(dialect=postgresql.dialect())) for statement in statements)
    assert "id BIGSERIAL NOT NULL" in written
    assert "details_sealed BYTEA NOT NULL" in written


# --- the SQLite it runs on --------------------------------------------------------------------------------------------


def test_sqlite_is_durable_by_default_and_relaxed_only_by_the_setting(tmp_path, engine):
    only_on_sqlite("reads its pragmas")
    relaxed = open_engine(f"sqlite:///{tmp_path}/other.db", "normal")
    for opened, synchronous in ((engine, 2), (relaxed, 1)):
        with opened.connect() as connection:
            assert synchronous == connection.execute(text("PRAGMA synchronous")).scalar_one()
            assert "wal" == connection.execute(text("PRAGMA journal_mode")).scalar_one()
            assert 1 == connection.execute(text("PRAGMA foreign_keys")).scalar_one()
            assert 4000 == connection.execute(text("PRAGMA busy_timeout")).scalar_one()
    relaxed.dispose()


def test_writers_wait_for_each_other_and_readers_wait_for_nobody(engine, tmp_path):
    only_on_sqlite("one writer at a time")
    upgrade(engine)
    other = sqlite3.connect(tmp_path / "care.db", timeout=0, isolation_level=None)
    with engine.begin() as connection:
        connection.execute(select(networks))  # reads only so far, and yet
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        with reading(engine) as reader:
            assert [] == reader.execute(select(networks)).all()
    other.close()


def test_a_transaction_that_reads_and_then_writes_never_fails_for_another_that_wrote(engine):
    only_on_sqlite("one writer at a time")
    upgrade(engine)

    def count_up():
        for _ in range(20):
            with engine.begin() as connection:
                known = len(connection.execute(select(opt_outs)).all())
                connection.execute(insert(opt_outs).values(phone_index=str(known), since=0.0))

    threads = [threading.Thread(target=count_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert 60 == len(connection.execute(select(opt_outs)).all())
