"""STOP, START and HELP in any wording of both languages. The lists are nlu/data/opt_words.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from nlu.phrases import PhraseBook, book, phrase_file
from nlu.politeness import bare
from nlu.reading import Reading
from nlu.understanding import OptWord


@dataclass(frozen=True, slots=True)
class _OptLists:
    per_se: PhraseBook
    out_whole: PhraseBook
    out_anywhere: PhraseBook
    not_out: PhraseBook
    in_whole: PhraseBook
    help_whole: PhraseBook
    help_anywhere: PhraseBook


def opt_word(reading: Reading) -> OptWord | None:
    """What the text says about receiving texts. "in" only for START and its like; YES is the engine's to judge."""
    lists = _opt_lists()
    words = bare(reading.words)
    if is_per_se(reading) or lists.out_whole.is_all(words):
        return "out"
    if lists.in_whole.is_all(words):
        return "in"
    if lists.help_whole.is_all(words):
        return "help"
    if lists.help_anywhere.said(reading.words):
        return "help"
    meant = lists.not_out.masked(reading.words)
    return "out" if lists.out_anywhere.said(meant) else None


def is_per_se(reading: Reading) -> bool:
    """A word that revokes consent by law, alone in the text: it opts out even where an option bears the same title."""
    return _opt_lists().per_se.is_all(bare(reading.words))


@cache
def _opt_lists() -> _OptLists:
    content = phrase_file("opt_words.yml")
    names = ("per_se", "out_whole", "out_anywhere", "not_out", "in_whole", "help_whole", "help_anywhere")
    return _OptLists(*(book(content, name) for name in names))
