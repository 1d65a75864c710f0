"""`carestart migrate`: the database at the newest schema."""

from __future__ import annotations

from pathlib import Path

import click

from bot.records.database import open_database
from bot.records.migrate import head, upgrade
from webhooks.startup import ready_settings


@click.command
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")
def migrate(data: Path | None) -> None:
    """Bring the database to the newest schema. Safe to run again, and from several processes at once."""
    upgrade(open_database(ready_settings(data)))
    click.echo(f"The database is at revision {head()}")
