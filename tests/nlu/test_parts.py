"""An answer and something else in one text: the answer is taken, the rest is kept to be understood next."""

from __future__ import annotations

import pytest

from nlu.understand import understand
from nlu.understanding import AnswerKind, Expecting, NotAnAnswer, Value
from tests.nlu import questions as q

RID = r"\d{12}"
AGREE = q.expecting("bool")


@pytest.mark.parametrize(
    ("kind", "text", "value", "rest"),
    [
        ("member_id", "999900000013 July 30 1998 46208", "999900000013", "July 30 1998 46208"),
        ("member_id", "999900000013, 7/30/98, 46208", "999900000013", "7/30/98, 46208"),
        ("member_id", "9999 0000 0013 and 7/30/1998", "999900000013", "7/30/1998"),
        ("member_id", "my id is 999900000013 and my zip is 46208", "999900000013", "my zip is 46208"),
        ("member_id", "999900000013\n07/30/1998\n46208", "999900000013", "07/30/1998\n46208"),
        ("member_id", "mi número es 999900000013 y nací el 30 de julio de 1998", "999900000013",
         "nací el 30 de julio de 1998"),
        ("member_id", "999900000013 but what is this for", "999900000013", "what is this for"),
        ("birth_date", "July 30 1998, 46208", "1998-07-30", "46208"),
        ("birth_date", "July 30 1998 46208", "1998-07-30", "46208"),
        ("birth_date", "7/30/98 and my zip is 46208", "1998-07-30", "my zip is 46208"),
        ("birth_date", "30 de julio de 1998, código postal 46208", "1998-07-30", "código postal 46208"),
        ("birth_date", "july thirtieth nineteen ninety eight four six two oh eight", "1998-07-30",
         "four six two oh eight"),
        ("zip", "46208 and I want Dr Lee", "46208", "I want Dr Lee"),
        ("zip", "46208, my phone is 317-555-0142", "46208", "my phone is 317-555-0142"),
        ("zip", "46208 y necesito una doctora que hable español", "46208",
         "necesito una doctora que hable español"),
        ("zip", "46208. what is a PMP?", "46208", "what is a PMP?"),
        ("phone", "317-555-0142 46208", "+13175550142", "46208"),
        ("phone", "317 555 0142, how long does this take?", "+13175550142", "how long does this take?"),
        ("email", "ann@example.org, and I need a ride", "ann@example.org", "I need a ride"),
        ("number", "2, what is this for", 2, "what is this for"),
        ("birth_date", "7/30/98 is that all?", "1998-07-30", "is that all?"),
        ("zip", "46208 may 5 1990", "46208", "may 5 1990"),
        ("date", "1/15/2027 and can I talk to someone", "2027-01-15", "can I talk to someone"),
    ],
)  # fmt: skip
def test_what_follows_a_key_is_kept(kind: AnswerKind, text: str, value: str | int, rest: str) -> None:
    found = understand(text, q.expecting(kind, pattern=RID if kind == "member_id" else ""), "en")
    assert (found.answer, found.rest) == (Value(value), rest)


@pytest.mark.parametrize(
    ("question", "text", "value", "rest"),
    [
        (q.CHANNEL, "text, and I want Dr Lee", "text", "I want Dr Lee"),
        (q.CHANNEL, "text and I need a new card", "text", "I need a new card"),
        (q.CHANNEL, "3. what is a pmp?", "text", "what is a pmp?"),
        (q.CHANNEL, "mensaje de texto, y quiero escoger un doctor", "text", "quiero escoger un doctor"),
        (q.CHANNEL, "email. how do i get my card", "email", "how do i get my card"),
        (q.CHANNEL, "text i want to pick a doctor", "text", "i want to pick a doctor"),
        (q.CHANNEL, "correo pero necesito hablar con alguien", "mail", "necesito hablar con alguien"),
        (q.CHANNEL, "text, 46208", "text", "46208"),
        (q.YES_NO, "yes, but why do you ask", "yes", "why do you ask"),
        (AGREE, "yes but what is a PMP", True, "what is a PMP"),
        (AGREE, "yes. what is a PMP?", True, "what is a PMP?"),
        (AGREE, "sí, y quiero cambiar de doctor", True, "quiero cambiar de doctor"),
        (AGREE, "no, I want Dr Lee", False, "I want Dr Lee"),
        (AGREE, "no, quiero hablar con una persona", False, "quiero hablar con una persona"),
        (AGREE, "sí pero qué es un PMP", True, "qué es un PMP"),
        (q.CHANNEL, "email ann@example.org", "email", "ann@example.org"),
        (q.CHANNEL, "text to 317-555-0142", "text", "317-555-0142"),
        (q.CHANNEL, "text, go back", "text", "go back"),
        (q.YES_NO, "no but i need food", "no", "i need food"),
        (AGREE, "yes my zip is 46208", True, "my zip is 46208"),
        (AGREE, "yes what is a pmp", True, "what is a pmp"),
        (AGREE, "sí cómo le hago", True, "cómo le hago"),
        (AGREE, "YES BUT WHAT IS A PMP Q GA", True, "WHAT IS A PMP?"),
    ],
)  # fmt: skip
def test_what_follows_a_choice_is_kept(question: Expecting, text: str, value: str | bool, rest: str) -> None:
    found = understand(text, question, "en")
    assert (found.answer, found.rest) == (Value(value), rest)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (q.CHANNEL, "text please, thank you"), (q.CHANNEL, "text because it is easier"),
        (q.CHANNEL, "text, because I want it fast"), (q.CHANNEL, "3, text"), (q.CHANNEL, "text, gracias"),
        (q.CHANNEL, "texto, porque no tengo correo"), (q.YES_NO, "yes, I take insulin"), (AGREE, "yes, thanks"),
        (AGREE, "sí, quiero"), (AGREE, "sí, claro"), (AGREE, "no, no tengo"), (AGREE, "yes, yes"),
        (q.expecting("zip"), "46204, thanks"), (q.expecting("zip"), "46204 1234"), (q.expecting("zip"), "46204, 46204"),
        (q.expecting("birth_date"), "march 3 1985 thank you"), (q.expecting("birth_date"), "3/3/85, gracias"),
        (q.expecting("text"), "lupus, and what is a PMP"), (q.expecting("name"), "Ann Doe"),
        (q.expecting("address"), "12 Oak St, Indianapolis 46204"),
        (q.expecting("provider_search"), "dr lee near 46204"),
        (AGREE, "sí cómo no"), (q.HEALTH, "fair, i have asthma"),
        (q.CONDITIONS, "asthma, diabetes"), (q.CONDITIONS, "1, 4"), (q.CONDITIONS, "asthma and heart"),
    ],
)  # fmt: skip
def test_thanks_reasons_lists_and_free_words_leave_no_rest(question: Expecting, text: str) -> None:
    assert understand(text, question, "en").rest == ""


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (AGREE, "yes but no"), (AGREE, "sí, no"), (AGREE, "yes, or no?"), (q.CHANNEL, "text, or email?"),
        (q.CHANNEL, "1 no wait 2"), (q.expecting("birth_date"), "3/3/85, 3/4/85"), (AGREE, "ok, what is it"),
        (q.expecting("birth_date"), "3/3/85 or 3/4/85"), (q.expecting("zip"), "46204, 46208"),
        (AGREE, "ok what is that"),
        (q.expecting("zip"), "46204 no wait 46208"), (AGREE, "bueno, qué es eso"), (AGREE, "well what does it mean"),
    ],
)  # fmt: skip
def test_a_second_answer_is_no_rest_and_hearing_is_no_answer(question: Expecting, text: str) -> None:
    found = understand(text, question, "en")
    assert not isinstance(found.answer, Value)
    assert found.rest == ""


def test_the_rest_answers_the_next_questions_in_turn() -> None:
    rest, given = "999900000013 July 30 1998 46208", []
    for question in (q.expecting("member_id", pattern=RID), q.expecting("birth_date"), q.expecting("zip")):
        found = understand(rest, question, "en")
        given.append(found.answer)
        rest = found.rest
    assert given == [Value("999900000013"), Value("1998-07-30"), Value("46208")]
    assert (rest, NotAnAnswer() in given) == ("", False)


@pytest.mark.parametrize(
    ("question", "text", "value", "rest"),
    [
        (q.CHANNEL, "my zip is 46204 and text is fine", "text", "my zip is 46204"),
        (q.CHANNEL, "my zip is 46204, text", "text", "my zip is 46204"),
        (q.CHANNEL, "my id is 999900000013. email please", "email", "my id is 999900000013"),
        (q.CHANNEL, "mi código postal es 46204 y por texto", "text", "mi código postal es 46204"),
        (q.CHANNEL, "mi zip es 46204, correo", "mail", "mi zip es 46204"),
        (AGREE, "my phone is 317-555-0142, yes", True, "my phone is 317-555-0142"),
        (q.expecting("zip"), "i smoke sometimes, 46204", "46204", ""),
        (q.expecting("zip"), "fumo a veces, 46204", "46204", ""),
        (q.expecting("birth_date"), "my zip is 46208, 7/30/98", "1998-07-30", "my zip is 46208"),
        (q.expecting("email"), "i have asthma. ann@example.org", "ann@example.org", ""),
    ],
)  # fmt: skip
def test_the_answer_may_follow_another_fact(question: Expecting, text: str, value: str | bool, rest: str) -> None:
    found = understand(text, question, "en")
    assert (found.answer, found.rest) == (Value(value), rest)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (q.CHANNEL, "my zip is 46204, is text ok?"), (q.CHANNEL, "i like mail, text"), (q.CHANNEL, "not mail, 46204"),
        (q.CHANNEL, "if you text my mom, email"), (q.CHANNEL, "do you mean mail, text"),
        (AGREE, "i had a bad week, yes"), (AGREE, "my doctor said so, no"),
        (q.expecting("zip"), "i used to live in 46208, 46204"), (q.expecting("zip"), "my mom lives close, 46204"),
        (q.expecting("zip"), "46208 or so, 46204"), (q.expecting("birth_date"), "i had surgery, 7/30/98"),
        (q.expecting("birth_date"), "my son was born here, 7/30/98"), (q.expecting("number"), "i was sick, 3"),
    ],
)  # fmt: skip
def test_a_story_a_question_or_a_doubt_before_it_gives_no_answer(question: Expecting, text: str) -> None:
    assert not isinstance(understand(text, question, "en").answer, Value)
