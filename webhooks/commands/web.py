"""`carestart web`: the web server alone, for a Procfile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from bot.embedded_redis import redis_for
from webhooks.process_tree import end_with_parent
from webhooks.serve import serve
from webhooks.startup import ready_settings


@click.command
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--host", help="Address to listen on.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")
@click.option("--parent", type=int, hidden=True, help="Process to end with.")
def web(port: int | None, host: str | None, data: Path | None, parent: int | None) -> None:
    """Serve the web application alone; the database must be migrated."""
    if parent is not None:
        end_with_parent(parent)
    settings = ready_settings(data)
    with redis_for(replace(settings, port=port or settings.port, host=host or settings.host)) as ready:
        serve(ready)
