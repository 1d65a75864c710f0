"""What the imports share on the command line, but for that of providers: the records, the progress bar, the report."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.members.csv_rows import Progress as Told
from bot.members.csv_rows import Unreadable
from bot.members.rejects import RowProblem
from bot.vault import SealBroken

if TYPE_CHECKING:
    from bot.bootstrap import Records
    from bot.records.database import Database

_SHOWN = 20  # problems printed without --all
_STATEMENT_SECONDS = 600.0  # longer than a turn's: who is missing from a file of a million is one statement
EXIT_CODES = "Exit code: 0 all loaded, 1 some rows rejected, 2 could not read."

_Report = TypeVar("_Report")


class Rejecting(Protocol):
    """What every report tells of the rows it could not take."""

    @property
    def rejected(self) -> int: ...
    @property
    def problems(self) -> tuple[RowProblem, ...]: ...
    @property
    def ignored_columns(self) -> tuple[str, ...]: ...
    @property
    def rewards_granted(self) -> int | None: ...  # None: it grants none
    @property
    def dry_run(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Options:
    """How the report is to be printed."""

    everything: bool
    rejects: Path | None


def open_ready_records(data: Path | None, *, to_read: bool = False) -> Records:
    """The records for `--data`, at the newest schema; let go when the command ends. Where they cannot be opened, or are
    `to_read` and there are none, that is with 2: an export of a wrong folder must not look like a day without news."""
    from bot.bootstrap import open_records  # not before it is needed: --help stays quick
    from bot.records.database import Away
    from bot.records.migrate import upgrade
    from webhooks.startup import ready_settings

    try:
        records = open_records(ready_settings(data), _STATEMENT_SECONDS)
        if (command := click.get_current_context(silent=True)) is not None:
            command.call_on_close(records.engine.dispose)
        if to_read and (file := _not_there(records.engine)):
            _fail(f"{file}: there is no database; give the right folder with --data, or DATABASE_URL")
        upgrade(records.engine)
    except Away:
        _fail("the database does not answer; carestart doctor says more")
    except OSError as error:
        _fail(f"{error.filename or 'the data folder'}: {error.strerror}; give another folder with --data")
    return records


def _not_there(engine: Database) -> Path | None:
    """SQLite's file, where there is none yet."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    file = Path(engine.url.database)
    return None if file.exists() else file


def run_import(load: Callable[[Told | None], _Report]) -> _Report:
    """Load with a progress bar where somebody is watching; a file that cannot be read ends the command with 2."""
    try:
        with _told(Console(stderr=True)) as told, whole_or_told():
            return load(told)
    except Unreadable as unreadable:
        _fail(str(unreadable))
    except SealBroken:
        _fail("the members on file cannot be opened with these ENCRYPTION_KEYS")


@contextmanager
def whole_or_told() -> Iterator[None]:
    """What breaks an import off ends the command with 2, not with the 1 of rows rejected."""
    from bot.records.database import Away  # not before it is needed: --help stays quick

    again = "What was loaded stays; mend that and import the same file again."
    try:
        yield
    except Away:
        _fail(f"broken off: the database does not answer, or its disk is full. {again}")
    except OSError as error:
        _fail(f"broken off: {error.strerror or 'a file cannot be read or written'}. {again}")


def _fail(reason: str) -> NoReturn:
    click.echo(f"Error: {reason}", err=True)
    sys.exit(2)


@contextmanager
def _told(console: Console) -> Iterator[Told | None]:
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("Reading"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("read", total=1.0)
        yield lambda share: bars.update(task, completed=share)


def note_import(engine: Database, counts: Mapping[str, int]) -> None:
    """The audit tells what this command loaded, by counts alone."""
    from bot.records import audit  # not before it is needed: --help stays quick

    what = click.get_current_context().info_name or "import"
    with engine.begin() as conn:
        audit.note(conn, time.time(), "cli", "import", what, json.dumps(counts))


def finish(
    engine: Database, report: Rejecting, counts: Mapping[str, int], options: Options, rows: str = "rows"
) -> NoReturn:
    """Print the summary and the problems, note it in the audit, and end the command with its exit code. `rows`: what
    may be rejected."""
    console = Console()
    if not report.dry_run:
        note_import(engine, {**counts, f"{rows} rejected": report.rejected})
    table = Table("what", "number", title="Nothing was written: a dry run" if report.dry_run else None)
    granted = {} if report.rewards_granted is None else {"rewards granted": report.rewards_granted}
    for what, number in {**counts, f"{rows} rejected": report.rejected, **granted}.items():
        table.add_row(what, f"{number:,}")
    console.print(table)
    if report.ignored_columns:
        names = ", ".join(report.ignored_columns)
        console.print(f"Columns not read: {names}", highlight=False, markup=False, soft_wrap=True)
    _print_problems(console, report, options, rows)
    sys.exit(1 if report.problems else 0)


def _print_problems(console: Console, report: Rejecting, options: Options, rows: str) -> None:
    shown = report.problems if options.everything else report.problems[:_SHOWN]
    for problem in shown:
        console.print(str(problem), highlight=False, markup=False, soft_wrap=True)
    if (more := max(report.rejected, len(report.problems)) - len(shown)) > 0:
        console.print(f"... and {more:,} more" + ("" if options.everything else " (--all)"))
    if report.rejected:
        where = f"are in {options.rejects}" if options.rejects else "can be written to a file with --rejects FILE"
        console.print(f"The rejected {rows} {where}, to correct and import again.", highlight=False, soft_wrap=True)
