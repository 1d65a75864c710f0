"""Every other kind of answer: dates, numbers, codes, contacts, names."""

from __future__ import annotations

import pytest

from nlu.answers import PARSERS
from nlu.reading import read
from nlu.understanding import Answer, AnswerKind, NotAnAnswer, Value
from tests.nlu.questions import expecting

RID = r"\d{12}"
NOTHING = NotAnAnswer()


def answer(kind: AnswerKind, text: str, *, pattern: str = "") -> Answer:
    return PARSERS[kind](read(text), expecting(kind, pattern=pattern))


@pytest.mark.parametrize(
    "text",
    [
        "3/4/85", "03/04/1985", "3-4-85", "3.4.1985", "3 4 85", "03041985", "19850304", "030485", "1985-03-04",
        "1985/3/4", "03 04 1985",
        "march 4 1985", "March 4th, 1985", "mar 4 85", "4 march 1985", "4th of march 1985", "marhc 4 1985",
        "march four 1985",
        "march fourth eighty five", "march 4th nineteen eighty five", "the fourth of march nineteen eighty five",
        "three four eighty five", "oh three oh four nineteen eighty five",
        "zero three zero four one thousand nine hundred eighty five",
        "I was born on 3/4/1985", "DOB: 03/04/1985", "my birthday is march 4, 1985", "3/4/1985.", "４/marzo/1985",
        "4mar1985",
        "4 de marzo de 1985", "4 de marzo del 85", "cuatro de marzo de mil novecientos ochenta y cinco",
        "el cuatro de marzo de mil novecientos ochenta y cinco", "marzo 4 1985", "nací el 4 de marzo de 1985",
        "4 marso 1985",
        "cuatro de marzo del ochenta y cinco", "cuatro de marzo de diecinueve ochenta y cinco",
    ],
)  # fmt: skip
def test_a_birth_date_is_read_however_it_is_written(text: str) -> None:
    assert answer("birth_date", text) == Value("1985-03-04")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("march third eighty five", "1985-03-03"),
        ("20/12/1985", "1985-12-20"),
        ("20121985", "1985-12-20"),
        ("1/2/26", "2026-01-02"),
        ("12/31/26", "1926-12-31"),
        ("november 22 2026", "2026-11-22"),
        ("2/29/2004", "2004-02-29"),
        ("2/29/00", "2000-02-29"),
        ("twenty first of may two thousand four", "2004-05-21"),
        ("may twenty first twenty ten", "2010-05-21"),
        ("june first nineteen oh four", None),
        ("dos de mayo de dos mil cinco", "2005-05-02"),
        ("treinta y uno de diciembre de mil novecientos noventa y nueve", "1999-12-31"),
        ("primero de enero de 2001", "2001-01-01"),
        ("31 dic 1999", "1999-12-31"),
        ("twelve thirty one ninety nine", "1999-12-31"),
        ("12/31/1910", "1910-12-31"),
    ],
)
def test_the_day_the_month_and_the_century_are_the_ones_meant(text: str, day: str | None) -> None:
    assert answer("birth_date", text) == (NOTHING if day is None else Value(day))


@pytest.mark.parametrize(
    "text",
    [
        "02/30/1990", "55", "5/6/2031", "13/13/1990", "1985", "march 1985", "march 4", "3/4", "0/4/1985", "3/32/85",
        "2/29/2003", "3041985",
        "1/1/1800", "yesterday", "march april 4 1985", "when is my birthday?", "3/4/85 or 3/5/85", "5/6/2027", "46204",
        "", "no", "hello",
        "my number is 317 555 0142", "treinta de febrero de 1990", "may", "I may 4 1985x", "3/4/185",
    ],
)  # fmt: skip
def test_a_birth_date_is_never_guessed(text: str) -> None:
    assert answer("birth_date", text) == NOTHING


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5/20/2027", "2027-05-20"),
        ("5/20/27", "2027-05-20"),
        ("may 20 2027", "2027-05-20"),
        ("20 de mayo del 2027", "2027-05-20"),
        ("it's due on 5/20/27", "2027-05-20"),
        ("3/4/85", "1985-03-04"),
    ],
)
def test_another_date_may_lie_ahead(text: str, day: str) -> None:
    assert answer("date", text) == Value(day)


@pytest.mark.parametrize("text", ["may", "next week", "2/30/2027", "5/20", "2027"])
def test_half_a_date_is_no_date(text: str) -> None:
    assert answer("date", text) == NOTHING


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes", True), ("Yeah", True), ("yup", True), ("y", True), ("sí", True), ("si", True), ("sip", True),
        ("simon", True), ("claro", True),
        ("claro que sí", True), ("👍", True), ("👍🏿", True), ("ok", True), ("sure", True), ("yes please", True),
        ("si por favor", True),
        ("that's right", True), ("correct", True), ("of course", True), ("por supuesto", True),
        ("yea no problem", True), ("dale", True),
        ("está bien", True), ("yes, I take insulin", True), ("sí, me duele", True), ("si, tengo dos", True),
        ("YES!!!", True), ("yesss", True),
        ("no", False), ("nope", False), ("nah", False), ("n", False), ("nel", False), ("👎", False),
        ("no thank you", False),
        ("no gracias", False), ("of course not", False), ("claro que no", False), ("not really", False),
        ("not yet", False),
        ("todavía no", False), ("I don't", False), ("no, I stopped last May", None), ("no tengo", False),
        ("no quiero", False),
        ("nunca", False), ("no that's wrong", False), ("No, I moved", False),
        ("yeah no", None), ("si no entiendo", None), ("no entiendo", None), ("no se", None), ("no sé", None),
        ("I don't know", None),
        ("idk", None), ("maybe", None), ("not sure", None), ("no idea", None), ("nobody told me", None),
        ("no one", None), ("tal vez", None),
        ("si puedo", None), ("what does that mean?", None), ("why?", None), ("yes?", None), ("1", None), ("2", None),
        ("", None),
        ("hello", None), ("asthma", None), ("no more texts", None), ("never mind", None), ("si o no", None),
        ("sometimes", None),
        ("no recuerdo", None), ("I don't understand", None), ("mas o menos", None), ("?", None),
    ],
)  # fmt: skip
def test_yes_and_no_are_told_from_everything_else(text: str, said: bool | None) -> None:
    assert answer("bool", text) == (NOTHING if said is None else Value(said))


@pytest.mark.parametrize(("text", "said"), [("1", True), ("2", False), ("yes", True), ("nel", False), ("ok", True)])
def test_the_keys_of_a_yes_or_no_question_count_where_it_shows_them(text: str, said: bool) -> None:
    question = expecting("bool", "true / Yes / Sí", "false / No")
    assert PARSERS["bool"](read(text), question) == Value(said)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3), ("3.5", 3.5), ("1,200", 1200), ("fifty-two", 52), ("a hundred and ten pounds", 110), ("none", 0),
        ("ninguno", 0), ("cero", 0),
        ("about 3", 3), ("3 times", 3), ("dieciseis", 16), ("dieciséis", 16), ("treinta y dos", 32), ("sinco", 5),
        ("veintiuno", 21),
        ("ciento diez libras", 110), ("I have 2", 2), ("２", 2), ("-1", -1), ("two thousand four", 2004),
        ("dos veces", 2), ("oh", 0),
    ],
)  # fmt: skip
def test_a_number_is_read_in_figures_and_words(text: str, number: float) -> None:
    assert answer("number", text) == Value(number)


@pytest.mark.parametrize(
    "text", ["5'7", "2 or 3", "one two", "3/4", "how many?", "lots", "", "3 cats", "ten five", "hundred hundred"]
)
def test_what_is_not_one_number_is_no_number(text: str) -> None:
    assert answer("number", text) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "46204", "46204-1234", "462041234", "４６２０４", "my zip is 46204", "46204.", "4 6 2 0 4",
        "four six two oh four",
        "cuatro seis dos cero cuatro",
        "forty six two oh four", "462O4", "cuarenta y seis dos cero cuatro", "zip code: 46204", "I live in 46204",
        "vivo en 46204",
    ],
)  # fmt: skip
def test_a_zip_code_is_read_in_figures_and_words(text: str) -> None:
    assert answer("zip", text) == Value("46204")


@pytest.mark.parametrize(
    "text",
    [
        "4620",
        "462045",
        "46204 or 46205",
        "00000",
        "Indianapolis",
        "three",
        "why 46204?",
        "",
        "317-555-0142",
        "123 Main St 46204",
    ],
)
def test_what_is_no_zip_code_is_refused(text: str) -> None:
    assert answer("zip", text) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "100000000204", "1000 0000 0204", "1000-0000-0204", "my id is 100000000204", "ID: 100000000204",
        "RID 100000000204.", "1OOOOOOOO2O4",
        "one zero zero zero zero zero zero zero zero two zero four",
        "uno cero cero cero cero cero cero cero cero dos cero cuatro",
        "one oh oh oh oh oh oh oh oh two oh four",
    ],
)  # fmt: skip
def test_a_member_id_is_read_as_the_plan_writes_it(text: str) -> None:
    assert answer("member_id", text, pattern=RID) == Value("100000000204")


@pytest.mark.parametrize("text", ["12345", "1000000002045", "I don't have it", "where is my id?", "", "lost my card"])
def test_what_does_not_match_the_plan_is_no_member_id(text: str) -> None:
    assert answer("member_id", text, pattern=RID) == NOTHING


def test_a_member_id_of_letters_and_digits_is_written_upper_case() -> None:
    assert answer("member_id", "ab-123 45", pattern=r"[A-Z]{2}\d{5}") == Value("AB12345")


@pytest.mark.parametrize(
    "text",
    [
        "317-555-0142", "(317) 555-0142", "3175550142", "+1 317 555 0142", "my number is 317.555.0142",
        "three one seven five five five oh one four two",
        "tres uno siete cinco cinco cinco cero uno cuatro dos", "1-317-555-0142", "call me at 317 555 0142 please",
    ],
)  # fmt: skip
def test_a_phone_number_is_read_in_figures_and_words(text: str) -> None:
    assert answer("phone", text) == Value("+13175550142")


@pytest.mark.parametrize(
    "text", ["555-0142", "000-000-0000", "yes", "", "317-555-0142 or 317-555-0143", "46204", "why?"]
)
def test_what_cannot_be_dialled_is_no_phone_number(text: str) -> None:
    assert answer("phone", text) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "jane.doe@example.org", "Jane.Doe@EXAMPLE.org", "my email is jane.doe@example.org", "jane.doe@example.org.",
        "<jane.doe@example.org>",
        "jane dot doe at example dot org", "jane punto doe arroba example punto org",
        "j a n e dot doe at example dot org",
        "jane.doe @ example.org", "mi correo es jane punto doe arroba example punto org",
    ],
)  # fmt: skip
def test_an_email_address_is_read_typed_and_spoken(text: str) -> None:
    found = answer("email", text)
    assert isinstance(found, Value)
    assert str(found.value).lower() == "jane.doe@example.org"


@pytest.mark.parametrize(
    "text",
    ["jane", "jane@", "@example.org", "look at my dot", "what email?", "", "a@b@c.org", "yes", "a@x.org b@x.org"],
)
def test_what_is_no_address_is_no_email(text: str) -> None:
    assert answer("email", text) == NOTHING


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Maria Lopez", "Maria Lopez"), ("my name is Maria Lopez", "Maria Lopez"),
        ("me llamo María López", "María López"), ("soy Ana", "Ana"),
        ("O’Brien", "O'Brien"), ("Anne-Marie St. John", "Anne-Marie St. John"), ("maria.", "maria"), ("Al", "Al"),
        ("I'm José", "José"),
        ("Noemi", "Noemi"), ("Simon", "Simon"), ("Li", "Li"),
    ],
)  # fmt: skip
def test_a_name_is_kept_as_typed(text: str, name: str) -> None:
    assert answer("name", text) == Value(name)


@pytest.mark.parametrize(
    "text", ["yes", "no", "123", "?", "", "👍", "what name?", "I don't know", "no quiero", "ok", "a" * 200]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    assert answer("name", text) == NOTHING


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("123 Main St, Indianapolis", "123 Main St, Indianapolis"), ("PO Box 12", "PO Box 12"),
        ("my address is 12 Oak Ave", "12 Oak Ave"),
        ("calle roble 45", "calle roble 45"), ("mi dirección es Calle Roble 45", "Calle Roble 45"),
        ("one Main Street", "one Main Street"),
        ("12 Oak Ave\nApt 3", "12 Oak Ave Apt 3"),
    ],
)  # fmt: skip
def test_an_address_is_kept_as_typed(text: str, address: str) -> None:
    assert answer("address", text) == Value(address)


@pytest.mark.parametrize("text", ["yes", "Indianapolis", "46204", "", "which address?", "12", "same as before"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert answer("address", text) == NOTHING


@pytest.mark.parametrize(
    "text", ["lupus", "stop taking my pills", "dolor de espalda", "x", "I can't stop worrying", "back pain"]
)
def test_free_text_is_kept_whole(text: str) -> None:
    assert answer("text", text) == Value(text)


@pytest.mark.parametrize("text", ["", "?", "👍", "...", "what do you mean?", "why do you ask", "idk", "\u200b"])
def test_free_text_that_says_nothing_is_no_answer(text: str) -> None:
    assert answer("text", text) == NOTHING
