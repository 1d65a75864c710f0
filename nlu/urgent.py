"""Crisis words first, before anything else is understood. The list is nlu/data/urgent.yml; no model is involved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_args

from nlu.phrases import PhraseBook, Words, book, phrase_file
from nlu.reading import Reading
from nlu.understanding import Urgency

_LOOK_BACK = 4  # words before a phrase in which a "no" can deny it


@dataclass(frozen=True, slots=True)
class _CrisisList:
    kinds: Mapping[Urgency, PhraseBook]  # in the order they are answered
    innocent: PhraseBook
    past: PhraseBook
    now: PhraseBook
    denying: frozenset[str]
    between: frozenset[str]


def urgency(reading: Reading) -> Urgency | None:
    """The kind of danger the text speaks of, for the member or for someone else; None for most texts."""
    crisis = _crisis_list()
    words = crisis.innocent.masked(reading.words)
    over = crisis.past.said(reading.words) and not crisis.now.said(reading.words)
    for kind, phrases in crisis.kinds.items():
        if kind == "self_harm":
            if phrases.said(words):
                return kind
        elif not over and any(not _denied(words, start, crisis) for start, _ in phrases.found(words)):
            return kind
    return None


def _denied(words: Words, start: int, crisis: _CrisisList) -> bool:
    """ "no chest pain": a no before the phrase, with only small words between."""
    for word in reversed(words[max(0, start - _LOOK_BACK) : start]):
        if word in crisis.denying:
            return True
        if word not in crisis.between:
            return False
    return False


@cache
def _crisis_list() -> _CrisisList:
    content = phrase_file("urgent.yml")
    kinds: dict[str, Urgency] = {kind: kind for kind in get_args(Urgency)}
    return _CrisisList(
        kinds={kinds[name]: book(content, name) for name in content["order"]},
        innocent=book(content, "innocent"),
        past=book(content, "past"),
        now=book(content, "now"),
        denying=frozenset(content["denying"]),
        between=frozenset(content["between"]),
    )
