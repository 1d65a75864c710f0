"""`carestart worker`: the worker alone, for a Procfile."""

from __future__ import annotations

from pathlib import Path

import click

from bot.embedded_redis import redis_for
from webhooks.logs import log_json_lines
from webhooks.process_tree import end_with_parent
from webhooks.startup import ready_settings


@click.command
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")
@click.option("--parent", type=int, hidden=True, help="Process to end with.")
def worker(data: Path | None, parent: int | None) -> None:
    """Run the worker alone: late replies, reminders, alerts, the sweep, rewards; the database must be migrated.

    It looks each second at what is due, and at once when woken through QUEUE_URL. Several may run."""
    from bot.worker import run_worker

    log_json_lines()
    if parent is not None:
        end_with_parent(parent)
    with redis_for(ready_settings(data)) as settings:
        run_worker(settings)
