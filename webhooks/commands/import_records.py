"""`carestart import records FILE...`: bring in what another installation exported and say what was done."""

from __future__ import annotations

from pathlib import Path

import click

from bot.records import reimport
from webhooks.commands.import_report import EXIT_CODES, Options, finish, open_ready_records, run_import

_EXAMPLES = f"""
\b
Examples:
  carestart import records preferences.ndjson
  carestart import records exported/*.ndjson --dry-run
  carestart import records exported/*.ndjson --rejects rejected.ndjson

\b
Import the members and the providers first. What comes back and what does not: docs/imports.md.
{EXIT_CODES}
"""


@click.command("records", epilog=_EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Write rejected lines to this file.")
@click.option("--dry-run", is_flag=True, help="Report what would be done and change nothing.")
@click.option("--all", "everything", is_flag=True, help="List every problem, not only the first 20.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: .data]")
def import_records(
    files: tuple[Path, ...], rejects: Path | None, dry_run: bool, everything: bool, data: Path | None
) -> None:
    """Load records that `carestart export` wrote as NDJSON: preferences, consents, pmp-choices, screenings, referrals
    and rewards, in any order.

    A record on file is left as it is, so the same files can be loaded again; only a referral or a screening that has
    come further is brought up to date. Nothing is delivered and no reward is granted."""
    records = open_ready_records(data)
    plans = records.content.current.plans
    report = run_import(
        lambda told: reimport.import_records(
            records.engine, records.vault, plans, files, progress=told, dry_run=dry_run, rejects=rejects
        )
    )
    counts = {f"{kind} added": number for kind, number in report.added.items()}
    counts |= {"records brought up to date": report.updated, "records known before": report.known}
    finish(records.engine, report, counts, Options(everything, rejects), rows="lines")
