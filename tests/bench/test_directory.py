"""`carestart bench directory` really loads and asks, and its made-up directory is the same every time."""

from __future__ import annotations

from itertools import islice

import msgspec
import pytest
from click.testing import CliRunner

from bot.directory.repairs import npi_checks
from webhooks.bench.directory import DirectoryReport
from webhooks.bench.directory_feed import people
from webhooks.commands.bench import bench


@pytest.fixture(scope="module")
def report() -> DirectoryReport:
    result = CliRunner().invoke(bench, ["directory", "--quick", "--postgres", "", "--json", "-"])
    assert 0 == result.exit_code, result.output
    return msgspec.json.decode(result.stdout[result.stdout.index("{") :], type=DirectoryReport)


def test_everybody_is_loaded_and_most_who_were_meant_are_found(report: DirectoryReport) -> None:
    [measured] = report.measured
    assert ("SQLite", 300, 300 * 2 + 38 + 1) == (measured.database, measured.providers, measured.records)
    assert 300 == report.nppes_rows
    found = {asked.what: asked.found for asked in measured.questions}
    assert found["misspelled name"] > 0.9
    assert found["misspelled family name"] > 0.8
    assert all(0 < asked.p50_ms <= asked.p99_ms for asked in measured.questions)


def test_the_directory_is_the_same_every_time_and_its_npis_are_right() -> None:
    assert list(people(50)) == list(islice(people(5_000), 50))
    assert all(npi_checks(made.npi) for made in people(50))
