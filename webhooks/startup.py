"""What must be there before a command can work: keys, settings, schema, model and, for trying out, sample data."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from bot.config import (
    ROOT,
    Settings,
    data_folder,
    ensure_keys,
    for_this_computer_only,
    load_settings,
    process_environ,
)
from bot.flow import Content
from bot.records.database import Database, open_database
from bot.records.migrate import upgrade

Say = Callable[[str], None]

NLU_DATA = ROOT / "nlu" / "data"


def ready_settings(data: Path | None = None, options: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process for `--data`; outside production with keys generated where there are none.

    `options` are settings by name that the command line gave; they win."""
    environ = process_environ() | dict(options or {})
    folder = data_folder(environ, data)
    if environ.get("CARESTART_ENV", "").strip().lower() != "production":
        ensure_keys(folder)
    return load_settings(environ, folder)


def ready_content(settings: Settings) -> Content:
    """The content; where it cannot be run, the command ends with the list of what is wrong."""
    from bot.content import ContentRefused, load_content

    try:
        return load_content(settings.flows)
    except ContentRefused as refused:
        raise click.ClickException(f"this content cannot be run:\n{refused}") from None


def ready_database(settings: Settings, content: Content, say: Say) -> Database:
    """The database at the newest schema, with the sample people and providers where it is empty and that is wanted."""
    database = open_database(settings)
    upgrade(database)
    if settings.sample_data:
        from webhooks.sample_data import load_sample  # the importers: not for every process

        load_sample(database, settings, content, say)
    return database


def ready_sample_staff(database: Database, settings: Settings) -> str | None:
    """The password of the sample staff, where there are any: only where sample data is wanted, on this computer."""
    if settings.production or not settings.sample_data or not for_this_computer_only(settings):
        return None
    from webhooks.sample_data import load_sample_staff

    return load_sample_staff(database, settings, time.time())


def ready_model(settings: Settings, say: Say, *, force: bool = False) -> bool:
    """The classifier trained from the data that is there now; whether it had to be."""
    if not force and model_is_current(settings):
        return False
    from nlu.train import train  # scikit-learn: loaded only to train

    say("Training the classifier")
    report = train(NLU_DATA, settings.model)
    say(f"{report.texts:,} examples of {report.intents} intents, {report.accuracy:.0%} right on those left out")
    _stamp(settings.model).write_text(training_digest())
    return True


def model_is_current(settings: Settings) -> bool:
    """Whether there is a model, trained from the data that is there now."""
    try:
        return _stamp(settings.model).read_text() == training_digest()
    except FileNotFoundError:
        return False


def training_digest() -> str:
    """Changes when the training data or the code that learns from it does."""
    digest = hashlib.sha256()
    for file in sorted([*NLU_DATA.rglob("*"), *NLU_DATA.parent.glob("*.py")]):
        if file.is_file():
            digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _stamp(model: Path) -> Path:
    return model / "trained-from"
