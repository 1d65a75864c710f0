"""A directory that was loaded before names were filed in pairs is found by name after the migration."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, text

from bot.directory.names import keys_of
from bot.directory.search import Criteria, search
from bot.records.database import open_engine
from bot.records.migrate import _config, upgrade
from tests.postgres import url_of

PROVIDER = """
INSERT INTO providers (id, name, family, credential, gender, kinds, taxonomies, languages, active, updated_at)
VALUES ('1', 'Ana Ruiz', 'Ruiz', '', '', ' family ', ' 207Q00000X ', ' en ', TRUE, 0)
"""
SITE = """
INSERT INTO provider_sites (provider, network, place, practice, street, city, state, zip, phone, latitude, longitude,
    accepting, kinds, languages, gender, from_age, to_age, women_only, cell, area)
VALUES ('1', 'net', 'p', '', '', '', 'IN', '46204', '', 39.77, -86.15, 'newpt', ' family ', ' en ', '', 0, 150, FALSE,
    1, 1)
"""


@pytest.fixture
def engine(tmp_path: Path):
    engine = open_engine(url_of(tmp_path / "directory.db"))
    with engine.begin() as conn:
        command.upgrade(_config(conn), "0008")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("typed", ["Ana Riuz", "Dr. Riuz", "Maria Ruiz"])
def test_names_on_file_are_filed_anew(engine: Engine, typed: str):
    with engine.begin() as conn:
        for statement in (PROVIDER, SITE):
            conn.execute(text(statement))
        for word in ("ana", "ruiz"):
            conn.execute(text("INSERT INTO provider_names (provider, word) VALUES ('1', :word)"), {"word": word})
            for key in keys_of(word):
                conn.execute(text("INSERT INTO name_keys VALUES (:key, :word)"), {"key": key, "word": word})
    upgrade(engine)
    with engine.connect() as conn:
        assert ["Ana Ruiz"] == [match.name for match in search(conn, Criteria(("net",), name=typed))]
