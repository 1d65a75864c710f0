"""The import and export commands: what they print, and their exit codes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import OperationalError

from bot.records.export import KINDS
from bot.records.tables import completions, conversations, members, rewards
from tests.members.people import PLANS, VAULT, file_engine
from webhooks.commands.export import export
from webhooks.commands.import_completions import import_completions
from webhooks.commands.import_members import import_members
from webhooks.commands.import_records import import_records

ROSTER = (
    "plan,member_id,first_name,last_name,birth_date,zip,benefits_begin\n"
    "indiana,999900000001,Ann,Bell,1990-05-04,46201,2026-01-01\n"
)
STEPS = "member_id,step,completed_on,source\n" + "".join(
    f"999900000001,{step},2026-06-01,portal\n" for step in ("preference", "pmp", "screening")
)
Run = Callable[..., Result]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = file_engine(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on the records of this test."""
    content = SimpleNamespace(current=SimpleNamespace(plans=PLANS, questionnaires={}))
    records = SimpleNamespace(engine=engine, vault=VAULT, content=content)
    bootstrap = SimpleNamespace(open_records=lambda _settings, _seconds: records)
    monkeypatch.setitem(sys.modules, "bot.bootstrap", bootstrap)
    monkeypatch.setitem(sys.modules, "bot.records.migrate", SimpleNamespace(upgrade=lambda engine: None))
    monkeypatch.setitem(sys.modules, "webhooks.startup", SimpleNamespace(ready_settings=lambda data: None))
    return lambda command, *arguments: CliRunner().invoke(command, [str(one) for one in arguments])


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER)
    return path


def test_a_clean_roster_ends_with_0_and_a_summary(run: Run, roster: Path) -> None:
    result = run(import_members, roster)
    assert 0 == result.exit_code, result.output
    assert "members added" in result.output


def test_rejected_rows_end_with_1_and_are_listed_without_their_values(run: Run, roster: Path, tmp_path: Path) -> None:
    roster.write_text(ROSTER + ROSTER.splitlines()[1].replace("001,Ann", "002,Ann").replace("46201", "462-secret"))
    result = run(import_members, roster, "--rejects", tmp_path / "rejects.csv")
    assert 1 == result.exit_code
    assert "line 3: zip is not a ZIP code" in result.output
    assert "secret" not in result.output
    assert "secret" in (tmp_path / "rejects.csv").read_text()


def test_a_full_disk_breaks_an_import_off_with_2_and_says_what_to_do(run: Run, roster: Path) -> None:
    roster.write_text(ROSTER + "indiana,1\n" * 1000)
    result = run(import_members, roster, "--rejects", "/dev/full")
    assert (2, 1) == (result.exit_code, len(result.stderr.splitlines())), result.stderr
    assert "No space left on device. What was loaded stays; mend that and import the same file again." in result.stderr


def test_a_database_that_goes_away_breaks_an_import_off_with_2(
    run: Run, roster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: object, **_options: object) -> None:
        raise OperationalError("INSERT", None, Exception("gone"))

    monkeypatch.setattr("webhooks.commands.import_members.import_csv", gone)
    result = run(import_members, roster)
    assert (2, 1) == (result.exit_code, len(result.stderr.splitlines())), result.stderr
    assert "broken off: the database does not answer" in result.stderr


def test_many_problems_are_cut_short_unless_asked_for(run: Run, roster: Path) -> None:
    roster.write_text(ROSTER + "indiana,1\n" * 30)
    short, whole = run(import_members, roster), run(import_members, roster, "--all")
    assert (20, "and 10 more") == (short.output.count(": has 2 cells"), "and 10 more" * ("and 10 more" in short.output))
    assert 30 == whole.output.count(": has 2 cells")


@pytest.mark.parametrize("command", [import_members, import_completions])
def test_a_file_that_cannot_be_read_ends_with_2_and_one_line(run: Run, tmp_path: Path, command: object) -> None:
    (tmp_path / "empty.csv").touch()
    result = run(command, tmp_path / "empty.csv")
    assert (2, 1) == (result.exit_code, len(result.stderr.splitlines()))
    assert "the file is empty" in result.stderr


def test_a_dry_run_says_so_and_writes_nothing(run: Run, roster: Path, engine: Engine) -> None:
    assert "Nothing was written" in run(import_members, roster, "--dry-run").output
    with engine.begin() as conn:
        assert 0 == conn.scalar(select(func.count()).select_from(members))


def test_completions_grant_rewards_that_are_exported(run: Run, roster: Path, tmp_path: Path) -> None:
    run(import_members, roster)
    (tmp_path / "steps.csv").write_text(STEPS)
    result = run(import_completions, tmp_path / "steps.csv")
    assert 0 == result.exit_code, result.output
    assert "rewards granted" in result.output
    output = tmp_path / "rewards.ndjson"
    exported = run(export, "rewards", "--output", output)
    assert (0, "1 rewards written") == (exported.exit_code, exported.stderr[:17])
    assert "999900000001" == json.loads(output.read_text())["member_id"]
    assert 0o600 == stat.S_IMODE(output.stat().st_mode)
    assert not output.with_name("rewards.ndjson.part").exists()
    assert output.read_bytes() == run(export, "rewards").stdout_bytes


def test_what_was_exported_is_brought_in_again(run: Run, roster: Path, tmp_path: Path, engine: Engine) -> None:
    run(import_members, roster)
    (tmp_path / "steps.csv").write_text(STEPS)
    run(import_completions, tmp_path / "steps.csv")
    output = tmp_path / "rewards.ndjson"
    run(export, "rewards", "--output", output)
    with engine.begin() as conn:
        conn.execute(rewards.delete())
        conn.execute(completions.delete())
    tried = run(import_records, output, "--dry-run")
    assert (0, True, b"") == (
        tried.exit_code,
        "Nothing was written" in tried.output,
        run(export, "rewards").stdout_bytes,
    )
    result = run(import_records, output)
    assert (0, True) == (result.exit_code, "rewards added" in result.output), result.output
    assert "rewards granted" not in result.output
    assert output.read_bytes() == run(export, "rewards").stdout_bytes

    (tmp_path / "bad.ndjson").write_text('{"secret": 1}\n')
    spoilt = run(import_records, output, tmp_path / "bad.ndjson")
    assert (1, False) == (spoilt.exit_code, "secret" in spoilt.output)
    assert "bad.ndjson, line 1: is not of a kind that can be brought in" in spoilt.output
    missing = run(import_records, tmp_path / "missing.ndjson")
    assert (2, True) == (missing.exit_code, "No such file" in missing.stderr)


def test_export_refuses_other_kinds_and_times(run: Run) -> None:
    assert 2 == run(export, "everything").exit_code
    result = run(export, "rewards", "--since", "soon")
    assert (2, True) == (result.exit_code, "expected a date or time" in result.output)


@pytest.mark.parametrize("command", [import_members, import_completions, import_records, export])
def test_help_shows_examples(run: Run, command: object) -> None:
    result = run(command, "--help")
    assert (0, True) == (result.exit_code, "Examples:" in result.output)


def test_the_funnel_is_exported_as_numbers_of_nobody(run: Run, roster: Path, engine: Engine) -> None:
    run(import_members, roster)
    started = {"version": 1, "owner": "bot", "session_sealed": b"", "address_sealed": b"", "updated_at": 2e9}
    with engine.begin() as conn:
        for id, at in (("old", 1e9), ("new", 1.9e9)):
            row = {"id": id, "phone_index": id, "language": "es", "how": "sms", "started_at": at}
            conn.execute(insert(conversations).values(started | row))
    lines = [json.loads(line) for line in run(export, "funnel").stdout.splitlines()]
    entered = {"part": "stage", "of": "all", "key": "started", "measure": "entered", "count": 2}
    assert entered == lines[0]
    assert {**entered, "of": "language:es"} in lines and {**entered, "of": "channel:sms"} in lines
    later = run(export, "funnel", "--since", "2020-01-01", "--format", "csv").stdout.splitlines()
    assert ["part,of,key,measure,count", "stage,all,started,entered,1"] == later[:2]
    assert len(later) == 1 + len(lines)


def test_every_kind_is_csv_with_its_columns(run: Run) -> None:
    for kind, told in KINDS.items():
        result = run(export, kind, "--format", "csv")
        header = result.stdout_bytes.split(b"\r\n")[0].decode()
        assert (0, ",".join(told.columns)) == (result.exit_code, header), kind
        assert f"0 rows of {kind} written" in result.stderr


def test_a_full_disk_is_noticed_behind_standard_output_too(tmp_path: Path) -> None:
    """PYTHONUNBUFFERED, as in most containers: Python's own stream writes what fits and does not complain."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from webhooks.commands.export import _opened\n"
        "with _opened(None) as out: out.write(b'x' * 9000)\n"
    )
    for unbuffered in ("1", ""):
        with (tmp_path / "full").open("wb") as out:
            environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
            ended = subprocess.run([sys.executable, "-c", code], env=environ, stdout=out, stderr=subprocess.PIPE)
        assert (1, True) == (ended.returncode, b"File too large" in ended.stderr)
