"""Phrases that people can review in a data file, and where a text says one.

A phrase is words apart by spaces. `a|b` is either word, `(a)` may be missing, `...` is up to four words of any kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from nlu.reading import fold

DATA = Path(__file__).parent / "data"
GAP = 4  # words
MASK = ""  # stands where a phrase was taken out; no phrase reaches across it

Words = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Part:
    words: frozenset[str]  # empty: a gap
    optional: bool = False


class PhraseBook:
    """A list of phrases, found by their first word."""

    __slots__ = ("_by_first",)

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[_Part, ...]]] = {}
        for phrase in phrases:
            parts = tuple(_part(piece) for piece in phrase.split())
            if not parts or parts[0].optional or not parts[0].words:
                raise ValueError(f"a phrase must begin with a word: {phrase!r}")
            for word in parts[0].words:
                self._by_first.setdefault(word, []).append(parts)

    def found(self, words: Words) -> Iterator[tuple[int, int]]:
        """Where phrases stand: from the first word to past the last one, the longest at each place."""
        if self._by_first.keys().isdisjoint(words):  # nearly always, and a turn asks some twenty books
            return
        for place, word in enumerate(words):
            if word not in self._by_first:
                continue
            ends = [end for parts in self._by_first[word] for end in _ends(parts, words, place)]
            if ends:
                yield place, max(ends)

    def said(self, words: Words) -> bool:
        """True if any phrase stands anywhere in the words."""
        return next(self.found(words), None) is not None

    def is_all(self, words: Words) -> bool:
        """True if one phrase is all of the words."""
        if not words:
            return False
        return any(end == len(words) for parts in self._by_first.get(words[0], ()) for end in _ends(parts, words, 0))

    def masked(self, words: Words) -> tuple[str, ...]:
        """The words with every phrase taken out."""
        left = list(words)
        for start, end in self.found(words):
            left[start:end] = [MASK] * (end - start)
        return tuple(left)


def phrase_file(name: str) -> Mapping[str, list[str] | Mapping[str, list[str]]]:
    """A data file of phrases."""
    content: dict[str, list[str] | Mapping[str, list[str]]] = YAML(typ="safe", pure=True).load(DATA / name)
    return content


def book(content: Mapping[str, list[str] | Mapping[str, list[str]]], key: str) -> PhraseBook:
    """The phrases under a key of a data file, as a list or as a list per language."""
    group = content.get(key, [])
    lists = group.values() if isinstance(group, Mapping) else [group]
    return PhraseBook(phrase for phrases in lists for phrase in phrases)


def _part(piece: str) -> _Part:
    if piece == "...":
        return _Part(frozenset())
    optional = piece.startswith("(") and piece.endswith(")")
    words = piece[1:-1] if optional else piece
    return _Part(frozenset(fold(word) for word in words.split("|")), optional)


def _ends(parts: Sequence[_Part], words: Words, place: int) -> Iterator[int]:
    """Every place past the last word at which the parts can end when they begin here."""
    if not parts:
        yield place
        return
    part, rest = parts[0], parts[1:]
    if not part.words:
        for skipped in range(min(GAP, len(words) - place) + 1):
            if skipped and words[place + skipped - 1] == MASK:
                return
            yield from _ends(rest, words, place + skipped)
        return
    if part.optional:
        yield from _ends(rest, words, place)
    if place < len(words) and words[place] in part.words:
        yield from _ends(rest, words, place + 1)
