"""A real directory that nobody here wrote loads whole, with its dirt counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.directory.distance import miles_between
from bot.directory.importer import ImportReport, import_providers
from bot.directory.search import Criteria, search, why_none
from bot.directory.zips import place
from bot.records.tables import provider_sites
from tests.directory.conftest import NOW


@pytest.fixture
def report(engine: Engine, rhode_island: Path) -> ImportReport:
    return import_providers(engine, rhode_island, now=NOW)


def test_every_resource_is_read_and_no_record_is_lost(report: ImportReport):
    expected = {
        "Practitioner": 205,
        "PractitionerRole": 205,
        "Location": 10,
        "Organization": 25,
        "HealthcareService": 10,
    }
    assert expected == {kind: report.read[kind] for kind in expected}
    assert 0 == report.skipped
    assert 205 == report.providers.loaded + report.passed_over["not a primary provider"]
    assert 86 == report.providers.loaded == report.sites.loaded


def test_its_dirt_is_counted(report: ImportReport):
    assert 1 == report.rules["position_far"]
    assert 9 == report.rules["zip_nine_digits"]
    assert report.rules["npi_check_digit"] > 150


def test_every_place_is_within_25_miles_of_its_zip_code(report: ImportReport, engine: Engine):
    columns = (provider_sites.c.zip, provider_sites.c.latitude, provider_sites.c.longitude)
    with engine.connect() as conn:
        for row in conn.execute(select(*columns)):
            centre = place(row.zip)
            assert centre is not None
            assert miles_between(centre.latitude, centre.longitude, row.latitude, row.longitude) <= 25


def test_it_can_be_searched_and_loaded_again(report: ImportReport, engine: Engine, rhode_island: Path):
    networks = tuple(report.networks)
    with engine.connect() as conn:
        found = search(conn, Criteria(networks, zip="02903", age=40, limit=50))
        assert found and {"newpt"} == {match.accepting for match in found}
        assert "not_accepting" == why_none(conn, Criteria(networks, name="Tremblay"))
    again = import_providers(engine, rhode_island, now=NOW)
    assert (0, 0, 86) == (again.providers.loaded, again.providers.updated, again.providers.unchanged)
