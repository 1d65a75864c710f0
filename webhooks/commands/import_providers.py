"""`carestart import providers PATH`: load a Plan-Net directory and say what was done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.directory import importer
from bot.directory.importer import DirectoryUnreadable, ImportReport
from bot.directory.report import RULES, Problem
from bot.directory.resource_files import Progress as Told

if TYPE_CHECKING:
    from bot.records.database import Database

_SHOWN = 20  # problems printed without --all

_EXAMPLES = """
\b
Examples:
  carestart import providers feed/                a folder of .ndjson or .json files
  carestart import providers directory.ndjson     all resource types in one file
  carestart import providers bundle.json
  carestart import providers feed/ --network net-in-hhw --network net-in-mkt

\b
Exit code: 0 all loaded (some perhaps repaired), 1 some records skipped, 2 could not read.
"""


@click.command("providers", epilog=_EXAMPLES)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--network", "networks", multiple=True, help="Load only this network (its id); may be repeated.")
@click.option("--all", "everything", is_flag=True, help="List every problem, not only the first 20.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")
def import_providers(path: Path, networks: tuple[str, ...], everything: bool, data: Path | None) -> None:
    """Load providers from Plan-Net FHIR resources (R4).

    PATH is a folder of NDJSON or JSON files, one such file, or a Bundle. Providers already loaded are updated, so the
    same feed can be loaded again. Broken records are repaired or skipped one by one and listed."""

    errors = Console(stderr=True)
    try:
        with _told(errors) as told:
            report = importer.import_providers(_records(data), path, networks=networks or None, progress=told)
    except DirectoryUnreadable as unreadable:
        click.echo(f"Error: {unreadable}", err=True)
        sys.exit(2)
    _print(report, Console(), everything)
    sys.exit(1 if report.skipped else 0)


def _records(data: Path | None) -> Database:
    from bot.bootstrap import open_records  # not before it is needed: --help stays quick
    from bot.records.migrate import upgrade
    from webhooks.startup import ready_settings

    engine = open_records(ready_settings(data)).engine
    upgrade(engine)
    return engine


@contextmanager
def _told(console: Console) -> Iterator[Told | None]:
    """A progress bar where somebody is watching."""
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def told(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task({"read": "Reading", "store": "Storing"}[stage])
            bars.update(tasks[stage], completed=done, total=total)

        yield told


def _print(report: ImportReport, console: Console, everything: bool) -> None:
    console.print(_summary(report))
    for reason, count in sorted(report.passed_over.items()):
        console.print(f"Left out, in order but not for choosing: {count:,} {reason}", highlight=False)
    if report.rules:
        console.print(_rules(report))
    shown = report.problems if everything else _worst(report)
    for problem in shown:
        where = f"{problem.file}:{problem.line}: {problem.resource}"
        console.print(f"{where}: {problem.outcome}: {problem.done}", highlight=False, markup=False, soft_wrap=True)
    if len(shown) < len(report.problems):
        console.print("More with --all.")


def _worst(report: ImportReport) -> tuple[Problem, ...]:
    """The skipped first: they are what somebody has to look at."""
    return tuple(sorted(report.problems, key=lambda p: ("skipped", "repaired", "warned").index(p.outcome))[:_SHOWN])


def _summary(report: ImportReport) -> Table:
    table = Table("", "new", "updated", "unchanged", "removed", title=f"{sum(report.read.values()):,} resources read")
    for name, counts in (("providers", report.providers), ("places", report.sites)):
        numbers = (counts.loaded, counts.updated, counts.unchanged, counts.removed)
        table.add_row(name, *(f"{number:,}" for number in numbers))
    table.caption = "Networks: " + (", ".join(sorted(report.networks)) or "none")
    return table


def _rules(report: ImportReport) -> Table:
    table = Table("records", "rule", "outcome", "what was done")
    for rule, count in sorted(report.rules.items(), key=lambda item: (RULES[item[0]][0] != "skipped", -item[1])):
        table.add_row(f"{count:,}", rule, *RULES[rule])
    return table
