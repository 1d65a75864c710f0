"""`carestart parse`: what a text is understood to mean."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
import msgspec

from nlu.understanding import Answer, AnswerKind, Expecting, Language, Option
from webhooks.startup import ready_model, ready_settings

if TYPE_CHECKING:
    from nlu.explain import Explanation

_EXAMPLES = """
\b
Examples:
  carestart parse "where is my card"
  carestart parse "la segunda" --lang es --expecting choice --option Correo --option "Mensaje de texto"
  carestart parse "march third eighty five" --expecting birth_date

\b
Keys: what the text means (urgent, opt, command, answer, intent, between, confidence, language, question), the
one_intent it comes down to and because of what, the likeliest intents whether they count or not, and under
reasons what recognised each part.
"""


@click.command(epilog=_EXAMPLES)
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
    from nlu.explain import explain

    settings = ready_settings(data)
    ready_model(settings, lambda said: click.echo(said, err=True))
    question = _question(expecting, options, today)
    told = explain(text, question if expecting else None, lang, open_classifier(settings.model), question)
    click.echo(msgspec.json.format(msgspec.json.encode(_told(told))).decode())


def _question(kind: AnswerKind | None, titles: tuple[str, ...], today: date | None) -> Expecting:
    options = tuple(Option(title, str(number), (title,)) for number, title in enumerate(titles, 1))
    day = date(today.year, today.month, today.day) if today else date.today()  # noqa: DTZ011 - the day on this computer
    return Expecting(kind or "text", day, options)


def _told(explained: Explanation) -> dict[str, object]:
    """The understanding, with its answer named by what it is, and then the reasons."""
    told: dict[str, object] = msgspec.to_builtins(explained)
    meaning: dict[str, object] = msgspec.to_builtins(explained.meaning)
    return {
        **meaning,
        "answer": _named(explained.meaning.answer),
        "one_intent": told["one_intent"],
        "because": told["because"],
        "intents": told["intents"],
        "reasons": {
            **{
                name: told[name] for name in ("danger", "urgent", "opt_out", "opt", "command", "belonging", "threshold")
            },
            "language": {"because": told["language_because"], "telling_words": told["telling_words"]},
            "candidates": [{"expecting": each.expecting} | _named(each.answer) for each in explained.candidates],
        },
    }


def _named(answer: Answer) -> dict[str, object]:
    return {"is": type(answer).__name__, **msgspec.to_builtins(answer)}
