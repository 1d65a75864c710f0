"""Steps finished in the online account or by calling count like those finished here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.members.csv_rows import Unreadable
from bot.members.import_completions import CompletionsReport, import_completions
from bot.members.roster import Details
from bot.records.rewards import local_date
from bot.records.tables import completions, rewards
from tests.members.people import INDIANA, PLANS, VAULT, add_member, at, complete

NOW = at(2026, 6, 15)
HEADER = "member_id,step,completed_on,source\n"


@pytest.fixture
def ann(engine: Engine) -> Engine:
    with engine.begin() as conn:
        add_member(conn, "ann", Details("999900000001", "Ann", "Bell", "1990-05-04", zip="46201"))
    return engine


def load(engine: Engine, tmp_path: Path, content: str, **options: object) -> CompletionsReport:
    path = tmp_path / "steps.csv"
    path.write_text(content)
    return import_completions(engine, VAULT, PLANS, path, now=NOW, **options)  # type: ignore[arg-type]


def counts(report: CompletionsReport) -> tuple[int, int, int]:
    return report.recorded, report.known, report.rejected


def test_steps_from_everywhere_together_earn_the_reward(ann: Engine, tmp_path: Path) -> None:
    with ann.begin() as conn:
        here = complete(conn, "ann", "screening", at(2026, 6, 2))
    rows = HEADER + "9999-0000-0001,preference,2026-06-01,portal\n999900000001,PMP,6/3/2026,phone\n"
    report = load(ann, tmp_path, rows)
    assert ((2, 0, 0), 1) == (counts(report), report.rewards_granted)
    again = load(ann, tmp_path, rows)
    assert ((0, 2, 0), 0) == (counts(again), again.rewards_granted)
    with ann.begin() as conn:
        rows_by_step = {row.step: row for row in conn.execute(select(completions))}
        cited = json.loads(conn.scalars(select(rewards.c.completions)).one())
    assert [rows_by_step["preference"].id, rows_by_step["pmp"].id, here] == cited
    assert ("portal", "2026-06-01") == (rows_by_step["preference"].source, rows_by_step["preference"].reference)
    assert "2026-06-01" == local_date(INDIANA, rows_by_step["preference"].at).isoformat()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("999900000009,pmp,2026-06-01,portal", "member_id is not on file"),
        (",pmp,2026-06-01,portal", "member_id is empty"),
        ("999900000001,hns,2026-06-01,portal", "step is not one of: preference, pmp, screening"),
        ("999900000001,pmp,06-01-2026,portal", "completed_on is not a date"),
        ("999900000001,pmp,,portal", "completed_on is empty"),
        ("999900000001,pmp,2026-06-16,portal", "completed_on is in the future"),
        ("999900000001,pmp,2026-06-01,carestart", "source is not one of: portal, phone"),
        ("999900000001,pmp,2026-06-01", "has 3 cells where the header has 4"),
    ],
)
def test_a_bad_row_is_told_by_line_and_the_rest_is_loaded(ann: Engine, tmp_path: Path, row: str, reason: str) -> None:
    rejects = tmp_path / "rejects.csv"
    good = "999900000001,screening,2026-06-01,phone\n"
    report = load(ann, tmp_path, HEADER + row + "\n" + good, rejects=rejects)
    assert (1, 0, 1) == counts(report)
    assert (2, True) == (report.problems[0].line, reason in report.problems[0].reason)
    assert row in rejects.read_text()


def test_a_reference_tells_two_on_one_day_apart(ann: Engine, tmp_path: Path) -> None:
    rows = "member_id,step,completed_on,source,reference\n" + "".join(
        f"999900000001,pmp,2026-06-01,phone,{reference}\n" for reference in ("call 1", "call 2", "call 1", "")
    )
    assert (3, 1, 0) == counts(load(ann, tmp_path, rows))


def test_one_id_in_two_plans_needs_the_plan(ann: Engine, tmp_path: Path) -> None:
    with ann.begin() as conn:
        add_member(conn, "other", Details("999900000001", "Al", "Roe", "1980-01-01", zip="43215"), plan="ohio")
    report = load(ann, tmp_path, HEADER + "999900000001,pmp,2026-06-01,portal\n")
    assert ("line 2: member_id is on file in more than one plan: name it in a column plan",) == tuple(
        str(problem) for problem in report.problems
    )
    with_plan = "plan,member_id,step,completed_on,source\nohio,999900000001,pmp,2026-06-01,portal\n"
    assert (1, 0, 0) == counts(load(ann, tmp_path, with_plan))
    with ann.begin() as conn:
        assert ["other"] == list(conn.scalars(select(completions.c.member)))


def test_a_dry_run_changes_nothing(ann: Engine, tmp_path: Path) -> None:
    report = load(ann, tmp_path, HEADER + "999900000001,pmp,2026-06-01,portal\n", dry_run=True)
    assert ((1, 0, 0), True) == (counts(report), report.dry_run)
    with ann.begin() as conn:
        assert [] == list(conn.scalars(select(completions.c.id)))


def test_a_file_without_the_columns_is_refused(ann: Engine, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="has no column step, completed_on, source"):
        load(ann, tmp_path, "member_id\n")
