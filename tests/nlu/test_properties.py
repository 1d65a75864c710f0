"""Whatever is formatted parses back, nothing raises, and a long text costs no more than its length."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.reading import MAX_LENGTH
from nlu.understand import understand
from nlu.understanding import Answer, AnswerKind, Expecting, Understanding, Value
from nlu.vocabulary import phrases
from tests.nlu import questions as q

KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)
RID = r"\d{12}"

EN_DIGITS = phrases("zero|one|two|three|four|five|six|seven|eight|nine")
ES_DIGITS = phrases("cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve")
EN_UNITS = EN_DIGITS + phrases(
    "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen",
)
ES_UNITS = ES_DIGITS + phrases(
    """
    diez|once|doce|trece|catorce|quince|dieciséis|diecisiete|dieciocho|diecinueve|veinte|veintiuno|veintidós|veintitrés
    veinticuatro|veinticinco|veintiséis|veintisiete|veintiocho|veintinueve
    """
)
EN_TENS = dict(enumerate(phrases("twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"), 2))
ES_TENS = dict(enumerate(phrases("treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa"), 3))
EN_PLACES = phrases(
    """
    zeroth|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth
    fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth
    """
)
ES_PLACES = phrases("cero|primera|segunda|tercera|cuarta|quinta|sexta|séptima|octava|novena|décima")
EN_MONTHS = phrases("January|February|March|April|May|June|July|August|September|October|November|December")
ES_MONTHS = phrases("enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre")

around = st.sampled_from(
    ["{}", " {} ", "{}.", "{} GA", "um {}", "{}, thanks", "{} gracias", "it's {} i think", "es {}"]
)
closed = st.sampled_from(["{}", " {}", "{}.", "{} GA", "{} go ahead", "{} please", "{} por favor"])


def said(text: str, question: Expecting) -> Answer:
    return understand(text, question, "en").answer


def english(number: int) -> str:
    """A number under 100 in English."""
    if number < 20:
        return EN_UNITS[number]
    return EN_TENS[number // 10] + (f" {EN_UNITS[number % 10]}" if number % 10 else "")


def spanish(number: int) -> str:
    """A number under 100 in Spanish."""
    if number < 30:
        return ES_UNITS[number]
    return ES_TENS[number // 10] + (f" y {ES_UNITS[number % 10]}" if number % 10 else "")


def english_place(number: int) -> str:
    """An ordinal up to 31 in English."""
    if number <= 20:
        return EN_PLACES[number]
    return "thirtieth" if number == 30 else f"{EN_TENS[number // 10]} {EN_PLACES[number % 10]}"


def english_year(year: int) -> list[str]:
    """Every way to say a year in English."""
    century, rest = divmod(year, 100)
    if year >= 2000 and rest < 10:
        return [
            f"two thousand{f' {english(rest)}' if rest else ''}",
            *([f"two thousand and {english(rest)}"] if rest else []),
        ]
    halves = f"{english(century)} {'oh ' if rest < 10 else ''}{english(rest)}"
    return [halves] if rest else [f"{english(century)} hundred"]


def spanish_year(year: int) -> str:
    rest = year % 100
    thousand = "mil novecientos" if year < 2000 else "dos mil"
    return thousand + (f" {spanish(rest)}" if rest else "")


def dates_written(day: date) -> list[str]:
    """A day in every written and spoken form of both languages."""
    month, mes = EN_MONTHS[day.month - 1], ES_MONTHS[day.month - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10 if day.day not in (11, 12, 13) else 0, "th")
    forms = [
        f"{day:%m/%d/%Y}", f"{day.month}/{day.day}/{day.year}", f"{day:%m-%d-%Y}", f"{day:%m.%d.%Y}", f"{day:%m %d %Y}",
        f"{day:%m%d%Y}", f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day:%m} / {day:%d} / {day:%Y}",
        f"{month} {day.day}, {day.year}", f"{month.upper()} {day.day} {day.year}", f"{month[:3]} {day.day} {day.year}",
        f"{month} {day.day}{ending} {day.year}", f"{day.day} {month} {day.year}",
        f"{day.day}{ending} of {month} {day.year}",
        f"{day.day}-{month[:3]}-{day.year}", f"{day.day} de {mes} de {day.year}",
        f"el {day.day} de {mes} del {day.year}",
        f"{mes} {day.day} de {day.year}", f"{day.day} {mes} {day.year}", f"{day.day}/{mes[:3]}/{day.year}",
        f"{spanish(day.day)} de {mes} de {spanish_year(day.year)}", f"{day.day} de {mes} de {spanish_year(day.year)}",
    ]  # fmt: skip
    for year in english_year(day.year):
        forms += [
            f"{month.lower()} {english_place(day.day)} {year}",
            f"{month} {english(day.day)} {year}",
            f"the {english_place(day.day)} of {month} {year}",
        ]
    if day > date(q.TODAY.year - 99, 1, 1):
        forms += [f"{day:%m/%d/%y}", f"{month} {day.day} {day:%y}", f"{day.day} de {mes} del {day:%y}"]
    return forms


@given(st.dates(date(1908, 1, 1), q.TODAY), st.data(), around)
def test_a_birth_date_written_in_any_form_parses_back(day: date, data: st.DataObject, frame: str) -> None:
    text = frame.format(data.draw(st.sampled_from(dates_written(day))))
    assert said(text, q.expecting("birth_date")) == Value(day.isoformat())


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)), st.data())
def test_another_date_written_in_any_form_with_its_year_parses_back(day: date, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([form for form in dates_written(day) if str(day.year) in form]))
    assert said(text, q.expecting("date")) == Value(day.isoformat())


@given(st.dates(date.fromordinal(q.TODAY.toordinal() + 1), date(2090, 1, 1)), st.data())
def test_a_birth_date_never_lies_ahead(day: date, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([form for form in dates_written(day) if str(day.year) in form]))
    assert not isinstance(said(text, q.expecting("birth_date")), Value)


def spoken(digits: str, words: Sequence[str]) -> str:
    return " ".join(words[int(digit)] for digit in digits)


@given(st.integers(501, 99950), st.integers(0, 9999), st.data(), around)
def test_a_zip_code_in_any_form_parses_back(code: int, plus: int, data: st.DataObject, frame: str) -> None:
    zip_code = f"{code:05}"
    forms = [
        zip_code, f"{zip_code}-{plus:04}", f"{zip_code} {plus:04}", f"{zip_code}{plus:04}", " ".join(zip_code),
        "-".join(zip_code), spoken(zip_code, EN_DIGITS), spoken(zip_code, ES_DIGITS),
        spoken(zip_code, EN_DIGITS).replace("zero", "oh"), ", ".join(spoken(zip_code, EN_DIGITS).split()),
        zip_code.replace("0", "O") if zip_code.count("0") < 5 else zip_code, f"my zip is {zip_code}",
        f"Indianapolis {zip_code}", f"{zip_code[:2]} {zip_code[2:]}",
    ]  # fmt: skip
    assert said(frame.format(data.draw(st.sampled_from(forms))), q.expecting("zip")) == Value(zip_code)


@given(st.text("0123456789", min_size=12, max_size=12), st.data(), around)
def test_a_member_id_in_any_form_parses_back(digits: str, data: st.DataObject, frame: str) -> None:
    groups = [digits[place : place + 4] for place in range(0, 12, 4)]
    threes = [digits[place : place + 3] for place in range(0, 12, 3)]
    forms = [
        digits, " ".join(groups), "-".join(groups), ".".join(groups), "/".join(groups), " ".join(threes),
        "-".join(threes),
        " ".join(digits), spoken(digits, EN_DIGITS), spoken(digits, ES_DIGITS), f"#{digits}", f"my id is {digits}",
        spoken(digits, EN_DIGITS).replace("zero", "oh"), f"mi número de miembro es {digits}", f"ID: {digits}",
    ]  # fmt: skip
    text = frame.format(data.draw(st.sampled_from(forms)))
    assert said(text, q.expecting("member_id", pattern=RID)) == Value(digits)


@given(st.integers(0, 99), st.data(), around)
def test_a_phone_number_in_any_form_parses_back(last: int, data: st.DataObject, frame: str) -> None:
    area, line = "317", f"01{last:02}"
    digits = f"{area}555{line}"
    forms = [
        digits, f"{area}-555-{line}", f"({area}) 555-{line}", f"{area}.555.{line}", f"{area} 555 {line}", f"1{digits}",
        f"+1 {area} 555 {line}", f"1-{area}-555-{line}", f"({area})555{line}", f"{area}/555/{line}",
        f"{area} 555{line}",
        spoken(digits, EN_DIGITS), spoken(digits, ES_DIGITS), spoken(digits, EN_DIGITS).replace("zero", "oh"),
        f"my number is {digits}", f"mi teléfono es {area}-555-{line}", " ".join(digits),
    ]  # fmt: skip
    assert said(frame.format(data.draw(st.sampled_from(forms))), q.expecting("phone")) == Value(f"+1{digits}")


@given(st.sampled_from(q.ALL_WITH_OPTIONS), st.data(), closed)
def test_an_option_by_key_title_or_place_is_that_option(question: Expecting, data: st.DataObject, frame: str) -> None:
    place = data.draw(st.integers(0, len(question.options) - 1))
    option = question.options[place]
    number = int(option.key)
    forms = [
        option.key, f"#{option.key}", f"{option.key})", f"option {option.key}", f"opción {option.key}",
        f"number {option.key}", f"número {option.key}", f"{option.key}. {option.labels[0]}", *option.labels,
        *(label.upper() for label in option.labels), *(label.lower() for label in option.labels),
    ]  # fmt: skip
    if number:
        forms += [f"the {english_place(number)} one", f"{number}\ufe0f\u20e3", f"option {english(number)}"]
        forms += [f"la {ES_PLACES[number]}"]
    text = frame.format(data.draw(st.sampled_from(forms)))
    value = (option.value,) if question.kind == "choices" else option.value
    assert said(text, question) == Value(value)


@given(
    st.sets(st.integers(1, 9), min_size=2),
    st.sampled_from([", ", ",", " ", " & ", "/", " y ", " and ", "\n", "; ", "+", ". "]),
)
def test_a_list_with_any_sign_between_parses_back(keys: set[int], sign: str) -> None:
    chosen = tuple(option.value for option in q.CONDITIONS.options if int(option.key) in keys)
    assert said(sign.join(map(str, sorted(keys))), q.CONDITIONS) == Value(chosen)
    titles = [option.labels[0] for option in q.CONDITIONS.options if int(option.key) in keys]
    assert said(sign.join(titles), q.CONDITIONS) == Value(chosen)


@given(st.integers(0, 999_999), st.data())
def test_a_number_in_any_form_parses_back(number: int, data: st.DataObject) -> None:
    forms = [str(number), f"{number:,}", f"about {number}", f"{number} times", f"son {number}"]
    forms += [english(number), spanish(number), f"{english(number)} people"] if number < 100 else []
    assert said(data.draw(st.sampled_from(forms)), q.expecting("number")) == Value(number)


@given(st.text(st.characters(), max_size=2000), st.sampled_from(KINDS))
def test_no_text_of_any_length_raises(text: str, kind: AnswerKind) -> None:
    pattern = RID if kind == "member_id" else ""
    assert isinstance(understand(text, q.expecting(kind, pattern=pattern), "en"), Understanding)


@given(
    st.lists(
        st.sampled_from(
            phrases(
                """
    GA|SK|Q|XXX|go|ahead|adelante|relay|operator|2643|yes|no|and|but|,|.|?|1|46204
    march|3|1985|i|want|what|is|of|to|for|at|dot|@|317-555-0142|because|either|or|-|O
    oh|zeros|the|last|one|type|2
    """
            )
        ),
        max_size=30,
    ).map(" ".join),
    st.sampled_from(KINDS),
)
def test_no_mixture_of_marks_and_answers_raises(text: str, kind: AnswerKind) -> None:
    meaning = understand(text, q.expecting(kind), "es")
    assert meaning.rest == "" or isinstance(meaning.answer, Value)
    assert len(meaning.rest) <= len(text)


LONG_TEXTS = (
    "i want to know what is going on with my card and my doctor because nobody called me, ",
    "1 2 3 4 5 6 7 8 9 ", "oh for to too two won ", "march 3 1985 46204 ", "yes, and but what is ", "a", "9",
    "@a.b ", "no no no ",
    "one of the last two or three of the first of march ", "GA SK ", "relay operator ", "asthma and diabetes, heart; ",
)  # fmt: skip
QUESTIONS = (
    *(q.expecting(kind, pattern=RID) for kind in KINDS if kind not in {"choice", "choices"}),
    q.DOCTORS,
    q.CONDITIONS,
)


def _seconds(text: str, question: Expecting, runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.process_time()
        understand(text, question, "en")
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("piece", LONG_TEXTS)
def test_a_text_four_times_as_long_takes_about_four_times_as_long(piece: str) -> None:
    """A quadratic step would make it sixteen times; the floor keeps fixed costs and the clock out of it."""
    long = (piece * MAX_LENGTH)[:MAX_LENGTH]
    for question in QUESTIONS:
        short_time = _seconds(long[: MAX_LENGTH // 4], question, 7)
        assert _seconds(long, question, 7) < 9 * max(short_time, 0.0003), question.kind


@pytest.mark.parametrize("piece", LONG_TEXTS)
def test_the_longest_text_is_understood_in_a_moment(piece: str) -> None:
    """Under 5 ms on one core of 2026; eight times that for a busy machine."""
    long = (piece * MAX_LENGTH)[:MAX_LENGTH]
    for question in QUESTIONS:
        assert _seconds(long, question, 5) < 0.040, question.kind
