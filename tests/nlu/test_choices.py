"""One option and several options, in every wording members use."""

from __future__ import annotations

import pytest

from nlu.answers import PARSERS
from nlu.reading import read
from nlu.understanding import Ambiguous, Answer, Expecting, NotAnAnswer, Value
from tests.nlu import questions as q

NOTHING = NotAnAnswer()


def answer(question: Expecting, text: str) -> Answer:
    return PARSERS[question.kind](read(text), question)


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        (q.HEALTH, "3", "good"),
        (q.HEALTH, " 3. ", "good"),
        (q.HEALTH, "3)", "good"),
        (q.HEALTH, "#3", "good"),
        (q.HEALTH, "３", "good"),
        (q.HEALTH, "3️⃣", "good"),
        (q.HEALTH, "ok 2", "very-good"),
        (q.HEALTH, "option 3", "good"),
        (q.HEALTH, "option3", "good"),
        (q.HEALTH, "opción 3", "good"),
        (q.HEALTH, "la 4", "fair"),
        (q.HEALTH, "two", "very-good"),
        (q.HEALTH, "dos", "very-good"),
        (q.HEALTH, "number five", "poor"),
        (q.HEALTH, "the second one", "very-good"),
        (q.HEALTH, "la segunda", "very-good"),
        (q.HEALTH, "2nd", "very-good"),
        (q.HEALTH, "2da", "very-good"),
        (q.HEALTH, "the last one", "poor"),
        (q.HEALTH, "2 Very good", "very-good"),
        (q.HEALTH, "GOOD!!", "good"),
        (q.HEALTH, "“good”", "good"),
        (q.HEALTH, "very good", "very-good"),
        (q.HEALTH, "verry good", "very-good"),
        (q.HEALTH, "exellent", "excellent"),
        (q.HEALTH, "muy buena", "very-good"),
        (q.HEALTH, "regular", "fair"),
        (q.HEALTH, "I think it's fair", "fair"),
        (q.HEALTH, "fair, thanks", "fair"),
        (q.YES_NO, "yes", "yes"),
        (q.YES_NO, "1", "yes"),
        (q.YES_NO, "y", "yes"),
        (q.YES_NO, "sí", "yes"),
        (q.YES_NO, "👍", "yes"),
        (q.YES_NO, "👎🏽", "no"),
        (q.YES_NO, "yup", "yes"),
        (q.YES_NO, "nope", "no"),
        (q.YES_NO, "not really", "no"),
        (q.YES_NO, "yes i do", "yes"),
        (q.YES_NO, "no i dont", "no"),
        (q.YES_NO, "claro que no", "no"),
        (q.YES_NO, "No, gracias", "no"),
        (q.NOT_SURE, "no sé", "not-sure"),
        (q.NOT_SURE, "idk", "not-sure"),
        (q.NOT_SURE, "no se", "not-sure"),
        (q.HOSPITAL, "no", "no"),
        (q.HOSPITAL, "nope", "no"),
        (q.HOSPITAL, "yes once", "yes,-once"),
        (q.HOSPITAL, "una vez", "yes,-once"),
        (q.TOBACCO, "no", "not-at-all"),
        (q.TOBACCO, "not at all", "not-at-all"),
        (q.TOBACCO, "i dont smoke", "not-at-all"),
        (q.TOBACCO, "everyday", "every-day"),
        (q.TOBACCO, "todos los dias", "every-day"),
        (q.MEDICINES, "3", "four-to-seven"),
        (q.MEDICINES, "eight", "eight-or-more"),
        (q.MEDICINES, "none", "none"),
        (q.HOUSING, "worried about losing it", "i-have-a-place-today-but-worry-about-losing-it"),
        (q.HOUSING, "I do not have a steady place", "i-do-not-have-a-steady-place-to-live"),
        (q.HOUSING, "no tengo lugar estable", "i-do-not-have-a-steady-place-to-live"),
        (q.HELP, "a lot more", "i-need-a-lot-more"),
        (q.HELP, "no necesito ayuda", "i-need-no-help"),
        (q.CHANNEL, "e-mail", "email"),
        (q.CHANNEL, "emial", "email"),
        (q.CHANNEL, "text please", "text"),
        (q.CHANNEL, "by mail please", "mail"),
        (q.CHANNEL, "I want texts", "text"),
        (q.CHANNEL, "text, and I want Dr Lee", "text"),
        (q.CHANNEL, "mensaje de texto por favor", "text"),
        (q.CHANNEL, "correo electronico", "email"),
        (q.DOCTORS, "lee", "dr.-ana-lee,-family,-2.1-mi"),
        (q.DOCTORS, "Dr Payne", "dr.-sam-payne,-pediatrics,-3-mi"),
        (q.DOCTORS, "la primera", "dr.-ana-lee,-family,-2.1-mi"),
        (q.DOCTORS, "rosa", "dr.-rosa-ortiz,-family,-4-mi"),
        (q.DOCTORS, "mas", "more"),
    ],
)
def test_an_option_is_recognised_however_it_is_named(question: Expecting, text: str, value: str) -> None:
    assert answer(question, text) == Value(value)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (q.HEALTH, "7"),
        (q.HEALTH, "ok 7"),
        (q.HEALTH, "0"),
        (q.HEALTH, "14"),
        (q.HEALTH, "good morning"),
        (q.HEALTH, "not good"),
        (q.HEALTH, "what does that mean?"),
        (q.HEALTH, "why?"),
        (q.HEALTH, "why"),
        (q.HEALTH, "is it good?"),
        (q.HEALTH, ""),
        (q.HEALTH, "?"),
        (q.HEALTH, "🙂"),
        (q.HEALTH, "my mom is poor"),
        (q.HEALTH, "never mind"),
        (q.HEALTH, "poor thing"),
        (q.HEALTH, "that one"),
        (q.YES_NO, "no entiendo"),
        (q.YES_NO, "si no entiendo"),
        (q.YES_NO, "no se"),
        (q.YES_NO, "I don't know"),
        (q.YES_NO, "3"),
        (q.YES_NO, "nobody told me"),
        (q.TOBACCO, "never mind"),
        (q.TOBACCO, "I don't smoke, I vape every day"),
        (q.CHANNEL, "not text"),
        (q.CHANNEL, "test"),
        (q.CHANNEL, "what is text"),
        (q.HELP, "I need help with my ID card"),
        (q.DOCTORS, "4567"),
    ],
)
def test_what_names_no_option_is_no_answer(question: Expecting, text: str) -> None:
    assert answer(question, text) == NOTHING


@pytest.mark.parametrize(
    ("question", "text", "between"),
    [
        (q.HEALTH, "1 or 2", {"excellent", "very-good"}),
        (q.HEALTH, "2 excellent", {"excellent", "very-good"}),
        (q.YES_NO, "yeah no", {"yes", "no"}),
        (q.HOSPITAL, "yes", {"yes,-once", "yes,-two-or-more-times"}),
        (q.MEDICINES, "one", {"none", "one-to-three"}),
        (q.DOCTORS, "family", {"dr.-ana-lee,-family,-2.1-mi", "dr.-rosa-ortiz,-family,-4-mi"}),
        (q.CONDITIONS, "none and asthma", {"none", "asthma"}),
        (q.CONDITIONS, "0 1", {"none", "asthma"}),
        (q.CONDITIONS, "asthma or diabetes", {"asthma", "diabetes"}),
    ],
)
def test_what_may_be_two_options_is_asked_back(question: Expecting, text: str, between: set[str]) -> None:
    found = answer(question, text)
    assert isinstance(found, Ambiguous)
    assert set(found.between) == between


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 4", ("asthma", "heart")),
        ("1,4", ("asthma", "heart")),
        ("4, 1", ("asthma", "heart")),
        ("1 y 4", ("asthma", "heart")),
        ("1 & 4", ("asthma", "heart")),
        ("1/4", ("asthma", "heart")),
        ("1+4.", ("asthma", "heart")),
        ("1\n4", ("asthma", "heart")),
        ("14", ("asthma", "heart")),
        ("145", ("asthma", "heart", "high-blood-pressure")),
        ("1️⃣4️⃣", ("asthma", "heart")),
        ("１，４", ("asthma", "heart")),
        ("one and four", ("asthma", "heart")),
        ("asthma and diabetes", ("asthma", "diabetes")),
        ("asthma diabetes", ("asthma", "diabetes")),
        ("asma y diabetis", ("asthma", "diabetes")),
        ("I have high blood pressure and diabetes", ("diabetes", "high-blood-pressure")),
        ("hihg blood presure", ("high-blood-pressure",)),
        ("blood pressure", ("high-blood-pressure",)),
        ("presion alta", ("high-blood-pressure",)),
        ("Corazón", ("heart",)),
        ("heart, 7", ("heart", "cancer")),
        ("3", ("diabetes",)),
        ("none", ("none",)),
        ("none of these", ("none",)),
        ("No", ("none",)),
        ("ninguno", ("none",)),
        ("0", ("none",)),
        ("tengo asma", ("asthma",)),
        ("other", ("other",)),
    ],
)
def test_a_list_is_read_in_any_punctuation(text: str, values: tuple[str, ...]) -> None:
    assert answer(q.CONDITIONS, text) == Value(values)


@pytest.mark.parametrize(
    "text",
    ["1 12", "10", "11", "46204", "no diabetes", "not asthma", "no tengo asma", "my mom has diabetes",
     "do I have asthma?", "I used to have asthma", "I don't know", "no se", "hello", "yes", "all good here folks"],
)  # fmt: skip
def test_a_doubtful_list_is_no_answer(text: str) -> None:
    assert answer(q.CONDITIONS, text) == NOTHING


def test_a_title_with_or_in_it_is_not_an_alternative() -> None:
    assert answer(q.CHILD_CONDITIONS, "autism or delay") == Value(("autism-or-delay",))
    assert answer(q.CHILD_CONDITIONS, "autism or delay, asthma") == Value(("asthma", "autism-or-delay"))


def test_digits_run_together_mean_that_number_where_it_is_an_option() -> None:
    many = q.expecting("choices", *(f"Thing {letter}" for letter in "abcdefghijklmno"))
    assert answer(many, "14") == Value(("thing-n",))


@pytest.mark.parametrize("question", q.ALL_WITH_OPTIONS)
def test_every_key_and_every_label_means_its_own_option(question: Expecting) -> None:
    for option in question.options:
        expected = Value((option.value,) if question.kind == "choices" else option.value)
        assert answer(question, option.key) == expected
        for label in option.labels:
            assert answer(question, label) == expected
            assert answer(question, label.upper() + ".") == expected
