"""The one door: whatever the text, it gives an understanding that fits the question."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.answers import PARSERS
from nlu.answers.birth_date import OLDEST
from nlu.reading import MAX_LENGTH, read
from nlu.understand import understand
from nlu.understanding import Ambiguous, AnswerKind, Expecting, NotAnAnswer, Understanding, Value
from nlu.vocabulary import vocabulary
from tests.nlu import questions as q
from tests.nlu.classifiers import believing

KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)
WORDS = sorted(
    vocabulary(
        """
        yes no sí none asthma diabetes 1 4 14 0 and y or o , . ? the second one la segunda good very more stop help
        march marzo 1985 85 nineteen eighty five oh two mil novecientos 46204 dr lee near spanish at dot example org
        317 555 0142 not all of them 👍 3️⃣ ’ kill myself
        """
    )
)
member_texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.text(alphabet="0123456789 /-.,:#()", max_size=20),
)
questions = st.sampled_from([*q.ALL_WITH_OPTIONS, *(q.expecting(kind, pattern=r"\d{12}") for kind in KINDS)])


@given(member_texts, questions)
def test_any_text_at_any_question_gives_an_answer_of_its_kind(text: str, question: Expecting) -> None:
    answer = understand(text, question, "en").answer
    if isinstance(answer, Value):
        assert _fits(answer.value, question)
    if isinstance(answer, Ambiguous):
        assert set(answer.between) <= {option.value for option in question.options}
        assert 2 <= len(set(answer.between)) <= 3


def _fits(value: object, question: Expecting) -> bool:
    values = [option.value for option in question.options]
    exclusive = {option.value for option in question.options if option.exclusive}
    match question.kind:
        case "bool":
            return isinstance(value, bool)
        case "choice":
            return value in values
        case "choices":
            return isinstance(value, tuple) and _is_choice_of_several(value, values, exclusive)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "birth_date":
            born = date.fromisoformat(str(value))
            return timedelta(0) <= question.today - born <= timedelta(days=366 * (OLDEST + 1))
        case "date":
            return date.fromisoformat(str(value)) is not None
        case "zip":
            return re.fullmatch(r"[0-9]{5}", str(value)) is not None
        case "member_id":
            return re.fullmatch(question.pattern, str(value)) is not None
        case "phone":
            return re.fullmatch(r"\+[1-9][0-9]{7,14}", str(value)) is not None
        case "email":
            return str(value).count("@") == 1
        case "name" | "address" | "text" | "provider_search":
            return isinstance(value, str) and value.strip() == value != ""


def _is_choice_of_several(value: tuple[str, ...], values: list[str], exclusive: set[str]) -> bool:
    in_order = [option for option in values if option in value] == list(value)
    return bool(value) and in_order and not (set(value) & exclusive and len(value) > 1)


@given(st.text(st.characters(), max_size=400))
def test_no_string_at_all_raises(text: str) -> None:
    for kind in KINDS:
        assert isinstance(understand(text, q.expecting(kind), "es"), Understanding)
    assert understand(text, None, "en").answer == NotAnAnswer()


@pytest.mark.parametrize(
    "text",
    [
        "\ud800",
        "\x00",
        "a" * 100_000,
        "ﷺ" * 1600,
        "1" * 1600,
        "a.b@" * 400,
        "½ " * 800,
        "9" * 1600 + "/",
        "\u202e1",
        "?" * 1600,
    ],
)
def test_odd_strings_are_only_odd(text: str) -> None:
    for kind in KINDS:
        understand(text, q.expecting(kind), "en")
    assert len(read(text).text) <= MAX_LENGTH


def test_every_kind_of_answer_has_its_parser() -> None:
    assert set(PARSERS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["what does that mean?", "why?", "why", "¿qué significa eso?", "por qué", "how come you ask"]
)
def test_a_question_is_never_an_answer(kind: AnswerKind, text: str) -> None:
    understanding = understand(text, q.expecting(kind), "en")
    assert understanding.answer == NotAnAnswer()
    assert understanding.question


def test_a_hesitant_answer_is_no_question() -> None:
    understanding = understand("2?", q.HEALTH, "en")
    assert understanding.answer == Value("very-good")
    assert not understanding.question


def test_the_title_of_an_option_is_the_option_and_not_a_command() -> None:
    languages = q.expecting("choice", "English / Inglés", "Español / Spanish")
    understanding = understand("Español", languages, "en")
    assert (understanding.answer, understanding.command) == (Value("español"), None)
    assert understand("Más", q.DOCTORS, "es").command is None


def test_a_word_that_revokes_by_law_opts_out_even_as_a_title() -> None:
    badly_made = q.expecting("choice", "Cancel", "Alto")
    assert understand("CANCEL", badly_made, "en").opt == "out"
    assert understand("alto", badly_made, "es").opt is None


def test_danger_is_seen_at_every_question() -> None:
    for question in q.ALL_WITH_OPTIONS:
        assert understand("I want to kill myself", question, "en").urgent == "self_harm"


def test_two_things_said_at_once_are_both_understood() -> None:
    understanding = understand("text. and can I talk to a person", q.CHANNEL, "en")
    assert (understanding.answer, understanding.command) == (Value("text"), "person")


def test_free_words_hold_no_command_and_no_opt_out() -> None:
    question = q.expecting("text")
    for text in (
        "stop taking my pills",
        "back pain",
        "I can't stop worrying",
        "I need to talk to someone about my depression",
    ):
        understanding = understand(text, question, "en")
        assert (understanding.opt, understanding.command, understanding.answer) == (None, None, Value(text))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hola", "es"), ("buenos días", "es"), ("quiero escoger un doctor", "es"), ("no entiendo la pregunta", "es"),
        ("¿qué es esto?", "es"),
        ("I want to choose a doctor", "en"), ("what is this", "en"), ("thank you very much", "en"),
        ("ok", None), ("no", None), ("1", None), ("asma", None), ("Maria Lopez", None), ("hello", None), ("si", None),
        ("doctor", None), ("", None),
        ("dr lee", None), ("quiero help please", None),
    ],
)  # fmt: skip
def test_the_language_is_told_only_when_sure(text: str, language: str | None) -> None:
    assert understand(text, None, "en").language == language


@pytest.mark.parametrize("kind", ["name", "address", "email"])
def test_a_proper_name_tells_no_language(kind: AnswerKind) -> None:
    assert understand("Maria para los Todos", q.expecting(kind), "en").language is None


def test_a_reserved_word_meant_in_other_words_is_a_command() -> None:
    sure = believing(talk_to_person=0.9, faq_cost=0.06, out_of_scope=0.04)
    understanding = understand("anyone alive over there", q.CHANNEL, "en", sure)
    assert (understanding.command, understanding.intent) == ("person", "talk_to_person")


def test_a_reserved_word_that_may_be_meant_is_no_command() -> None:
    likely = believing(talk_to_person=0.5, faq_cost=0.3, greet=0.16, out_of_scope=0.04)
    understanding = understand("anyone alive over there", None, "en", likely)
    assert (understanding.command, understanding.intent) == (None, "talk_to_person")


def test_where_free_words_are_asked_for_the_classifier_makes_no_command() -> None:
    sure = believing(skip=0.9, faq_cost=0.06, out_of_scope=0.04)
    for kind in ("name", "address", "provider_search"):
        assert understand("what for?", q.expecting(kind), "en", sure).command != "skip"


def test_an_answer_comes_before_the_classifier() -> None:
    sure = believing(skip=0.9, faq_cost=0.06, out_of_scope=0.04)
    understanding = understand("the second one", q.CHANNEL, "en", sure)
    assert (understanding.answer, understanding.command, understanding.intent) == (Value("email"), None, None)
    assert understand("mail or email", q.CHANNEL, "en", sure).command is None


def test_intents_too_near_each_other_are_asked_about() -> None:
    near = believing(faq_reward=0.4, check_reward=0.35, faq_cost=0.15, out_of_scope=0.1)
    understanding = understand("the gift", None, "en", near)
    assert (understanding.intent, understanding.between) == (None, ("faq_reward", "check_reward"))


def test_no_more_than_three_are_asked_about() -> None:
    near = believing(faq_reward=0.26, check_reward=0.24, faq_cost=0.23, greet=0.22, out_of_scope=0.05)
    assert understand("the gift", None, "en", near).between == ("faq_reward", "check_reward", "faq_cost")


@pytest.mark.parametrize(
    ("chances", "intent"),
    [
        ({"out_of_scope": 0.6, "faq_cost": 0.3, "greet": 0.1}, "out_of_scope"),  # says so
        ({"faq_cost": 0.5, "out_of_scope": 0.3, "greet": 0.2}, None),  # under the threshold
        ({f"faq_{number}": 1 / 50 for number in range(50)}, None),  # anything at all
    ],
)
def test_what_is_none_of_our_matters_has_no_intent_of_ours(chances: dict[str, float], intent: str | None) -> None:
    understanding = understand("who won the game", None, "en", believing(**chances))
    assert (understanding.intent, understanding.between, understanding.command) == (intent, (), None)
