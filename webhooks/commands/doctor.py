"""`carestart doctor`: is this installation well, and if not, what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.config import Settings, SettingsRefused
from bot.settings_table import settings_table
from webhooks.startup import ready_settings


@click.command
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")
@click.option("--settings", "table", is_flag=True, help="Print the table of settings as Markdown, and nothing else.")
def doctor(data: Path | None, table: bool) -> None:
    """Check settings, keys, Redis, SQL, content, classifier and Twilio. Exit status 1 when something needs doing."""
    if table:
        click.echo(settings_table())
        return
    try:
        settings = ready_settings(data)
    except SettingsRefused as refused:
        for problem in refused.problems:
            _say("settings", problem, well=False)
        sys.exit(1)
    sys.exit(0 if _examine(settings) else 1)


def _examine(settings: Settings) -> bool:
    from webhooks.diagnosis import CHECKS  # loads every part of the product

    _say("settings", f"read, for {settings.environment}; data in {settings.data}")
    well = True
    for check in CHECKS:
        for finding in check(settings):
            _say(finding.part, finding.found, well=not finding.remedy)
            if finding.remedy:
                well = False
                click.echo(f"{'':21}{finding.remedy}")
    return well


def _say(part: str, found: str, *, well: bool = True) -> None:
    mark = click.style("ok     ", fg="green") if well else click.style("problem", fg="red")
    click.echo(f"{mark}  {part:<10}  {found}")
