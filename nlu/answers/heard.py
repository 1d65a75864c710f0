"""Numbers that a speech recogniser wrote down as other words: "for six to oh for"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nlu.answers.number_words import CARDINALS, ORDINALS
from nlu.vocabulary import vocabulary

HEARD: Mapping[str, str] = {
    "to": "2", "too": "2", "tu": "2", "for": "4", "fore": "4", "won": "1", "ate": "8", "tree": "3", "niner": "9",
    "fife": "5", "sics": "6", "nein": "9",
}  # fmt: skip
_BESIDE = vocabulary("number option numero num opcion and y um uh please pls")


def alone(words: Sequence[str]) -> tuple[str, ...]:
    """The words with misheard numbers put right, where they are nothing but numbers. "one to four" stays a range."""
    if HEARD.keys().isdisjoint(words) or not all(
        word in HEARD or word in _BESIDE or _is_number(word) for word in words
    ):
        return tuple(words)
    return tuple(word if _is_range(words, place) else HEARD.get(word, word) for place, word in enumerate(words))


def in_digits(words: Sequence[str]) -> tuple[str, ...]:
    """The words with every misheard number put right that stands beside a number."""
    heard = list(words)
    places = range(len(heard))
    for order in (places, reversed(places)):
        for place in order:
            beside = heard[max(place - 1, 0) : place] + heard[place + 1 : place + 2]
            if heard[place] in HEARD and any(map(_is_number, beside)):
                heard[place] = HEARD[heard[place]]
    return tuple(heard)


def _is_range(words: Sequence[str], place: int) -> bool:
    return words[place] == "to" and 0 < place < len(words) - 1 and _is_number(words[place - 1])


def _is_number(word: str) -> bool:
    return word.isdigit() or word in CARDINALS or word in ORDINALS or word in {"oh", "o"}
