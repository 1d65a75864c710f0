"""`carestart import completions FILE`: record the steps members finished elsewhere and say what was done."""

from __future__ import annotations

from pathlib import Path

import click

from bot.members import import_completions as completions
from webhooks.commands.import_report import EXIT_CODES, Options, finish, open_ready_records, run_import

_EXAMPLES = f"""
\b
Examples:
  carestart import completions portal-steps.csv
  carestart import completions calls.csv --dry-run
  carestart import completions calls.csv --rejects rejected.csv

\b
The columns are described in docs/imports.md.
{EXIT_CODES}
"""


@click.command("completions", epilog=_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Write rejected rows to this file.")
@click.option("--dry-run", is_flag=True, help="Report what would be done and change nothing.")
@click.option("--all", "everything", is_flag=True, help="List every problem, not only the first 20.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: .data]")
def import_completions(file: Path, rejects: Path | None, dry_run: bool, everything: bool, data: Path | None) -> None:
    """Load steps finished in the online account or by calling from a CSV file.

    A step recorded before is left as it is, so the same file can be loaded again. Rewards that are now due are
    granted."""
    records = open_ready_records(data)
    plans = records.content.current.plans
    report = run_import(
        lambda told: completions.import_completions(
            records.engine, records.vault, plans, file, progress=told, dry_run=dry_run, rejects=rejects
        )
    )
    counts = {"steps recorded": report.recorded, "steps known before": report.known}
    finish(records.engine, report, counts, Options(everything, rejects))
