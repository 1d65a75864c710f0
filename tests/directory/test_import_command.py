"""`carestart import providers`: a summary, problems by file and line, and an exit code that says how it went."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from bot.records.tables import provider_sites
from tests.directory.feeds import location, practitioner, whole, written
from tests.directory.nppes_files import doctor
from tests.directory.nppes_files import written as nppes
from webhooks.commands import import_providers as command


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "_records", lambda data: (engine, {"indiana": ("net",)}))
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: CliRunner().invoke(command.import_providers, [str(a) for a in arguments])


def test_a_clean_feed_ends_with_0_and_a_summary(run, tmp_path: Path):
    result: Result = run(written(tmp_path / "feed", whole()))
    assert 0 == result.exit_code
    assert "5 records read" in result.output
    assert "Networks: net" in result.output
    assert "no plan" not in result.output


def test_providers_whom_no_member_will_be_shown_are_announced(
    run, monkeypatch: pytest.MonkeyPatch, engine, tmp_path: Path
):
    monkeypatch.setattr(command, "_records", lambda data: (engine, {"indiana": ("net-of-another-name",)}))
    result: Result = run(written(tmp_path / "feed", whole()))
    assert 0 == result.exit_code
    assert "1 of these networks belong to no plan: no member is shown who is in them alone" in result.output


def test_a_repaired_feed_ends_with_0_and_says_what_was_repaired(run, tmp_path: Path):
    result: Result = run(written(tmp_path / "feed", whole(location(zip="462041234"))))
    assert 0 == result.exit_code
    assert "feed.ndjson:3: Location/loc: repaired: a ZIP+4 without its hyphen" in result.output


def test_a_skipped_record_ends_with_1_and_names_file_and_line(run, tmp_path: Path):
    result: Result = run(written(tmp_path / "feed", whole(practitioner(name=[]))))
    assert 1 == result.exit_code
    assert "feed.ndjson:4: Practitioner/ana: skipped: no name to show" in result.output


def test_an_unreadable_path_ends_with_2_and_says_what_to_do(run, tmp_path: Path):
    result: Result = run(tmp_path / "nowhere")
    assert 2 == result.exit_code
    assert "there is no such file or folder. Check the path." in result.output


def test_only_the_first_problems_are_listed_unless_all_are_asked_for(run, tmp_path: Path):
    feed = written(tmp_path / "feed", whole(*(location(f"l{n}", zip="462041234") for n in range(30))))
    assert "More with --all." in run(feed).output
    assert "Location/l29" in run(feed, "--all").output


def test_help_shows_examples(run):
    result: Result = run("--help")
    assert 0 == result.exit_code
    assert "carestart import providers feed/" in result.output
    assert "2 could not read" in result.output


def test_an_nppes_file_goes_into_the_networks_of_a_plan(run, engine: Engine, tmp_path: Path):
    file = nppes(tmp_path / "npidata.csv", doctor(), doctor("1234567893", zip="nowhere"))
    rejects = tmp_path / "rejects.csv"
    result: Result = run(file, "--plan", "indiana", "--state", "in,oh", "--rejects", rejects)
    assert 1 == result.exit_code
    assert "npidata.csv:3: NPI/1234567893: skipped" in result.output
    assert f"The skipped records are in {rejects}" in result.output.replace("\n", "")
    with engine.connect() as conn:
        assert ["net"] == list(conn.scalars(select(provider_sites.c.network)))


def test_an_nppes_file_without_a_network_says_what_to_give(run, tmp_path: Path):
    result: Result = run(nppes(tmp_path / "npidata.csv", doctor()))
    assert 2 == result.exit_code
    assert "--network or --plan" in result.output


@pytest.mark.parametrize("options", [("--plan", "nowhere"), ("--state", "Indiana")])
def test_options_that_mean_nothing_are_refused(run, tmp_path: Path, options: tuple[str, str]):
    assert 2 == run(nppes(tmp_path / "npidata.csv", doctor()), *options).exit_code


def test_a_dry_run_says_so_and_writes_nothing(run, engine: Engine, tmp_path: Path):
    result: Result = run(written(tmp_path / "feed", whole()), "--dry-run")
    assert "Nothing was written" in result.output
    with engine.connect() as conn:
        assert [] == list(conn.scalars(select(provider_sites.c.id)))
