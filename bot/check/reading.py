"""How hard a text is to read: Flesch-Kincaid grades in English, Fernández-Huerta in Spanish. No dictionaries needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import pyphen

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d[\d,./:-]*")
_SENTENCE_END = re.compile(r"[.!?:;…]+(?=\s|$)|\n+")
_NO_PROSE = re.compile(r"https?://\S+|\S+@\S+|\+?\d[\d-]{6,}\d")  # links, addresses and phone numbers

# Fernández-Huerta's own bands (1959): a score of 70 is the sixth grade, 80 the fifth, 60 the eighth and so on.
_SPANISH_BANDS = (
    (100.0, 3.0),
    (90.0, 4.0),
    (80.0, 5.0),
    (70.0, 6.0),
    (60.0, 8.0),
    (50.0, 10.0),
    (30.0, 13.0),
    (0.0, 16.0),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The counts of a text that reading formulas use; counts of several texts add up."""

    sentences: int = 0
    words: int = 0
    syllables: int = 0

    def __add__(self, other: Reading) -> Reading:
        return Reading(self.sentences + other.sentences, self.words + other.words, self.syllables + other.syllables)

    def grade(self, language: str) -> float:
        """Years of school needed; 0 for a text without words."""
        if not self.words:
            return 0.0
        per_sentence, per_word = self.words / max(1, self.sentences), self.syllables / self.words
        if language == "es":
            return _spanish_grade(206.84 - 60.0 * per_word - 1.02 * per_sentence)
        return max(0.0, 0.39 * per_sentence + 11.8 * per_word - 15.59)


def reading(text: str, language: str) -> Reading:
    """Count the sentences, words and syllables of a text; a line end ends a sentence, a number is a short word."""
    prose = _NO_PROSE.sub(" ", text)
    sentences = [found for part in _SENTENCE_END.split(prose) if (found := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    return Reading(len(sentences), len(words), sum(syllables(word, language) for word in words))


@lru_cache(maxsize=20_000)
def syllables(word: str, language: str) -> int:
    """The syllables of a word, at least 1."""
    if word[0].isdigit():
        return 1
    return _spanish_syllables(word.lower()) if language == "es" else _english_syllables(word.lower())


def _spanish_grade(score: float) -> float:
    above = _SPANISH_BANDS[0]
    for below in _SPANISH_BANDS:
        if score >= below[0]:
            share = (score - below[0]) / (above[0] - below[0]) if above != below else 0.0
            return below[1] + share * (above[1] - below[1])
        above = below
    return _SPANISH_BANDS[-1][1]


@lru_cache(maxsize=1)
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US")


def _english_syllables(word: str) -> int:
    """The larger of two counts that both err low: hyphenation leaves out short ends, vowel groups leave out hiatus."""
    spoken = re.sub(r"(?<=[^aeiouyl])e$|(?<=[aeiou]l)e$|(?<=[^aeioutd])ed$|(?<=[^aeioucgsxz])es$", "", word)
    groups = len(re.findall(r"[aeiouy]+", spoken))
    return max(1, groups, len(_hyphens().positions(word)) + 1)


_STRONG, _WEAK_STRESSED = "aeoáéó", "íú"
_SILENT_U = re.compile(r"(?<=q)u|(?<=g)u(?=[eiéí])")


def _spanish_syllables(word: str) -> int:
    """One to each group of vowels, and one more where two strong vowels or a stressed weak one meet (hiatus)."""
    groups = re.findall(r"[aeiouáéíóúü]+|(?<=[^aeiouáéíóú])y$", _SILENT_U.sub("", word))
    return max(1, sum(1 + sum(map(_hiatus, group, group[1:])) for group in groups))


def _hiatus(left: str, right: str) -> bool:
    return left in _WEAK_STRESSED or right in _WEAK_STRESSED or (left in _STRONG and right in _STRONG)
