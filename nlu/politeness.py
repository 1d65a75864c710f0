"""Please, thanks and the like around a command."""

from __future__ import annotations

from itertools import groupby

from nlu.vocabulary import vocabulary

_POLITE = vocabulary(
    """
    please pls plz plase thanks thank thx ty ok okay hey hi hello sorry just kindly sir maam guys um uh
    porfavor porfa gracias bueno hola oiga oye disculpe perdon
    """
)
_POLITE_PAIRS = frozenset({("thank", "you"), ("por", "favor")})


def bare(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without politeness at either end and without a word said twice: "please stop stop" is "stop"."""
    left = [word for word, _ in groupby(words)]
    while (polite := _polite(left[:2], left[:1])) and len(left) > polite:
        del left[:polite]
    while (polite := _polite(left[-2:], left[-1:])) and len(left) > polite:
        del left[-polite:]
    return tuple(left)


def _polite(pair: list[str], single: list[str]) -> int:
    """How many words of politeness stand here."""
    return 2 if tuple(pair) in _POLITE_PAIRS else 1 if single and single[0] in _POLITE else 0
