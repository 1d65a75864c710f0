"""`carestart import providers PATH`: load a provider directory and say what was done."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
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
  carestart import providers directory.ndjson.gz  all resource types in one file, packed
  carestart import providers bundle.json
  carestart import providers feed.zip --full      and whoever is not in it is closed
  carestart import providers npidata.zip --plan indiana --state IN
  carestart import providers deactivated.csv

\b
What is read and what is not is described in docs/imports.md.
Exit code: 0 all loaded (some perhaps repaired), 1 some records skipped, 2 could not read.
"""


@click.command("providers", epilog=_EXAMPLES)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--network", "networks", multiple=True, help="Load only this network (its id); may be repeated.")
@click.option("--plan", "plans", multiple=True, help="Load only the networks of this plan; may be repeated.")
@click.option("--state", "states", help="NPPES: only places in these States, such as IN,OH.")
@click.option("--feed", default="plan-net", show_default=True, help="Whose directory, where there are several.")
@click.option("--full", is_flag=True, help="The file is the whole directory: close who is not in it.")
@click.option("--dry-run", is_flag=True, help="Report what would be done and change nothing.")
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Write skipped records to this file.")
@click.option("--all", "everything", is_flag=True, help="List every problem, not only the first 20.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: .data]")
def import_providers(
    path: Path,
    networks: tuple[str, ...],
    plans: tuple[str, ...],
    states: str | None,
    feed: str,
    full: bool,
    dry_run: bool,
    rejects: Path | None,
    everything: bool,
    data: Path | None,
) -> None:
    """Load providers from Plan-Net FHIR resources (R4) or from an NPPES file.

    PATH is a folder of NDJSON or JSON files, one such file, a Bundle, the monthly, weekly or deactivation CSV of NPPES,
    or any of these packed (.zip, .gz). Providers already loaded are updated, never by older records, so the same file
    can be loaded again. Broken records are repaired or skipped one by one and listed."""
    from webhooks.commands.import_report import (  # not before it is needed: --help stays quick
        note_import,
        whole_or_told,
    )

    engine, of_plans = _records(data)
    load = importer.Load(
        networks=_networks(networks, plans, of_plans),
        states=_states(states),
        feed=feed,
        full=full,
        dry_run=dry_run,
        plans=of_plans,
        rejects=rejects,
    )
    try:
        with _told(Console(stderr=True)) as told, whole_or_told():
            report = importer.import_providers(engine, path, load=replace(load, progress=told))
    except DirectoryUnreadable as unreadable:
        click.echo(f"Error: {unreadable}", err=True)
        sys.exit(2)
    console = Console()
    if not report.dry_run:
        note_import(engine, {"providers loaded": report.providers.loaded, "records skipped": report.skipped})
    _print(report, console, everything, rejects)
    _print_unserved(report, console, of_plans)
    sys.exit(1 if report.skipped else 0)


def _networks(
    networks: tuple[str, ...], plans: tuple[str, ...], of_plans: Mapping[str, Collection[str]]
) -> tuple[str, ...] | None:
    for plan in plans:
        if plan not in of_plans:
            raise click.BadParameter(f"{plan!r}: there is no such plan in flows/plans", param_hint="--plan")
    wanted = (*networks, *(network for plan in plans for network in of_plans[plan]))
    return tuple(dict.fromkeys(wanted)) or None


def _states(written: str | None) -> tuple[str, ...]:
    states = tuple(part.strip().upper() for part in (written or "").split(",") if part.strip())
    if not all(len(state) == 2 and state.isalpha() for state in states):
        raise click.BadParameter(f"{written!r}: give two letters each, such as IN,OH", param_hint="--state")
    return states


def _records(data: Path | None) -> tuple[Database, dict[str, tuple[str, ...]]]:
    """The database at the newest schema, and each plan's networks."""
    from webhooks.commands.import_report import open_ready_records  # not before it is needed: --help stays quick

    records = open_ready_records(data)
    return records.engine, {plan.id: plan.networks for plan in records.content.current.plans.values()}


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


def _print(report: ImportReport, console: Console, everything: bool, rejects: Path | None) -> None:
    if report.dry_run:
        console.print("Nothing was written: a dry run.")
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
    if report.skipped and rejects:
        console.print(f"The skipped records are in {rejects}, to correct and load again.", highlight=False)
    if report.older:
        console.print(f"{report.older:,} records were older than what is there; passed over.", highlight=False)
    if report.kept_open:
        console.print(
            f"{report.kept_open:,} records could not be read: nobody was closed for not being in the file.",
            highlight=False,
        )
    if report.notices:
        console.print(
            f"{report.notices:,} members lost their primary provider by this: carestart export pmp-notices",
            highlight=False,
        )


def _print_unserved(report: ImportReport, console: Console, of_plans: Mapping[str, Collection[str]]) -> None:
    unserved = set(report.networks).difference(*of_plans.values())
    if unserved:
        console.print(
            f"{len(unserved):,} of these networks belong to no plan: no member is shown who is in them alone. Name them"
            " under `networks` in the plan's file (docs/content.md).",
            highlight=False,
            soft_wrap=True,
        )


def _worst(report: ImportReport) -> tuple[Problem, ...]:
    """The skipped first: they are what somebody has to look at."""
    return tuple(sorted(report.problems, key=lambda p: ("skipped", "repaired", "warned").index(p.outcome))[:_SHOWN])


def _summary(report: ImportReport) -> Table:
    table = Table("", "new", "updated", "unchanged", "removed", title=f"{sum(report.read.values()):,} records read")
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
