"""STOP, START and HELP in any wording of both languages. The lists are nlu/data/opt_words.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from nlu.phrases import Groups, PhraseBook, Rewriting, book, phrase_file
from nlu.politeness import bare
from nlu.reading import Reading
from nlu.spelling import Speller, real_words
from nlu.understanding import OptWord


@dataclass(frozen=True, slots=True)
class _OptLists:
    spelling: Speller
    writing: Rewriting
    per_se: PhraseBook
    out_whole: PhraseBook
    out_anywhere: PhraseBook
    not_out: PhraseBook
    in_whole: PhraseBook
    help_whole: PhraseBook


def opt_word(reading: Reading) -> OptWord | None:
    """What the text says about receiving texts. "in" only for START and its like; YES is the engine's to judge."""
    lists = _opt_lists()
    words = lists.writing.of(lists.spelling.respelled(reading.words))
    alone = bare(words)
    if is_per_se(reading) or lists.per_se.is_all(alone) or lists.out_whole.is_all(alone):
        return "out"
    if lists.in_whole.is_all(bare(reading.words)):
        return "in"
    if lists.help_whole.is_all(bare(reading.words)):
        return "help"
    return "out" if lists.out_anywhere.said(lists.not_out.masked(words)) else None


def is_per_se(reading: Reading) -> bool:
    """A word that revokes consent by law, alone in the text: it opts out even where an option bears the same title."""
    return _opt_lists().per_se.is_all(bare(reading.words))


@cache
def _opt_lists() -> _OptLists:
    content = phrase_file("opt_words.yml")
    groups: Groups = content["groups"]
    per_se, out_whole, out_anywhere, not_out, in_whole, help_whole = (
        book(content, name, groups)
        for name in ("per_se", "out_whole", "out_anywhere", "not_out", "in_whole", "help_whole")
    )
    writing = Rewriting(content["same"])
    listed = per_se.words.union(out_whole.words, out_anywhere.words, writing.words)
    other = not_out.words.union(in_whole.words, help_whole.words)
    return _OptLists(
        spelling=Speller(listed, other | real_words()),
        writing=writing,
        per_se=per_se,
        out_whole=out_whole,
        out_anywhere=out_anywhere,
        not_out=not_out,
        in_whole=in_whole,
        help_whole=help_whole,
    )
