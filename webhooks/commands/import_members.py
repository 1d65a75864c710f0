"""`carestart import members FILE`: load a plan's roster and say what was done."""

from __future__ import annotations

from pathlib import Path

import click

from bot.members import import_csv
from webhooks.commands.import_report import EXIT_CODES, Options, finish, open_ready_records, run_import

_EXAMPLES = f"""
\b
Examples:
  carestart import members roster.csv
  carestart import members roster.csv --dry-run
  carestart import members roster.csv --rejects rejected.csv
  carestart import members rejected.csv            after correcting it

\b
The columns are described in docs/imports.md.
{EXIT_CODES}
"""


@click.command("members", epilog=_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Write rejected rows to this file.")
@click.option("--dry-run", is_flag=True, help="Report what would be done and change nothing.")
@click.option("--all", "everything", is_flag=True, help="List every problem, not only the first 20.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: .data]")
def import_members(file: Path, rejects: Path | None, dry_run: bool, everything: bool, data: Path | None) -> None:
    """Load members and their guardians from a CSV file.

    Members on file are updated, so the same roster can be loaded again. Rows that cannot be taken are listed by line
    and reason; the rest is loaded."""
    records = open_ready_records(data)
    plans = records.content.current.plans
    report = run_import(
        lambda told: import_csv.import_members(
            records.engine, records.vault, plans, file, progress=told, dry_run=dry_run, rejects=rejects
        )
    )
    counts = {
        "members added": report.added,
        "members updated": report.updated,
        "members unchanged": report.unchanged,
    }
    finish(report, counts, Options(everything, rejects))
