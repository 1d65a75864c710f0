"""`carestart bench roster` really loads what it measures, and its files are what it says they are."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, event

from bot.members.x12_loops import Closed, Loop, Transaction, read_loops
from tests import postgres
from webhooks.bench import roster as measured
from webhooks.bench.enrolment import Envelope, as_834, families
from webhooks.bench.failure import BenchFailed
from webhooks.bench.roster import QUICK, RosterReport, measure_size
from webhooks.commands.bench import bench


@pytest.mark.slow
def test_every_size_is_read_loaded_and_loaded_again(tmp_path: Path) -> None:
    url = postgres.database_of(tmp_path).get("DATABASE_URL", "")
    result = CliRunner().invoke(bench, ["roster", "--quick", "--postgres", url, "--json", "-"])
    assert 0 == result.exit_code, result.output
    report = msgspec.json.decode(result.stdout[result.stdout.index("{") :], type=RosterReport)
    databases = ("SQLite", "PostgreSQL") if url else ("SQLite",)
    assert [(size, name) for size in QUICK for name in databases] == [(of.members, of.database) for of in report.sizes]
    for size in report.sizes:
        assert min(size.read.per_second, size.new.per_second, size.again.per_second) > 0
        assert size.peak_mb >= size.start_mb > 0


def test_a_member_who_is_not_loaded_ends_the_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "families", lambda count, plan: families(count - 1, plan))
    with pytest.raises(BenchFailed, match="expected"):
        measure_size(20)


def test_a_batch_is_asked_for_and_written_as_a_whole(tmp_path: Path) -> None:
    """A trip to the database for each member would make a large file wait for the network."""
    asked = [0]
    url = postgres.database_of(tmp_path).get("DATABASE_URL", "")

    def statements(count: int) -> int:
        asked[0] = 0
        measure_size(count, url)
        return asked[0]

    def counts(*_: object) -> None:
        asked[0] += 1

    event.listen(Engine, "before_cursor_execute", counts)
    try:
        assert statements(40) == statements(400)
    finally:
        event.remove(Engine, "before_cursor_execute", counts)


def test_files_are_seeded_closed_and_full_of_families(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        path = tmp_path / name
        path.write_text("".join(as_834(families(500, "indiana"), Envelope("P", whole=True))))
        files.append(path.read_bytes())
    assert files[0] == files[1]
    found = list(read_loops(tmp_path / "one"))
    assert [Transaction, *[Loop] * 500, Closed] == [type(one) for one in found]
    dependents = sum(one.segments[0][1] == "N" for one in found if isinstance(one, Loop))
    assert 150 < dependents < 400
