"""Names as words: how a name is cut up, under which keys a word is found again, and how alike two words are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import combinations

from doublemetaphone import doublemetaphone
from jellyfish import jaro_winkler_similarity

_WORD = re.compile(r"[a-z0-9]+")
_TITLES = frozenset(["dr", "dra", "doctor", "doctora", "doc", "doctors", "mr", "mrs", "ms", "miss"])
_DEGREES = frozenset(["md", "do", "dnp", "np", "pa", "cnm", "fnp", "rn"])
_SMALL_WORDS = frozenset(["de", "del", "la", "las", "los", "y", "the", "of", "and", "for", "inc", "llc", "pc"])
_TOO_UNLIKE = 0.6  # "dr" and "three" sound the same to Double Metaphone
_LONGEST = 30  # letters of a word that count


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name: lower case, each once, without accents, titles, degrees and small words."""
    spelled = _plain(name)
    told = [w for w in spelled if w not in _SMALL_WORDS and w not in _TITLES]
    named = [w for w in told if w not in _DEGREES]
    return tuple(dict.fromkeys(named or told[-1:]))  # "Dr. Do" is Dr. Do


def pairs_of(words: Collection[str]) -> Iterator[tuple[str, str]]:
    """Every two words of a name, each pair in the order of the alphabet; initials make no pair."""
    return combinations(sorted({word for word in words if len(word) > 1}), 2)


def _plain(name: str) -> list[str]:
    letters = unicodedata.normalize(
        "NFKD", name.casefold().replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    )
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return [word[:_LONGEST] for word in _WORD.findall(bare)]


def sounds_of(word: str) -> frozenset[str]:
    """How the word may sound in English (Double Metaphone)."""
    return frozenset(sound for sound in doublemetaphone(word) if sound)


def keys_of(word: str) -> frozenset[str]:
    """The keys a word is filed under and looked up by: itself, its sounds, itself less one letter.

    Two words share a key when they sound alike or are one slip of a finger apart."""
    slips = (word[:i] + word[i + 1 :] for i in range(len(word))) if len(word) > 2 else ()
    return frozenset([word, *("~" + sound for sound in sounds_of(word)), *("-" + slip for slip in slips), "-" + word])


def likeness(word: str, other: str) -> float:
    """How alike two words are, 0 to 1: Jaro-Winkler, half the way to 1 when they also sound the same."""
    if len(word) == 1:  # an initial
        return 0.9 if other.startswith(word) else 0.0
    alike = jaro_winkler_similarity(word, other)
    return (1 + alike) / 2 if alike > _TOO_UNLIKE and sounds_of(word) & sounds_of(other) else alike
