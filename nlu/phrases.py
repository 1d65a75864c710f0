"""Phrases that people can review in a data file, and where a text says one.

A phrase is words apart by spaces. `a|b` is either word, `!a|b` any word but these, `$a` any word of the group a, `(a)`
may be missing, `..` is up to two words of any kind and `...` up to four.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from nlu.reading import fold

DATA = Path(__file__).parent / "data"
GAPS = {"..": 2, "...": 4}  # words
MASK = ""  # stands where a phrase was taken out; no phrase reaches across it

Words = Sequence[str]
Groups = Mapping[str, Sequence[str]]
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    words: frozenset[str]
    optional: bool = False
    but: bool = False  # any word but these
    gap: int = 0  # up to this many words of any kind


@dataclass(frozen=True, slots=True)
class _Phrase:
    parts: tuple[_Part, ...]

    def needed(self) -> Iterator[frozenset[str]]:
        """What must be said for the phrase to be said: a word of each of these."""
        return (part.words for part in self.parts if not (part.optional or part.but or part.gap))

    def ends(self, words: Words, place: int) -> frozenset[int]:
        """Every place past the last word at which the phrase can end when it begins here."""
        at = {place}
        for part in self.parts:
            moved = _skipping(part.gap, words, at) if part.gap else _taking(part, words, at)
            at = at | moved if part.optional or part.gap else moved
            if not at:
                break
        return frozenset(at)


class PhraseBook:
    """A list of phrases, found by their first word."""

    __slots__ = ("_by_first", "words")

    def __init__(self, phrases: Iterable[str], groups: Groups | None = None) -> None:
        self._by_first: dict[str, list[tuple[tuple[frozenset[str], ...], _Phrase]]] = {}
        self.words: frozenset[str] = frozenset()
        for text in phrases:
            phrase = _Phrase(tuple(_part(piece, groups or {}) for piece in text.split()))
            if not phrase.parts or phrase.parts[0].optional or phrase.parts[0].but or not phrase.parts[0].words:
                raise ValueError(f"a phrase must begin with a word: {text!r}")
            self.words = self.words.union(*(part.words for part in phrase.parts))
            needed = tuple(phrase.needed())[1:]
            for word in phrase.parts[0].words:
                self._by_first.setdefault(word, []).append((needed, phrase))

    def found(self, words: Words) -> Iterator[tuple[int, int]]:
        """Where phrases stand: from the first word to past the last one, the longest at each place."""
        if self._by_first.keys().isdisjoint(words):  # nearly always, and a turn asks some twenty books
            return
        said = frozenset(words)
        for place, word in enumerate(words):
            if word not in self._by_first:
                continue
            ends = [
                max(found)
                for needed, phrase in self._by_first[word]
                if not any(map(said.isdisjoint, needed)) and (found := phrase.ends(words, place))
            ]
            if ends:
                yield place, max(ends)

    def said(self, words: Words) -> bool:
        """True if any phrase stands anywhere in the words."""
        return next(self.found(words), None) is not None

    def is_all(self, words: Words) -> bool:
        """True if one phrase is all of the words."""
        return bool(words) and any(
            len(words) in phrase.ends(words, 0) for _, phrase in self._by_first.get(words[0], ())
        )

    def masked(self, words: Words) -> tuple[str, ...]:
        """The words with every phrase taken out."""
        left = list(words)
        for start, end in self.found(words):
            left[start:end] = [MASK] * (end - start)
        return tuple(left)


class Together:
    """Ideas that mean something when they are said near each other, in any order; each idea is a list of phrases."""

    __slots__ = ("_ideas", "_within", "words")

    def __init__(self, ideas: Sequence[PhraseBook], within: int) -> None:
        """`within` is how many words there may be from the first word of the first idea to the first of the last."""
        self._ideas = tuple(ideas)
        self._within = within
        self.words: frozenset[str] = frozenset().union(*(idea.words for idea in ideas))

    def found(self, words: Words) -> Iterator[tuple[int, int]]:
        """Where all of the ideas stand together: from the first word to past the last one."""
        heard: list[tuple[int, int, int]] = []
        for idea, phrases in enumerate(self._ideas):
            places = [(start, end, idea) for start, end in phrases.found(words)]
            if not places:  # nearly always the first idea is not there
                return
            heard += places
        last: dict[int, tuple[int, int]] = {}
        for start, end, idea in sorted(heard):
            last[idea] = (start, end)
            first = min(place for place, _ in last.values())
            if len(last) == len(self._ideas) and start - first <= self._within:
                yield first, max(past for _, past in last.values())


class Rewriting:
    """Several ways of writing the same words, and words that say nothing."""

    __slots__ = ("_by_first", "_filler", "words")

    def __init__(self, same: Mapping[str, Sequence[str]], filler: Iterable[str] = ()) -> None:
        """`same` maps what is meant to the other ways of writing it; `filler` is left out."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        self._filler = frozenset(map(fold, filler))
        for meant, variants in same.items():
            for variant in variants:
                written = tuple(fold(variant).split())
                self._by_first.setdefault(written[0], []).append((written, tuple(fold(meant).split())))
        for forms in self._by_first.values():
            forms.sort(key=lambda form: -len(form[0]))
        self.words = frozenset(word for forms in self._by_first.values() for written, _ in forms for word in written)
        self.words |= self._filler

    def of(self, words: Words) -> tuple[str, ...]:
        """The words, each written our way."""
        left = [word for word in words if word not in self._filler]
        written: list[str] = []
        place = 0
        while place < len(left):
            for form, meant in self._by_first.get(left[place], ()):
                if tuple(left[place : place + len(form)]) == form:
                    written += meant
                    place += len(form)
                    break
            else:
                written.append(left[place])
                place += 1
        return tuple(written)


def phrase_file(name: str) -> Content:
    """A data file of phrases."""
    content: Content = YAML(typ="safe", pure=True).load(DATA / name)
    return content


def book(content: Content, key: str, groups: Groups | None = None) -> PhraseBook:
    """The phrases under a key of a data file, as a list or as a list per language."""
    group = content.get(key) or []
    lists = group.values() if isinstance(group, Mapping) else [group]
    return PhraseBook((phrase for phrases in lists for phrase in phrases), groups)


def _part(piece: str, groups: Groups) -> _Part:
    if piece in GAPS:
        return _Part(frozenset(), gap=GAPS[piece])
    optional = piece.startswith("(") and piece.endswith(")")
    words = piece[1:-1] if optional else piece
    but = words.startswith("!")
    words = words.removeprefix("!")
    if "(" in words or ")" in words:
        raise ValueError(f"a bracket holds words without spaces: {piece!r}")
    return _Part(frozenset(fold(word) for name in words.split("|") for word in _group(name, groups)), optional, but)


def _group(name: str, groups: Groups) -> Sequence[str]:
    return groups[name[1:]] if name.startswith("$") else (name,)


def _taking(part: _Part, words: Words, at: set[int]) -> set[int]:
    return {
        place + 1
        for place in at
        if place < len(words) and words[place] != MASK and (words[place] in part.words) != part.but
    }


def _skipping(gap: int, words: Words, at: set[int]) -> set[int]:
    skipped = set()
    for place in at:
        for end in range(place, min(place + gap, len(words))):
            if words[end] == MASK:
                break
            skipped.add(end + 1)
    return skipped
