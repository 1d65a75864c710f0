"""`carestart import providers`: a summary, problems by file and line, and an exit code that says how it went."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from tests.directory.feeds import location, practitioner, whole, written
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
