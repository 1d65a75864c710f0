"""Reading grades: syllables are counted and the formulas are those published."""

import pytest

from bot.check.reading import Reading, reading, syllables


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *[("a", 1), ("health", 1), ("doctor", 2), ("very", 2), ("people", 2), ("create", 2), ("screening", 2)],
        *[("primary", 3), ("provider", 3), ("situation", 4), ("asked", 1), ("wanted", 2), ("smoke", 1), ("times", 1)],
        *[("table", 2), ("don't", 1), ("46204", 1)],
    ],
)
def test_english_syllables(word: str, expected: int) -> None:
    assert expected == syllables(word, "en")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *[("salud", 2), ("ahora", 3), ("día", 2), ("país", 2), ("área", 3), ("situación", 3), ("ciudad", 2), ("y", 1)],
        *[("qué", 1), ("guía", 2), ("cigüeña", 3), ("leer", 2), ("hoy", 1), ("idea", 3), ("emergencias", 4)],
    ],
)
def test_spanish_syllables(word: str, expected: int) -> None:
    assert expected == syllables(word, "es")


def test_english_is_graded_by_flesch_and_kincaid() -> None:
    assert Reading(2, 20, 30).grade("en") == pytest.approx(0.39 * 10 + 11.8 * 1.5 - 15.59)


@pytest.mark.parametrize(
    ("words", "syllables_", "grade"), [(1, 1, 3.0), (10, 20, 5.336), (10, 24, 9.472), (30, 120, 16.0)]
)
def test_spanish_is_graded_by_the_bands_of_fernandez_huerta(words: int, syllables_: int, grade: float) -> None:
    assert grade == pytest.approx(Reading(1, words, syllables_).grade("es"), abs=0.005)


def test_a_line_end_ends_a_sentence_and_links_and_phone_numbers_are_no_words() -> None:
    assert Reading(2, 4, 4) == reading("Call us\nor text: 1-844-607-2829 https://example.org/x", "en")


def test_a_text_without_words_has_grade_nought() -> None:
    assert 0.0 == reading("1-844-607-2829!", "en").grade("en")
