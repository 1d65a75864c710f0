"""Loads a plan's roster from CSV (docs/imports.md): row by row, in short transactions, what is wrong set aside."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, bindparam, insert, select, update
from sqlalchemy import Row as SqlRow

from bot.flow import Plan
from bot.members.batches import batches, transactions
from bot.members.csv_rows import BrokenRow, Progress, Row, open_sheet
from bot.members.guardian_links import guardian_for, link_child
from bot.members.member_rows import GUARDIAN, NOTE, OPTIONAL, REQUIRED, BadRow, MemberRow, read_member_row
from bot.members.rejects import Rejects, RowProblem, rejecting
from bot.members.roster import member_id_index, name_index, open_details, phone_index, seal_details
from bot.records.rewards import reevaluate_all
from bot.records.tables import members
from bot.vault import Vault

_DETAILS_COLUMNS = frozenset({"sex", "address", "city", "state", "phone", "email", "language"})


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


@dataclass(slots=True)
class _Seen:
    """A member this file has named already."""

    line: int
    plan: str
    facts: int  # hash of the row without its guardian
    id: str = ""
    outcome: str = ""  # added, updated, unchanged
    links: dict[str, tuple[str, date | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A row that has passed every check of its own."""

    source: Row
    row: MemberRow
    index: str


@dataclass(frozen=True, slots=True)
class _Import:
    """One run: what it works with and what it has found so far."""

    vault: Vault
    plans: Mapping[str, Plan]
    today: date
    now: float
    rejects: Rejects
    seen: dict[str, _Seen] = field(default_factory=dict)  # by member_id_index
    waiting: list[_Taken] = field(default_factory=list)  # whose guardian may stand further down


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
    with rejecting(sheet, rejects) as rejected:
        work = _Import(vault, plans, datetime.fromtimestamp(moment, UTC).date(), moment, rejected)
        with transactions(engine, dry_run) as transaction:
            for batch in batches(_taken(work, sheet.rows(progress))):
                with transaction() as conn:
                    _load(conn, work, batch)
            with transaction() as conn:
                _link_late(conn, work)
    granted = 0 if dry_run else reevaluate_all(engine, plans, moment)
    return _report(work, sheet.ignored, granted, dry_run)


# --- rows ------------------------------------------------------------------------------------------------------------


def _taken(work: _Import, rows: Iterator[Row | BrokenRow]) -> Iterator[_Taken]:
    for source in rows:
        if isinstance(source, BrokenRow):
            work.rejects.add(source.line, [source.reason], source.raw)
            continue
        try:
            row = read_member_row(source.cells, work.plans, work.today)
        except BadRow as bad:
            work.rejects.add(source.line, bad.reasons, source.raw)
            continue
        index = member_id_index(work.vault, row.plan, row.details.member_id)
        first = work.seen.setdefault(index, _Seen(source.line, row.plan, _facts(row)))
        if first.facts == _facts(row):
            yield _Taken(source, row, index)
        else:
            work.rejects.add(source.line, [f"line {first.line} names the same member with other facts"], source.raw)


def _facts(row: MemberRow) -> int:
    return hash(replace(row, guardian=None))


# --- members ---------------------------------------------------------------------------------------------------------


def _load(conn: Connection, work: _Import, batch: list[_Taken]) -> None:
    new = {taken.index: taken.row for taken in batch if not work.seen[taken.index].outcome}
    on_file = conn.execute(select(members).where(members.c.member_id_index.in_(new)))
    known = {row.member_id_index: row for row in on_file}
    _add(conn, work, {index: row for index, row in new.items() if index not in known})
    _update(conn, work, {index: (row, known[index]) for index, row in new.items() if index in known})
    for taken in batch:
        if not _link(conn, work, taken):
            work.waiting.append(taken)


def _add(conn: Connection, work: _Import, rows: Mapping[str, MemberRow]) -> None:
    additions = []
    for index, row in rows.items():
        seen = work.seen[index]
        seen.id, seen.outcome = secrets.token_hex(16), "added"
        own = {"id": seen.id, "plan": row.plan, "member_id_index": index, "version": 0}
        additions.append(own | _columns(work, row) | {"language": row.language or "en"})
    if additions:
        conn.execute(insert(members), additions)


def _update(conn: Connection, work: _Import, rows: Mapping[str, tuple[MemberRow, SqlRow[tuple[object, ...]]]]) -> None:
    changes = []
    for index, (row, on_file) in rows.items():
        meant = _merged(work.vault, row, on_file)
        changed = meant != _as_on_file(work.vault, row, on_file)
        work.seen[index].id, work.seen[index].outcome = on_file.id, "updated" if changed else "unchanged"
        if changed:
            changes.append({"own_id": on_file.id} | _columns(work, meant))
    if changes:
        this = members.c.id == bindparam("own_id")
        conn.execute(update(members).where(this).values(version=members.c.version + 1), changes)


def _columns(work: _Import, row: MemberRow) -> dict[str, object]:
    details = row.details
    return {
        "phone_index": phone_index(work.vault, details.phone) if details.phone else None,
        "name_index": name_index(work.vault, details.first, details.last),
        "details_sealed": seal_details(work.vault, details),
        "language": row.language,
        "benefits_begin": row.benefits_begin,
        "benefits_end": row.benefits_end,
        "pmp_provider": row.pmp_provider or None,
        "updated_at": work.now,
    }


def _as_on_file(vault: Vault, row: MemberRow, on_file: SqlRow[tuple[object, ...]]) -> MemberRow:
    """What is on file, in the shape of a row."""
    return replace(
        row,
        details=open_details(vault, on_file.details_sealed),
        language=on_file.language,
        benefits_begin=on_file.benefits_begin,
        benefits_end=on_file.benefits_end,
        pmp_provider=on_file.pmp_provider or "",
    )


def _merged(vault: Vault, row: MemberRow, on_file: SqlRow[tuple[object, ...]]) -> MemberRow:
    """The row, with what it does not say taken from what is on file."""
    old = _as_on_file(vault, row, on_file)
    kept = {column: getattr(old.details, column) for column in row.absent & _DETAILS_COLUMNS}
    return replace(
        row,
        details=msgspec.structs.replace(row.details, **kept),
        language=row.language or old.language,
        benefits_end=old.benefits_end if "benefits_end" in row.absent else row.benefits_end,
        pmp_provider=row.pmp_provider or old.pmp_provider,
    )


# --- guardians -------------------------------------------------------------------------------------------------------


def _link(conn: Connection, work: _Import, taken: _Taken) -> bool:
    """Link the row's child to its guardian, if it names one; False if that guardian is not on file (yet)."""
    claim, seen = taken.row.guardian, work.seen[taken.index]
    if claim is None:
        return True
    guardian = guardian_for(conn, work.vault, seen.id, seen.plan, claim)
    if guardian is None:
        return False
    facts = (claim.relationship, claim.ends)
    if seen.links.setdefault(guardian, facts) != facts:
        reason = "an earlier row names this guardian with another relationship or guardianship_ends"
        work.rejects.add(taken.source.line, [reason], taken.source.raw)
    elif link_child(conn, seen.id, guardian, claim) and seen.outcome == "unchanged":
        seen.outcome = "updated"
        version = {"version": members.c.version + 1, "updated_at": work.now}
        conn.execute(update(members).where(members.c.id == seen.id).values(version))
    return True


def _link_late(conn: Connection, work: _Import) -> None:
    """Guardians whose own row came after their child's."""
    for taken in work.waiting:
        if not _link(conn, work, taken):
            reason = "guardian_member_id is not on file (the member was loaded, the guardian was not)"
            work.rejects.add(taken.source.line, [reason], taken.source.raw)


# --- report ----------------------------------------------------------------------------------------------------------


def _report(work: _Import, ignored: tuple[str, ...], granted: int, dry_run: bool) -> RosterReport:
    outcomes = [seen.outcome for seen in work.seen.values()]
    return RosterReport(
        added=outcomes.count("added"),
        updated=outcomes.count("updated"),
        unchanged=outcomes.count("unchanged"),
        rejected=work.rejects.count,
        problems=tuple(sorted(work.rejects.problems, key=lambda problem: problem.line)),
        ignored_columns=ignored,
        rewards_granted=granted,
        dry_run=dry_run,
    )
