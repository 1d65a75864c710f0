"""The reserved words of every question, in both languages. The lists are nlu/data/commands.yml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import get_args

from nlu.phrases import PhraseBook, phrase_file
from nlu.politeness import bare
from nlu.reading import Reading
from nlu.understanding import Command

_LONGEST = 14  # words; in a longer text a phrase is part of a story, not a command


def command(reading: Reading, *, free_words: bool) -> Command | None:
    """The reserved word the text is, or holds; where the question takes free words, only the one it is."""
    words = bare(reading.words)
    for name, (whole, _) in _books().items():
        if whole.is_all(words):
            return name
    if free_words or len(words) > _LONGEST:
        return None
    for name, (_, anywhere) in _books().items():
        if anywhere.said(words):
            return name
    return None


def without_phrase(reading: Reading, name: Command) -> str:
    """The words of the text but for those that say this command, and politeness: "later, tomorrow" -> "tomorrow"."""
    whole, anywhere = _books()[name]
    left = bare(tuple(filter(None, anywhere.masked(reading.words))))
    told = next((end for start, end in whole.found(left) if start == 0), 0)
    return " ".join(left[told:] or left)


@cache
def _books() -> Mapping[Command, tuple[PhraseBook, PhraseBook]]:
    content = phrase_file("commands.yml")
    names: dict[str, Command] = {name: name for name in get_args(Command)}
    return {names[name]: _both(lists) for name, lists in content.items() if isinstance(lists, Mapping)}


def _both(lists: Mapping[str, list[str]]) -> tuple[PhraseBook, PhraseBook]:
    return PhraseBook(lists["whole"]), PhraseBook(lists["anywhere"])
