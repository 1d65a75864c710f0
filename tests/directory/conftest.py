"""Directories to test on: an empty one, the shipped sample, and the real one of Rhode Island where it is at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

from bot.directory.importer import ImportReport, import_providers
from bot.records.database import open_engine
from bot.records.tables import metadata, provider_sites, providers
from tests.directory.feeds import Resource, whole, written
from tests.postgres import url_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "bot" / "directory" / "sample"
NOW = 1_795_000_000.0  # November 2026

Site = dict[str, object]
Load = Callable[..., ImportReport]


def empty_directory(file: Path) -> Engine:
    engine = open_engine(url_of(file), "normal")
    metadata.create_all(engine)
    return engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = empty_directory(tmp_path / "directory.db")
    yield engine
    engine.dispose()


@pytest.fixture
def load(engine: Engine, tmp_path: Path) -> Load:
    """Import the right feed with these resources in it."""

    def loaded(*others: Resource) -> ImportReport:
        return import_providers(engine, written(tmp_path / "feed", whole(*others)), now=NOW)

    return loaded


@pytest.fixture
def site(engine: Engine) -> Callable[[], Site]:
    """The one site of the one provider, with the provider's own columns."""

    def only() -> Site:
        both = select(provider_sites, providers.c.name, providers.c.credential, providers.c.npi, providers.c.active)
        with engine.connect() as conn:
            rows = conn.execute(both.join(providers, providers.c.id == provider_sites.c.provider)).mappings().all()
        assert 1 == len(rows)
        return dict(rows[0])

    return only


@pytest.fixture(scope="session")
def sample_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = empty_directory(tmp_path_factory.mktemp("sample") / "directory.db")
    import_providers(engine, SAMPLE, now=NOW)
    yield engine
    engine.dispose()


@pytest.fixture
def sample(sample_engine: Engine) -> Iterator[Connection]:
    with sample_engine.connect() as conn:
        yield conn


@pytest.fixture(scope="session")
def rhode_island() -> Path:
    folder = Path(os.environ.get("CARESTART_TEST_DATA", str(ROOT / ".." / "shared" / "data"))) / "plan-net-rhode-island"
    if not folder.is_dir():
        pytest.skip("the Rhode Island directory is not here; set CARESTART_TEST_DATA to the folder that holds it")
    return folder
