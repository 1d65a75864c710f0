"""Loads NDJSON that `carestart export` wrote, line by line, into another installation (docs/imports.md)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection, Engine

from bot.flow import Plan
from bot.members.batches import transactions
from bot.members.rejects import RowProblem
from bot.records.export.plain import Record
from bot.records.reimport.lines import MAX_LINE, Line, Progress, in_batches, read_lines
from bot.records.reimport.on_file import OnFile, look_up
from bot.records.reimport.parts import Incoming, NotTaken
from bot.records.reimport.record import read_line
from bot.records.reimport.row import prove, restored
from bot.records.reimport.set_aside import SetAside, setting_aside
from bot.records.reimport.write import Outcome, write
from bot.vault import Vault

_AHEAD_S = 86_400.0  # so far may the clock of where it was written be ahead
_BETWEEN = 1e-6  # seconds between two screenings of one second: an export orders them by it
_MOST_BETWEEN = 999_999


@dataclass(frozen=True, slots=True)
class RecordsReport:
    """What an import did, in lines."""

    added: Mapping[str, int]  # by kind
    updated: int  # referrals and screenings that had come further
    known: int  # on file as they are, or further
    rejected: int
    problems: tuple[RowProblem, ...]  # the first 1,000
    dry_run: bool
    ignored_columns: tuple[str, ...] = ()
    rewards_granted: None = None  # none is: the ledger comes with the records


@dataclass(frozen=True, slots=True)
class _Read:
    record: Record
    incoming: Incoming


@dataclass(slots=True)
class _Import:
    vault: Vault
    plans: Mapping[str, Plan]
    now: float
    aside: SetAside
    outcomes: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    _second: float = 0.0  # of the screening before
    _in_it: int = 0  # how many of that second there were before

    def load(self, conn: Connection, lines: Sequence[Line]) -> None:
        read = [self._read(line) for line in lines]
        known = look_up(conn, self.vault, self.plans, [one.incoming for one in read if isinstance(one, _Read)])
        for line, one in zip(lines, read, strict=True):
            try:
                if isinstance(one, NotTaken):
                    raise one
                self.outcomes[one.incoming.kind, self._write(conn, known, one)] += 1
            except NotTaken as problem:
                self.aside.add(line, str(problem))

    def _read(self, line: Line) -> _Read | NotTaken:
        """What a line says, or why it cannot be taken: that is told when its turn comes."""
        if line.too_long:
            return NotTaken(f"is longer than {MAX_LINE:,} bytes")
        try:
            record, incoming = read_line(line.raw)
        except NotTaken as problem:
            return problem
        if max(incoming.changed, incoming.values.get("at", 0.0)) > self.now + _AHEAD_S:
            return NotTaken("is of the future")
        return _Read(record, incoming)

    def _write(self, conn: Connection, known: OnFile, one: _Read) -> Outcome:
        row = restored(self.vault, known, one.incoming)
        prove(conn, self.vault, known, row, one.record)
        if one.incoming.kind == "screenings":
            row = replace(row, row={**row.row, "updated_at": self._in_order(one.incoming.changed)})
        return write(conn, self.vault, row, self.now)

    def _in_order(self, changed: float) -> float:
        """Lines have whole seconds. Screenings of the same second stay in the order of the file."""
        self._in_it = self._in_it + 1 if changed == self._second else 0
        self._second = changed
        return changed + min(self._in_it, _MOST_BETWEEN) * _BETWEEN


def import_records(
    engine: Engine,
    vault: Vault,
    plans: Mapping[str, Plan],
    files: Sequence[Path],
    *,
    progress: Progress | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
    now: float | None = None,
) -> RecordsReport:
    """Bring in the records of these files; the same ones again change nothing. Raises Unreadable."""
    with setting_aside(files, rejects) as aside:
        work = _Import(vault, plans, time.time() if now is None else now, aside)
        with transactions(engine, dry_run) as transaction:
            for batch in in_batches(read_lines(files, progress)):
                with transaction() as conn:
                    work.load(conn, batch)
        return _report(work, dry_run)


def _report(work: _Import, dry_run: bool) -> RecordsReport:
    of = work.outcomes
    return RecordsReport(
        added={kind: number for (kind, outcome), number in of.items() if outcome == "added"},
        updated=sum(number for (_, outcome), number in of.items() if outcome == "updated"),
        known=sum(number for (_, outcome), number in of.items() if outcome == "known"),
        rejected=work.aside.count,
        problems=tuple(work.aside.problems),
        dry_run=dry_run,
    )
