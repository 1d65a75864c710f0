"""Rules: every option of a question can be chosen by its number or its words, and means one thing only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.content.draft import Draft
from bot.content.references import every_variation
from bot.content.rule import Finding
from bot.flow import Choice

# A text of only these words opts out (47 CFR 64.1200(a)(10)), opts in, or asks for help, at any question, often
# before it reaches us: Twilio's default list, its toll-free list, and the Spanish words that are ours to catch.
CARRIER_WORDS = frozenset(
    {
        *("stop", "stopall", "stop all", "unsubscribe", "end", "quit", "cancel", "revoke", "optout", "opt out"),
        *("start", "unstop", "help", "info"),
        *("alto", "parar", "pare", "basta", "cancelar", "terminar", "fin", "baja", "dar de baja", "ayuda"),
    }
)

_DIGITS = re.compile(r"\d+")


def opt_out_word_option(draft: Draft) -> Iterator[Finding]:
    for name, variation in every_variation(draft.content):
        for option in variation.buttons:
            for label in sorted(_labels(option) & CARRIER_WORDS):
                yield (
                    variation.source,
                    f"the option {option.value!r} of {name} is {label!r}, which opts in or out or asks for help",
                )


def ambiguous_options(draft: Draft) -> Iterator[Finding]:
    for name, variation in every_variation(draft.content):
        for place, option in enumerate(variation.buttons):
            for other in variation.buttons[:place]:
                for shared in sorted(_labels(option) & _labels(other)):
                    yield variation.source, f"{shared!r} means both {other.value!r} and {option.value!r} of {name}"
                if option.value == other.value:
                    yield variation.source, f"{name} offers {option.value!r} twice"
        keys = _keys(variation.buttons)
        for twice in sorted({key for key in keys if keys.count(key) > 1}):
            yield variation.source, f"two options of {name} have the key {twice}"


def option_digits(draft: Draft) -> Iterator[Finding]:
    for name, variation in every_variation(draft.content):
        keys = set(_keys(variation.buttons))
        for option in variation.buttons:
            for title in option.titles.values():
                for digits in sorted(set(_DIGITS.findall(title)) & keys):
                    yield variation.source, f"{title!r} of {name} holds {digits}, which is also the number of an option"


def _keys(options: tuple[Choice, ...]) -> list[str]:
    return [option.key or str(number) for number, option in enumerate(options, start=1)]


def _labels(option: Choice) -> set[str]:
    return {_plain(word) for word in (*option.titles.values(), *option.synonyms)}


def _plain(text: str) -> str:
    """Lower case, no accents, no punctuation: as understanding compares words."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return " ".join(re.sub(r"[^a-z0-9 ]", "", decomposed).split())
