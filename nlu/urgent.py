"""The crisis lists, nlu/data/urgent.yml: danger in words that people can review. nlu/danger.py decides with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_args

from nlu.phrases import Content, Groups, PhraseBook, Rewriting, Together, Words, book, phrase_file
from nlu.reading import Reading
from nlu.spelling import Speller, real_words
from nlu.understanding import Urgency

_LOOK_BACK = 5  # words before a phrase in which a "no" can deny it


@dataclass(frozen=True, slots=True)
class _Danger:
    sure: PhraseBook
    mention: PhraseBook
    together: tuple[Together, ...]


@dataclass(frozen=True, slots=True)
class _CrisisList:
    spelling: Speller
    writing: Rewriting
    kinds: Mapping[Urgency, _Danger]  # in the order they are answered
    innocent: PhraseBook
    past: PhraseBook
    now: PhraseBook
    talk: PhraseBook
    denying: frozenset[str]
    between: frozenset[str]
    but: frozenset[str]


def urgency(reading: Reading) -> Urgency | None:
    """The kind of danger the text speaks of, for the member or for someone else; None for most texts."""
    crisis = _crisis_list()
    said = as_listed(reading.words)
    words = crisis.innocent.masked(said)
    now = crisis.now.said(crisis.past.masked(said))
    past = not now and crisis.past.said(said)
    talk = past or (not now and crisis.talk.said(words))
    for kind, danger in crisis.kinds.items():
        if (kind == "self_harm" or not past) and _meant(danger.sure, words, crisis):
            return kind
        if not past and any(_meant(ideas, words, crisis) for ideas in danger.together):
            return kind
        if not talk and _meant(danger.mention, words, crisis):
            return kind
    return None


def as_listed(words: Words) -> tuple[str, ...]:
    """Folded words with their misspellings, abbreviations and fillers put right, as the lists are written."""
    crisis = _crisis_list()
    return crisis.writing.of(crisis.spelling.respelled(words))


def _meant(phrases: PhraseBook | Together, words: Words, crisis: _CrisisList) -> bool:
    return any(not _denied(words, start, end, crisis) for start, end in phrases.found(words))


def _denied(words: Words, start: int, end: int, crisis: _CrisisList) -> bool:
    """ "no chest pain", "chest pain? no": a no before the phrase, with only small words between, or the last word."""
    if words[end:] == ("no",):
        return True
    if not crisis.but.isdisjoint(words):
        return False
    for word in reversed(words[max(0, start - _LOOK_BACK) : start]):
        if word in crisis.denying:
            return True
        if word not in crisis.between:
            return False
    return False


@cache
def _crisis_list() -> _CrisisList:
    content = phrase_file("urgent.yml")
    groups: Groups = content["groups"]
    named: dict[str, Urgency] = {kind: kind for kind in get_args(Urgency)}
    kinds = {
        named[name]: _Danger(
            sure=book(content[name], "sure", groups),
            mention=book(content[name], "mention", groups),
            together=_together(content, name, groups),
        )
        for name in content["order"]
    }
    innocent, past, now, talk = (book(content, name, groups) for name in ("innocent", "past", "now", "talk"))
    writing = Rewriting(content["same"], content["filler"])
    listed = writing.words.union(*(danger.sure.words | danger.mention.words for danger in kinds.values()))
    listed = listed.union(*(ideas.words for danger in kinds.values() for ideas in danger.together))
    other = frozenset(content["between"]).union(innocent.words, past.words, now.words, talk.words)
    return _CrisisList(
        spelling=Speller(listed, other | real_words()),
        writing=writing,
        kinds=kinds,
        innocent=innocent,
        past=past,
        now=now,
        talk=talk,
        denying=frozenset(content["denying"]),
        between=frozenset(content["between"]),
        but=frozenset(content["but"]),
    )


def _together(content: Content, kind: str, groups: Groups) -> tuple[Together, ...]:
    ideas = {name: PhraseBook(phrases, groups) for name, phrases in content["ideas"].items()}
    rules = content[kind].get("together", ())
    return tuple(Together([ideas[name] for name in rule["ideas"]], rule["within"]) for rule in rules)
