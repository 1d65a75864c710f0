"""`carestart deliver`: records written before delivery was switched on go to the plan's systems too."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import get_args

import click

from bot.records import audit
from bot.records.backfill import put_on_their_way
from bot.records.dispatches import Sink
from webhooks.commands.import_report import open_ready_records
from webhooks.commands.since import Since
from webhooks.startup import ready_settings

_EXAMPLES = """
\b
Examples:
  carestart deliver
  carestart deliver --since 2026-06-01 --to fhir

\b
The worker delivers them. Safe to repeat: a record that is or was on its way to a receiver is left alone.
Where records go is said by the settings DELIVERY_WEBHOOK_URL and DELIVERY_FHIR_URL (docs/delivery.md).
"""


@click.command("deliver", epilog=_EXAMPLES)
@click.option(
    "--since", type=Since(), metavar="TIME", help="Only from this ISO date or time on (UTC without an offset)."
)
@click.option("--to", type=click.Choice(get_args(Sink)), help="Only there.  [default: everywhere that is set up]")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: .data]")
def deliver(since: float | None, to: Sink | None, data: Path | None) -> None:
    """Put records on their way that were written before delivery was switched on."""
    records, sinks = open_ready_records(data, to_read=True), ready_settings(data).deliver_to
    chosen = tuple(sink for sink in get_args(Sink) if sink in sinks and to in (None, sink))
    if not chosen:
        wanted = {"webhook": "DELIVERY_WEBHOOK_URL", "fhir": "DELIVERY_FHIR_URL"}
        names = wanted[to] if to else " or ".join(wanted.values())
        click.echo(f"Error: nothing is set up to deliver to: set {names} (docs/delivery.md)", err=True)
        sys.exit(2)
    counted = put_on_their_way(records.engine, chosen, since, time.time())
    with records.engine.begin() as conn:
        audit.note(conn, time.time(), "cli", "deliver", ",".join(chosen), json.dumps(counted))
    for kind, count in counted.items():
        click.echo(f"{count:>9,} {kind}")
    click.echo("The worker delivers them; the console's page Deliveries shows what is left.")
