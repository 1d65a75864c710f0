"""Noisy copies: still the same text, as it is typed in a hurry, and the same ones every time."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from nlu.noise import noisy
from nlu.reading import fold
from nlu.understanding import Language
from tests.nlu.test_classifier import TEXTS


@given(st.text(), st.sampled_from(["en", "es"]))
def test_any_text_has_one_noisy_copy(text: str, language: Language) -> None:
    copy = noisy(text, language)
    assert copy == noisy(text, language)
    assert bool(copy) == bool(text.split())


@pytest.mark.parametrize("language", ["en", "es"])
def test_copies_differ_and_stay_near(language: Language) -> None:
    texts = [text for group in TEXTS[language].values() for text in group if len(text) > 20]
    copies = [noisy(text, language) for text in texts]
    near = [fuzz.ratio(fold(text), fold(copy)) for text, copy in zip(texts, copies, strict=True)]
    assert sum(nearness < 100 for nearness in near) > len(texts) / 2
    assert min(near) > 50
    assert sum(near) / len(near) > 85
    assert not any(unicodedata.combining(letter) for copy in copies for letter in unicodedata.normalize("NFD", copy))


def test_abbreviations_are_those_of_the_language() -> None:
    many = [noisy(f"thank you {number}", "en") for number in range(50)]
    assert {copy.split()[1] for copy in many} == {"you", "u"}
    assert {noisy(f"no que {number}", "es").split()[1] for number in range(50)} == {"que", "q"}
    assert {noisy(f"no que {number}", "en").split()[1] for number in range(50)} == {"que"}
