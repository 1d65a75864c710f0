"""`carestart actions`: the same actions under Rasa's own action server."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from bot.config import child_environ
from webhooks.startup import ready_settings


@click.command
@click.option("--port", default=5055, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")
def actions(port: int, host: str, data: Path | None) -> None:
    """Run the actions in Rasa's action server.

    It knows no authentication and answers an error with the whole request: keep it on loopback or a closed network."""
    settings = ready_settings(data)
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "bot.actions", "--port", str(port)]
    os.execve(sys.executable, command, child_environ(settings) | {"SANIC_HOST": host})
