"""`carestart import members` takes an enrolment file for what it is, and says what became of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webhooks.bench.enrolment import Envelope, as_834, families
from webhooks.cli import carestart

INDIANA = Envelope("INSAMPLE01")  # flows/plans/indiana.yml


@pytest.fixture(autouse=True)
def no_setting_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARESTART_TEST_DATA", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "enrolment.txt"
    path.write_text("".join(as_834(families(30, "indiana"), INDIANA)))
    return path


def run(tmp_path: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(carestart, ["import", "members", *map(str, arguments), "--data", str(tmp_path / "data")])


def said(result: Result) -> dict[str, str]:
    """The summary table."""
    cells = [[cell.strip() for cell in line.split("│")[1:3]] for line in result.stdout.splitlines() if "│" in line]
    return {cell[0]: cell[1] for cell in cells}


def test_the_summary_and_the_exit_codes(tmp_path: Path, file: Path) -> None:
    dry = run(tmp_path, file, "--dry-run")
    assert (0, "30") == (dry.exit_code, said(dry)["members added"])
    first = run(tmp_path, file)
    assert (0, "30", "0") == (first.exit_code, said(first)["members added"], said(first)["loops rejected"])
    again = run(tmp_path, file)
    assert (0, "0", "30") == (again.exit_code, said(again)["members added"], said(again)["members unchanged"])
    file.write_text("".join(as_834(families(30, "indiana"), INDIANA, "024")))
    ended = run(tmp_path, file)
    assert (0, "30") == (ended.exit_code, said(ended)["members terminated"])
    file.write_text("".join(as_834(families(30, "indiana"), INDIANA, "025")))
    assert "30" == said(run(tmp_path, file))["members reinstated"]
    assert [30, 0, 0, 0] == [counts["members added"] for counts in audited(tmp_path)], "a dry run is in no audit"


def audited(tmp_path: Path) -> list[dict[str, int]]:
    """What the audit says of the imports of members."""
    out = CliRunner().invoke(carestart, ["export", "audit", "--data", str(tmp_path / "data")]).stdout
    rows = [json.loads(line) for line in out.splitlines()]
    return [json.loads(row["detail"]) for row in rows if (row["action"], row["subject"]) == ("import", "members")]


def test_rejected_loops_exit_with_1_and_can_be_corrected(tmp_path: Path, file: Path) -> None:
    file.write_text(file.read_text().replace("*Indianapolis*IN*46", "*Indianapolis*IN*4", 1))
    rejects = tmp_path / "rejected.834"
    result = run(tmp_path, file, "--rejects", rejects)
    assert 1 == result.exit_code
    assert "segment 7: zip (N403) is not a ZIP code" in result.stdout
    assert f"The rejected loops are in {rejects}" in result.stdout
    rejects.write_text(rejects.read_text().replace("*Indianapolis*IN*4", "*Indianapolis*IN*46", 1))
    assert 0 == run(tmp_path, rejects).exit_code


def test_an_envelope_that_is_wrong_exits_with_1(tmp_path: Path, file: Path) -> None:
    file.write_text(file.read_text().replace("GE*1*", "GE*2*"))
    result = run(tmp_path, file)
    assert (1, "1") == (result.exit_code, said(result)["problems of transactions and envelopes"])


def test_who_is_missing_from_a_full_file(tmp_path: Path, file: Path) -> None:
    run(tmp_path, file)
    file.write_text("".join(as_834(families(28, "indiana"), Envelope("INSAMPLE01", control=2, whole=True))))
    told = run(tmp_path, file, "--list-missing", tmp_path / "missing.csv")
    assert (0, "2") == (told.exit_code, said(told)["active members missing from the full file"])
    assert 3 == len((tmp_path / "missing.csv").read_text().splitlines())
    ended = run(tmp_path, file, "--terminate-missing")
    assert (0, "2") == (ended.exit_code, said(ended)["active members missing from the full file (terminated)"])
    assert "0" == said(run(tmp_path, file))["active members missing from the full file"]


@pytest.mark.parametrize(
    ("arguments", "content", "reason"),
    [
        (["--plan", "texas"], None, "there is no plan 'texas'"),
        (["--force"], "plan,member_id\n", "are for X12 834 files"),
        (["--rejects", "{file}"], None, "cannot be written over the file that is being read"),
    ],
)
def test_what_cannot_be_done_exits_with_2(
    tmp_path: Path, file: Path, arguments: list[str], content: str | None, reason: str
) -> None:
    if content is not None:
        file.write_text(content)
    result = run(tmp_path, file, *(argument.format(file=file) for argument in arguments))
    assert 2 == result.exit_code
    assert reason in result.output


def test_a_missing_file_exits_with_2(tmp_path: Path) -> None:
    result = run(tmp_path, tmp_path / "none.834")
    assert (2, True) == (result.exit_code, "No such file" in result.output)
