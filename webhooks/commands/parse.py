"""`carestart parse`: what a text is understood to mean."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

import click
import msgspec

from nlu.understanding import AnswerKind, Expecting, Language, Option, Understanding
from webhooks.startup import ready_settings


@click.command
@click.argument("text")
@click.option("--expecting", type=click.Choice(get_args(AnswerKind)), help="Kind of answer the open question takes.")
@click.option(
    "--option", "options", multiple=True, help="A title to choose from, for choice and choices; may be repeated."
)
@click.option("--lang", default="en", show_default=True, type=click.Choice(get_args(Language)), help="Language so far.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day it is.  [default: today]")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")
def parse(
    text: str,
    expecting: AnswerKind | None,
    options: tuple[str, ...],
    lang: Language,
    today: date | None,
    data: Path | None,
) -> None:
    """Show what TEXT is understood to mean, as JSON."""
    from bot.bootstrap import open_classifier
    from nlu.understand import understand

    question = _question(expecting, options, today) if expecting else None
    meaning = understand(text, question, lang, open_classifier(ready_settings(data).model))
    click.echo(msgspec.json.format(msgspec.json.encode(_told(meaning))).decode())


def _question(kind: AnswerKind, titles: tuple[str, ...], today: date | None) -> Expecting:
    options = tuple(Option(title, str(number), (title,)) for number, title in enumerate(titles, 1))
    day = date(today.year, today.month, today.day) if today else date.today()  # noqa: DTZ011 - the day on this computer
    return Expecting(kind, day, options)


def _told(meaning: Understanding) -> dict[str, object]:
    """The understanding, with its answer named by what it is."""
    told: dict[str, object] = msgspec.to_builtins(meaning)
    answer = meaning.answer
    return told | {"answer": {"is": type(answer).__name__, **msgspec.to_builtins(answer)}}
