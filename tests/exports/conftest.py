"""A database with a family in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.exports.family import ANN, LEO
from tests.members.people import add_guardian, add_member, file_engine, link


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = file_engine(tmp_path)
    with engine.begin() as conn:
        add_member(conn, "ann", ANN)
        add_member(conn, "leo", LEO)
        add_guardian(conn, "g-rosa", "Rosa", "Hill")
        link(conn, "leo", "g-rosa")
    yield engine
    engine.dispose()
