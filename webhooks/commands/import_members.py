"""`carestart import members FILE`: load a plan's roster and say what was done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bot.members.import_csv import import_members as import_csv
from webhooks.commands.import_report import EXIT_CODES, Options, finish, open_ready_records, run_import

if TYPE_CHECKING:
    from bot.bootstrap import Records
    from bot.members.import_834 import Choices

_EXAMPLES = f"""
\b
Examples:
  carestart import members roster.csv
  carestart import members roster.csv --dry-run
  carestart import members roster.csv --rejects rejected.csv
  carestart import members rejected.csv            after correcting it
  carestart import members enrolment.834 --rejects rejected.834
  carestart import members full.834 --list-missing missing.csv

\b
The columns, and what is read of an 834 file, are described in docs/imports.md.
{EXIT_CODES}
"""
_FILE = click.Path(path_type=Path, dir_okay=False)
_PERCENT = click.FloatRange(0, 100)


@click.command("members", epilog=_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rejects", type=_FILE, help="Write rejected rows to this file.")
@click.option("--dry-run", is_flag=True, help="Report what would be done and change nothing.")
@click.option("--all", "everything", is_flag=True, help="List every problem, not only the first 20.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: .data]")
@click.option("--plan", default="", help="834: the plan of all members.  [default: as the file says]")
@click.option("--force", is_flag=True, help="834: load it though a newer file was loaded.")
@click.option("--list-missing", type=_FILE, help="834: write to this file who is missing from a full file.")
@click.option("--terminate-missing", is_flag=True, help="834: end the benefits of who is missing from a full file.")
@click.option("--missing-limit", type=_PERCENT, default=10.0, show_default=True, help="834: of the active, in percent.")
def import_members(
    file: Path,
    rejects: Path | None,
    dry_run: bool,
    everything: bool,
    data: Path | None,
    plan: str,
    force: bool,
    list_missing: Path | None,
    terminate_missing: bool,
    missing_limit: float,
) -> None:
    """Load members and their guardians from a CSV file or an enrolment file (X12 834).

    Members on file are updated, so the same file can be loaded again. Rows (834: loops) that cannot be taken are
    listed by line or segment and reason; the rest is loaded."""
    from bot.members.import_834 import Choices  # not before it is needed: --help stays quick
    from bot.members.x12_segments import is_x12

    choices = Choices(plan, dry_run, force, rejects, list_missing, terminate_missing, missing_limit)
    options = Options(everything, rejects)
    x12 = run_import(lambda _: is_x12(file))
    if not x12 and choices != Choices(dry_run=dry_run, rejects=rejects, missing_limit=missing_limit):
        raise click.UsageError("--plan, --force and what is missing are for X12 834 files; this is none")
    records = open_ready_records(data)
    (_load_834 if x12 else _load_csv)(records, file, choices, options)


def _load_csv(records: Records, file: Path, choices: Choices, options: Options) -> NoReturn:
    plans = records.content.current.plans
    report = run_import(
        lambda told: import_csv(
            records.engine,
            records.vault,
            plans,
            file,
            progress=told,
            dry_run=choices.dry_run,
            rejects=choices.rejects,
        )
    )
    counts = {
        "members added": report.added,
        "members updated": report.updated,
        "members unchanged": report.unchanged,
    }
    finish(records.engine, report, counts, options)


def _load_834(records: Records, file: Path, choices: Choices, options: Options) -> NoReturn:
    from bot.members.import_834 import import_834

    plans = records.content.current.plans
    report = run_import(lambda told: import_834(records.engine, records.vault, plans, file, choices, progress=told))
    counts = {
        "members added": report.added,
        "members changed": report.changed,
        "members terminated": report.terminated,
        "members reinstated": report.reinstated,
        "members unchanged": report.unchanged,
    }
    if report.missing is not None:
        ended = " (terminated)" if report.missing_ended else ""
        counts[f"active members missing from the full file{ended}"] = report.missing
    if report.around:
        counts["problems of transactions and envelopes"] = report.around
    finish(records.engine, report, counts, options, rows="loops")
