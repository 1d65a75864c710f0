"""Every question fits its SMS budget in both languages and cannot be mistaken for something else."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from bot.flow import Choice, Collect, Variation
from tests.screening.conftest import Compiled

GSM_7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
OPT_OUT = {"stop", "stopall", "end", "quit", "cancel", "unsubscribe", "revoke", "alto", "parar", "basta", "cancelar"}
RESERVED = {"back", "skip", "menu", "repeat", "more", "agent", "why", "change", "later", "restart", "start", "help"}
FORMS = ("adult", "child")


def segments(text: str) -> int:
    """Counted as the GSM 03.38 and UCS-2 rules have it, apart from the product's own counter."""
    width, alone, part = (1, 160, 153) if set(text) <= set(GSM_7) else (2, 140, 134)
    size = width * len(text)
    return 1 if size <= alone else -(-size // part)


def as_sent(variation: Variation, language: str) -> str:
    lines = [variation.text[language], *(f"{option.key} {option.titles[language]}" for option in variation.buttons)]
    return "\n".join(lines).replace("{name}", "Maria").replace("{drinks}", "5")


def wordings(compiled: Compiled) -> list[tuple[str, Variation]]:
    return [(name, variation) for name, variations in compiled[1].items() for variation in variations]


def options(compiled: Compiled) -> list[tuple[str, Choice]]:
    return [(s.id, option) for s in compiled[0].steps if isinstance(s, Collect) for option in s.options]


def test_the_segment_counter_counts_as_carriers_do() -> None:
    assert (1, 2, 1, 2) == (segments("a" * 160), segments("a" * 161), segments("í" * 70), segments("í" * 71))
    assert (2, 3) == (segments("í" * 134), segments("í" * 135))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("language", "budget"), [("en", 1), ("es", 3)])
def test_every_text_with_its_options_fits_its_budget(
    compiled: Mapping[str, Compiled], form: str, language: str, budget: int
) -> None:
    sizes = {name: segments(as_sent(variation, language)) for name, variation in wordings(compiled[form])}
    assert {} == {name: size for name, size in sizes.items() if size > budget}
    budgets = {variation.metadata["segments"][language] for _, variation in wordings(compiled[form])}
    assert {budget} == budgets


@pytest.mark.parametrize("form", FORMS)
def test_every_text_and_option_is_there_in_both_languages(compiled: Mapping[str, Compiled], form: str) -> None:
    for name, variation in wordings(compiled[form]):
        assert {"en", "es"} == variation.text.keys(), name
        assert all(variation.text.values()), name
    for question, option in options(compiled[form]):
        assert {"en", "es"} == option.titles.keys(), question


@pytest.mark.parametrize("form", FORMS)
def test_no_option_has_a_digit_that_could_be_taken_for_a_number_of_an_option(
    compiled: Mapping[str, Compiled], form: str
) -> None:
    spoken = [(question, title) for question, option in options(compiled[form]) for title in option.titles.values()]
    assert [] == [(question, title) for question, title in spoken if re.search(r"\d", title)]


@pytest.mark.parametrize("form", FORMS)
def test_no_option_or_synonym_is_an_opt_out_or_reserved_word(compiled: Mapping[str, Compiled], form: str) -> None:
    words = {word.lower() for _, o in options(compiled[form]) for word in (*o.titles.values(), *o.synonyms)}
    assert set() == words & (OPT_OUT | RESERVED)


@pytest.mark.parametrize("form", FORMS)
def test_no_word_of_a_question_means_two_of_its_options(compiled: Mapping[str, Compiled], form: str) -> None:
    for question in (step for step in compiled[form][0].steps if isinstance(step, Collect)):
        words = [{w.lower() for w in (*option.titles.values(), *option.synonyms)} for option in question.options]
        assert len(set().union(*words)) == sum(map(len, words)), question.id


def test_the_texts_speak_only_the_variables_they_may(compiled: Mapping[str, Compiled]) -> None:
    def variables(form: str) -> set[str]:
        return {
            v for _, w in wordings(compiled[form]) for text in w.text.values() for v in re.findall(r"\{(\w+)}", text)
        }

    assert ({"drinks"}, {"name"}) == (variables("adult"), variables("child"))


def test_wording_of_a_published_instrument_is_exempt_from_the_reading_grade(compiled: Mapping[str, Compiled]) -> None:
    exempt = {name for form in FORMS for name, w in wordings(compiled[form]) if "grade_exempt" in w.metadata}
    mood = {"a_phq1", "a_phq2", "a_gad1", "a_gad2"}
    needs = {f"{form}_{item}" for form in "ac" for item in ("housing", "food1", "food2")}
    assert {"utter_a_mood", *(f"utter_ask_{slot}" for slot in mood | needs | {"a_alcohol"})} == exempt
