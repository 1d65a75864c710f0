"""`carestart train`: the classifier, from nlu/data."""

from __future__ import annotations

from pathlib import Path

import click

from webhooks.startup import ready_model, ready_settings


@click.command
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")
@click.option("--force", is_flag=True, help="Train again even if nothing changed.")
def train(data: Path | None, force: bool) -> None:
    """Train the classifier where its data changed since it was trained."""
    settings = ready_settings(data)
    trained = ready_model(settings, click.echo, force=force)
    click.echo(f"Trained {settings.model}" if trained else f"{settings.model} is up to date")
