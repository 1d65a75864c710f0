"""Loads a plan's roster from CSV (docs/imports.md): row by row, in short transactions, what is wrong set aside."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine

from bot.flow import Plan
from bot.members.batches import batches, transactions
from bot.members.csv_rows import BrokenRow, Progress, Row, open_sheet
from bot.members.load_rows import Loader, Taken
from bot.members.member_rows import GUARDIAN, NOTE, OPTIONAL, REQUIRED, BadRow, read_member_row
from bot.members.rejects import Origin, Rejects, RowProblem, rejecting
from bot.members.roster import member_id_index
from bot.members.seen import Seen, seeing
from bot.records.rewards import reevaluate_all
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class RosterReport:
    """What an import did. Members are counted once however many rows name them; `rejected` counts rows."""

    added: int
    updated: int
    unchanged: int
    rejected: int
    problems: tuple[RowProblem, ...]  # the first 1,000
    ignored_columns: tuple[str, ...]
    rewards_granted: int
    dry_run: bool


@dataclass(frozen=True, slots=True)
class _Import:
    """One run: what it works with and what it has found so far."""

    vault: Vault
    plans: Mapping[str, Plan]
    today: date
    rejects: Rejects
    seen: Seen


def import_members(
    engine: Engine,
    vault: Vault,
    plans: Mapping[str, Plan],
    path: Path,
    *,
    progress: Progress | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
    now: float | None = None,
) -> RosterReport:
    """Add and update the members of a CSV file; the same file again changes nothing. Rows it cannot take are reported
    and, where `rejects` is a path, written there. `dry_run` does it all and takes it back. Raises Unreadable.
    """
    moment = time.time() if now is None else now
    sheet = open_sheet(path, REQUIRED, (*OPTIONAL, *GUARDIAN, NOTE))
    with rejecting(sheet, rejects) as rejected, seeing() as seen:
        work = _Import(vault, plans, datetime.fromtimestamp(moment, UTC).date(), rejected, seen)
        loader = Loader(vault, moment, seen, rejected.add)
        with transactions(engine, dry_run) as transaction:
            for batch in batches(_taken(work, sheet.rows(progress))):
                with transaction() as conn:
                    loader.load(conn, batch)
            for late in batches(loader.late()):
                with transaction() as conn:
                    loader.link(conn, late)
        granted = 0 if dry_run else reevaluate_all(engine, plans, moment)
        return _report(work, sheet.ignored, granted, dry_run)


# --- rows ------------------------------------------------------------------------------------------------------------


def _taken(work: _Import, rows: Iterator[Row | BrokenRow]) -> Iterator[Taken]:
    for source in rows:
        origin = Origin(source.line, source.raw)
        if isinstance(source, BrokenRow):
            work.rejects.add(origin, [source.reason])
            continue
        try:
            row = read_member_row(source.cells, work.plans, work.today)
        except BadRow as bad:
            work.rejects.add(origin, bad.reasons)
            continue
        index, facts = member_id_index(work.vault, row.plan, row.details.member_id), hash(replace(row, guardian=None))
        first = work.seen.name(index, source.line, facts)
        if first.facts == facts:
            yield Taken(origin, row, index)
        else:
            work.rejects.add(origin, [f"line {first.line} names the same member with other facts"])


# --- report ----------------------------------------------------------------------------------------------------------


def _report(work: _Import, ignored: tuple[str, ...], granted: int, dry_run: bool) -> RosterReport:
    outcomes = work.seen.outcomes()
    return RosterReport(
        added=outcomes.get("added", 0),
        updated=outcomes.get("updated", 0),
        unchanged=outcomes.get("unchanged", 0),
        rejected=work.rejects.count,
        problems=tuple(sorted(work.rejects.problems, key=lambda problem: problem.line)),
        ignored_columns=ignored,
        rewards_granted=granted,
        dry_run=dry_run,
    )
