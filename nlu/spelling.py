"""Words as people misspell them: the listed word that a strange word was meant to be.

Two spellings sound alike when their keys are equal (b/v, z/s/c, c/k/qu, a silent h, doubled letters). A long word may
also be one letter away: one missing, one too many, one wrong, or two in the wrong order. A word that is one of its own
is left alone, and so is one that begins with another sound: that keeps "drying" from being "dying".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

_SHORTEST = 4  # letters; shorter words are compared as they stand
_ONE_OFF = 5  # sounds; words at least this long may also be one letter away
_LONGEST = 20  # letters; longer is no word
_DOUBLED = re.compile(r"(.)\1+")
_STRETCHED = re.compile(r"(.)\1{2,}")
_SOUNDS = (("ph", "f"), ("ch", "x"), ("h", ""), ("ce", "se"), ("ci", "si"), ("cy", "sy"), ("qu", "k"))
_LETTERS = str.maketrans("cqvz", "kkbs")


class Speller:
    """The words of some lists, found by their misspellings."""

    __slots__ = ("_by_key", "_known", "_near")

    def __init__(self, listed: Iterable[str], real: Iterable[str]) -> None:
        """`listed` are the words to find; `real` are words that look like one of them and are not."""
        words = sorted(set(listed))
        self._known = frozenset(words).union(real)
        self._by_key: dict[str, str] = {}
        self._near: dict[str, list[str]] = {}
        for word in words:
            key = _key(word)
            if len(word) < _SHORTEST or not word.isalpha() or key in self._by_key:
                continue
            self._by_key[key] = word
            if len(key) >= _ONE_OFF:
                for less in (key, *_one_less(key)):
                    self._near.setdefault(less, []).append(key)

    def respelled(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words, each misspelling replaced by the listed word it was meant to be."""
        return tuple(word if word in self._known else self._meant(word) for word in words)

    def _meant(self, word: str) -> str:
        unstretched = _STRETCHED.sub(r"\1", word)
        if unstretched in self._known:
            return unstretched
        if not _SHORTEST - 1 <= len(word) <= _LONGEST or not word.isalpha():
            return word
        key = _key(word)
        if key in self._by_key:
            return self._by_key[key]
        if len(key) >= _ONE_OFF - 1:
            for less in (key, *_one_less(key)):
                for near in self._near.get(less, ()):
                    if _one_off(key, near):
                        return self._by_key[near]
        return next((self._by_key[swap] for swap in _swapped(key) if swap in self._by_key), word)


@cache
def real_words() -> frozenset[str]:
    """English and Spanish words that look like a word of our lists and mean something else: data/real_words.txt."""
    lines = (Path(__file__).parent / "data" / "real_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _key(word: str) -> str:
    """How a word sounds, roughly, in either language."""
    word = _DOUBLED.sub(r"\1", word)
    for written, sound in _SOUNDS:
        word = word.replace(written, sound)
    return _DOUBLED.sub(r"\1", word.translate(_LETTERS))


def _one_less(key: str) -> Iterator[str]:
    """The key without one of its sounds, the first excepted."""
    for place in range(1, len(key)):
        yield key[:place] + key[place + 1 :]


def _swapped(key: str) -> Iterator[str]:
    """The key with two neighbours in the other order, the first sound excepted."""
    for place in range(1, len(key) - 1):
        yield key[:place] + key[place + 1] + key[place] + key[place + 2 :]


def _one_off(one: str, other: str) -> bool:
    """True if they are at most one sound apart; they already share a form with one sound less."""
    if abs(len(one) - len(other)) == 1:
        return True
    if len(one) != len(other):
        return False
    wrong = [place for place, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        return one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
    return len(wrong) <= 1
