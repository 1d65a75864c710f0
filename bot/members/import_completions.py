"""Loads the steps members finished elsewhere, in the online account or by calling (docs/imports.md), from CSV."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from bot.flow import Plan
from bot.members import cells
from bot.members.batches import batches, transactions
from bot.members.cells import BadCell, Reader
from bot.members.csv_rows import BrokenRow, Progress, Row, open_sheet
from bot.members.rejects import Origin, Rejects, RowProblem, rejecting
from bot.members.roster import member_id_index
from bot.records.once import insert_once
from bot.records.rewards import local_date, reevaluate_all
from bot.records.tables import completions, members
from bot.vault import Vault

REQUIRED = ("member_id", "step", "completed_on", "source")
OPTIONAL = ("plan", "reference", "note")


@dataclass(frozen=True, slots=True)
class CompletionsReport:
    """What an import did, in rows."""

    recorded: int
    known: int  # recorded before, or twice in the file
    rejected: int
    problems: tuple[RowProblem, ...]  # the first 1,000
    ignored_columns: tuple[str, ...]
    rewards_granted: int
    dry_run: bool


@dataclass(frozen=True, slots=True)
class _Completion:
    """A row whose cells are each well written."""

    source: Row
    values: Mapping[str, str]

    def indexes(self, vault: Vault, plans: Mapping[str, Plan]) -> list[str]:
        """The member's key in the plan named; where none is named, in each."""
        named = self.values.get("plan")
        return [member_id_index(vault, plan, self.values["member_id"]) for plan in ([named] if named else plans)]


def import_completions(
    engine: Engine,
    vault: Vault,
    plans: Mapping[str, Plan],
    path: Path,
    *,
    progress: Progress | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
    now: float | None = None,
) -> CompletionsReport:
    """Record finished steps, grant the rewards they complete; the same file again adds nothing. Raises Unreadable."""
    moment = time.time() if now is None else now
    sheet = open_sheet(path, REQUIRED, OPTIONAL)
    outcomes: list[bool] = []
    with rejecting(sheet, rejects) as rejected:
        with transactions(engine, dry_run) as transaction:
            for batch in batches(_read(sheet.rows(progress), plans, rejected)):
                with transaction() as conn:
                    outcomes += _record(conn, vault, plans, batch, moment, rejected)
        granted = 0 if dry_run else reevaluate_all(engine, plans, moment)
        return CompletionsReport(
            recorded=outcomes.count(True),
            known=outcomes.count(False),
            rejected=rejected.count,
            problems=tuple(sorted(rejected.problems, key=lambda problem: problem.line)),
            ignored_columns=sheet.ignored,
            rewards_granted=granted,
            dry_run=dry_run,
        )


def _read(rows: Iterator[Row | BrokenRow], plans: Mapping[str, Plan], rejects: Rejects) -> Iterator[_Completion]:
    readers: Mapping[str, Reader] = {
        "member_id": cells.text_up_to(30),
        "step": cells.one_of("preference", "pmp", "screening"),
        "completed_on": cells.day,
        "source": cells.one_of("portal", "phone"),
        "plan": cells.one_of("", *plans),
        "reference": cells.text_up_to(64),
    }
    for row in rows:
        if isinstance(row, BrokenRow):
            rejects.add(Origin(row.line, row.raw), [row.reason])
            continue
        values, reasons = _cells(row, readers)
        if reasons:
            rejects.add(Origin(row.line, row.raw), reasons)
        else:
            yield _Completion(row, values)


def _cells(row: Row, readers: Mapping[str, Reader]) -> tuple[dict[str, str], list[str]]:
    values: dict[str, str] = {}
    reasons: list[str] = []
    for column in readers.keys() & row.cells.keys():
        try:
            values[column] = readers[column](row.cells[column])
        except BadCell as error:
            reasons.append(f"{column} {error}")
    reasons += [f"{column} is empty" for column in ("member_id", "completed_on") if values.get(column) == ""]
    return values, sorted(reasons)


def _record(
    conn: Connection,
    vault: Vault,
    plans: Mapping[str, Plan],
    batch: list[_Completion],
    now: float,
    rejects: Rejects,
) -> list[bool]:
    """True for each row recorded, False for each known before."""
    indexes = {index for row in batch for index in row.indexes(vault, plans)}
    query = select(members.c.member_id_index, members.c.id, members.c.plan)
    on_file = {
        found.member_id_index: found for found in conn.execute(query.where(members.c.member_id_index.in_(indexes)))
    }
    outcomes: list[bool] = []
    for row in batch:
        found = [on_file[index] for index in row.indexes(vault, plans) if index in on_file]
        reason = _refusal(row, [plans[one.plan] for one in found], now)
        if reason:
            rejects.add(Origin(row.source.line, row.source.raw), [reason])
        else:
            outcomes.append(insert_once(conn, completions, _values(row, found[0].id, plans[found[0].plan])))
    return outcomes


def _refusal(row: _Completion, plans_found: list[Plan], now: float) -> str:
    """Why the row cannot be recorded, or nothing."""
    if not plans_found:
        return "member_id is not on file"
    if len(plans_found) > 1:
        return "member_id is on file in more than one plan: name it in a column plan"
    if date.fromisoformat(row.values["completed_on"]) > local_date(plans_found[0], now):
        return "completed_on is in the future"
    return ""


def _values(row: _Completion, member: str, plan: Plan) -> dict[str, object]:
    """The step counts from the beginning of that day in the plan's zone; the day stands for a missing reference."""
    day = date.fromisoformat(row.values["completed_on"])
    return {
        "member": member,
        "step": row.values["step"],
        "source": row.values["source"],
        "reference": row.values.get("reference") or row.values["completed_on"],
        "at": datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(plan.hours.zone)).timestamp(),
    }
