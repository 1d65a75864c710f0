"""What a relay operator and a text telephone add to a member's words."""

from __future__ import annotations

import pytest

from nlu.relay import without_marks
from nlu.understand import understand
from nlu.understanding import AnswerKind, NotAnAnswer, Value
from tests.nlu import questions as q


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("yes GA", "yes"), ("YES GA", "YES"), ("46204 ga", "46204"), ("46204 GA.", "46204"), ("BYE GA OR SK", "BYE"),
        ("BYE BYE SKSK", "BYE BYE"), ("ok bye SK SK", "ok bye"), ("yes ga ga", "yes"), ("GA", ""), ("sk", ""),
        ("WHAT IS A PMP Q GA", "WHAT IS A PMP?"), ("what is a pmp q ga", "what is a pmp?"), ("yes? GA", "yes?"),
        ("THANK YOU GA TO SK", "THANK YOU"), ("3 G A", "3"),
        ("This is relay operator 2643. Yes.", "Yes"), ("relay operator 2643", ""), ("Relay Indiana CA 2643", ""),
        ("hello this is a relay call", ""), ("a person using a TTY is calling", ""),
        ("esta es una llamada de relevo", ""),
        ("operador de relevo 55, sí", "sí"), ("I am a communications assistant", ""),
        ("a deaf or hard of hearing caller", ""),
        ("have you received a relay call before", ""), ("una persona sorda", ""), ("servicio de relevo de Indiana", ""),
        ("soy operadora número 2643", ""), ("operator 512", ""),
    ],
)  # fmt: skip
def test_marks_of_a_relay_call_are_seen_and_taken_off(text: str, own: str) -> None:
    found = without_marks(text)
    assert (found.text, found.relay) == (own, True)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("3 go ahead", "3"), ("yes, go ahead please", "yes"), ("sí adelante", "sí"), ("go ahead", ""), ("adelante", ""),
        ("46205 XXX 46204", "46204"), ("FOR XXXX FOUR", "FOUR"), ("the caller says two", "two"),
        ("la persona dice sí", "sí"), ("WHAT IS A PMP Q", "WHAT IS A PMP?"),
    ],
)  # fmt: skip
def test_manners_of_a_text_telephone_alone_tell_no_relay_call(text: str, own: str) -> None:
    found = without_marks(text)
    assert (found.text, found.relay) == (own, False)


@pytest.mark.parametrize(
    "text",
    [
        "I live in Atlanta GA", "Atlanta, GA", "mega", "I like saga", "vivo en Atlanta GA", "my operator is nice",
        "Susie Q",
        "xxx-xx-1234", "I am deaf", "yes", "", "is this Ga?", "the doctor said no sugar", "go ahead and text me",
    ],
)  # fmt: skip
def test_other_texts_stay_as_they_are(text: str) -> None:
    found = without_marks(text)
    assert (found.text, found.relay) == (text, False)


def test_georgia_in_an_address_is_no_go_ahead() -> None:
    home = q.expecting("address")
    found = understand("12 Oak St Atlanta GA", home, "en")
    assert (found.answer, found.relay) == (Value("12 Oak St Atlanta GA"), False)
    found = understand("12 Oak St Atlanta GA 30303 GA", home, "en")
    assert (found.answer, found.relay) == (Value("12 Oak St Atlanta GA 30303"), True)


@pytest.mark.parametrize("kind", ["bool", "number", "zip", "name", "text", "member_id", "birth_date"])
@pytest.mark.parametrize("text", ["GA", "SK SK", "go ahead", "relay operator 1234", "operador de relevo 46204", "XXX"])
def test_the_operators_words_answer_nothing(kind: AnswerKind, text: str) -> None:
    assert understand(text, q.expecting(kind), "en").answer == NotAnAnswer()


def test_a_mark_hides_no_danger_and_no_opt_out() -> None:
    assert understand("I WANT TO KILL MYSELF XXX 2 GA", q.HEALTH, "en").urgent == "self_harm"
    assert understand("STOP GA", q.HEALTH, "en").opt == "out"
    assert understand("HELP GA", q.HEALTH, "en").opt == "help"
