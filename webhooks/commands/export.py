"""`carestart export KIND`: write records out for the plan's own systems."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO, NoReturn

import click

from bot.records.export import KINDS, write_export, write_funnel
from bot.records.private_file import open_private
from bot.vault import SealBroken
from webhooks.commands.import_report import open_ready_records
from webhooks.commands.since import Since

_EXAMPLES = """
\b
Examples:
  carestart export preferences > preferences.ndjson
  carestart export screenings --since 2026-06-01 --output screenings.ndjson
  carestart export screenings --format csv --output answers.csv
  carestart export referrals --since 2026-06-01T14:30:00-04:00
  carestart export transcripts --format csv --output transcripts.csv
  carestart export funnel --since 2026-06-01 --format csv > funnel.csv

\b
NDJSON: FHIR R4 for preferences, consents, pmp-choices, screenings and referrals, else plain JSON. CSV: any kind;
screenings have a row for each answer. --since goes by the last change of a record; of the funnel, by when people
started. What each holds, and how to fetch what is new without missing any: docs/exports.md.

\b
What is written is protected health information with the plan's own member IDs: it is meant for the plan's own
systems. --output makes a file only its owner can read. The funnel is counts only.
"""


_FUNNEL = "funnel"


@click.command("export", epilog=_EXAMPLES)
@click.argument("kind", type=click.Choice([*KINDS, _FUNNEL]))
@click.option(
    "--since",
    type=Since(),
    metavar="TIME",
    help="Only what changed from this ISO date or time on (UTC without an offset).",
)
@click.option("--format", "form", type=click.Choice(["ndjson", "csv"]), default="ndjson", help="[default: ndjson]")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file (mode 0600).")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: .data]")
def export(kind: str, since: float | None, form: str, output: Path | None, data: Path | None) -> None:
    """Write records of one KIND as NDJSON or CSV, oldest change first."""
    records = open_ready_records(data, to_read=True)
    content, as_csv = records.content.current, form == "csv"
    try:
        with _opened(output) as out:
            if kind == _FUNNEL:
                written = write_funnel(records.engine, content, since, out, as_csv=as_csv)
            else:
                written = write_export(records.engine, records.vault, content.plans, kind, since, out, as_csv=as_csv)
    except OSError as error:
        _fail(f"{output or 'standard output'}: {error.strerror}")
    except SealBroken:
        _fail("the records cannot be opened with these ENCRYPTION_KEYS")
    else:
        what = f"rows of {kind}" if as_csv else kind
        click.echo(f"{written:,} {what} written" + (f" to {output}" if output else ""), err=True)


def _fail(reason: str) -> NoReturn:
    click.echo(f"Error: {reason}", err=True)
    sys.exit(2)


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that takes its name only once it is whole."""
    if output is None:
        with _standard_output() as out:
            yield out
        return
    unfinished = output.with_name(output.name + ".part")
    try:
        with open_private(unfinished) as out:
            yield out
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    """Written out before anything is said to be written. The buffer is our own: under PYTHONUNBUFFERED Python's writes
    part of a record to a full disk and does not complain."""
    try:
        descriptor = sys.stdout.fileno()
    except UnsupportedOperation:  # no file, but something in memory
        yield sys.stdout.buffer
        return
    with open(descriptor, "wb", closefd=False) as out:
        yield out
