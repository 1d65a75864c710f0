"""The shipped sample directory: clean, made by our own script, and rich enough for every path."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, func, select, text

from bot.directory.importer import import_providers
from bot.directory.search import Criteria, search, why_none
from bot.directory.taxonomy import KINDS
from bot.records.tables import provider_sites, providers
from scripts.make_sample_directory import NETWORKS, write
from tests.directory.conftest import NOW, SAMPLE, empty_directory

IN = ("net-in-hhw",)


def test_it_loads_without_a_problem(tmp_path: Path):
    engine = empty_directory(tmp_path / "directory.db")
    report = import_providers(engine, SAMPLE, now=NOW)
    engine.dispose()
    assert ({}, ()) == (report.rules, report.problems)
    assert NETWORKS == report.networks
    assert 400 == report.read["Practitioner"]
    assert report.providers.loaded > 400


def test_it_is_what_the_script_makes(tmp_path: Path):
    write(tmp_path)
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert made == {file.name: file.read_bytes() for file in SAMPLE.iterdir()}
    assert sum(map(len, made.values())) < 900_000


def test_every_kind_word_and_language_occurs(sample: Connection):
    kinds = {kind for row in sample.scalars(select(providers.c.kinds)) for kind in row.split()}
    assert set(KINDS) == kinds
    words = set(sample.scalars(select(provider_sites.c.accepting)))
    assert {"newpt", "nopt", "existptonly", "existptfam", "unknown"} == words
    spoken = {code for row in sample.scalars(select(providers.c.languages)) for code in row.split()}
    assert {"en", "es", "zh", "my", "fr", "ar"} <= spoken


def test_some_have_several_places(sample: Connection):
    places = func.count(provider_sites.c.place.distinct())
    several = select(provider_sites.c.provider).group_by(provider_sites.c.provider).having(places > 1)
    assert len(sample.scalars(several).all()) > 30


def test_phones_are_made_up(sample: Connection):
    assert all("-555-01" in phone for phone in sample.scalars(select(provider_sites.c.phone)))


def test_ana_ruiz_is_the_first_spanish_speaking_family_doctor_downtown(sample: Connection):
    first, *_ = search(sample, Criteria(IN, kinds=("family",), languages=("es",), zip="46204", age=34, sex="F"))
    assert ("Ana Ruiz", "MD", "newpt") == (first.name, first.credential, first.accepting)
    assert first.miles is not None and first.miles < 1


def test_there_are_several_doctors_lee(sample: Connection):
    found = search(sample, Criteria(IN, name="Dr. Lee", zip="46204", limit=10))
    assert len([match for match in found if match.name.endswith(" Lee")]) >= 4


def test_a_full_pediatrician_is_found_only_as_not_accepting(sample: Connection):
    asked = Criteria(IN, name="Whitfield", zip="46204", age=5)
    assert ([], "not_accepting") == (search(sample, asked), why_none(sample, asked))


def test_there_is_a_town_where_all_are_full_and_one_with_nobody(sample: Connection):
    for zip_code, reason in (("47250", "not_accepting"), ("47591", "no_match")):
        asked = Criteria(IN, zip=zip_code)
        assert ([], reason) == (search(sample, asked), why_none(sample, asked))


def test_a_loaded_directory_is_planned_for_as_it_is_now(sample: Connection):
    """PostgreSQL's own upkeep comes a minute later at the earliest, and not at all on the tests' server."""
    if sample.dialect.name == "postgresql":
        analyzed = text("SELECT reltuples FROM pg_class WHERE relname = 'provider_sites'")
        assert (
            sample.execute(analyzed).scalar_one()
            == sample.execute(select(func.count(provider_sites.c.id))).scalar_one()
        )
    else:
        assert not sample.execute(text("SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'")).all()
