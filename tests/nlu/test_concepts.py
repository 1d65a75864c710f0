"""The groups of words that mean much the same."""

from __future__ import annotations

import pytest

from nlu.concepts import concepts
from nlu.phrases import phrase_file
from nlu.reading import fold


def test_every_word_is_written_as_it_is_compared() -> None:
    for members in phrase_file("concepts.yml").values():
        for word in members:
            assert word.removesuffix("*") == fold(word)


def test_both_languages_meet_in_one_group() -> None:
    assert concepts(["doctor"]) == concepts(["medico"]) == concepts(["pediatra"]) == ("doctor",)
    assert concepts(["lost", "card"]) == concepts(["perdi", "tarjeta"])


@pytest.mark.parametrize(
    ("word", "group"),
    [("prescriptions", "medicine"), ("formulario", "survey"), ("formulary", "medicine"), ("form", "survey")],
)
def test_the_word_itself_comes_before_its_beginning_and_the_longest_beginning_first(word: str, group: str) -> None:
    assert concepts([word]) == (group,)


def test_a_word_of_no_group_has_none_and_a_group_stands_once() -> None:
    assert concepts(["zebra", "", "card", "cards"]) == ("card",)
