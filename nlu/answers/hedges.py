"""What makes an answer softer without changing it: "kinda yes", "mostly no i guess", "pretty sure its the second"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from nlu.reading import Reading
from nlu.vocabulary import either

_BEFORE = re.compile(
    either(
        """
        kinda|kind of|sort of|sorta|pretty much|mostly|im pretty sure (?:its|it is)|pretty sure (?:its|it is)
        pretty sure|definitely
        i would say|id say|id have to say|i want to say|i guess|yo diria que|diria que|supongo que|mas bien|creo que es
        mas o menos|probably|probablemente|basically
        """
    )
    + r"\s+(?=\S)"
)
_AFTER = re.compile(
    r"(?<=\S)\s+"
    + either(
        """
        i guess|i suppose|i think|i believe|supongo|creo
        yo creo|mas o menos|diria yo|pretty sure|ish|probably|basically|honestly
        """
    )
    + r"$"
)
_YES_A_LITTLE = re.compile(
    r"^(yes|yeah|yea|yep|si) (?:sometimes|kind of|kinda|sort of|sorta|a little(?: bit)?|a veces|un poco|un poquito)$"
)


def unhedged(reading: Reading, titles: Iterable[str]) -> Reading:
    """The answer without what softens it. What is part of a title stays: there it is the answer."""
    plain = _dropped(_BEFORE, _dropped(_AFTER, reading.plain, titles), titles)
    match = _YES_A_LITTLE.match(plain)
    if match is not None and not any(plain[match.end(1) + 1 :] in title for title in titles):
        plain = match[1]
    return reading if plain == reading.plain else replace(reading, text=plain, plain=plain, words=tuple(plain.split()))


def _dropped(hedge: re.Pattern[str], plain: str, titles: Iterable[str]) -> str:
    match = hedge.search(plain) if hedge is _AFTER else hedge.match(plain)
    if match is None or any(match[0].strip() in title for title in titles):
        return plain
    return plain[: match.start()] + plain[match.end() :]
