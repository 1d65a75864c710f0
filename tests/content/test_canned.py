"""Canned replies: what staff are offered, and that none goes out with a blank in it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.canned import BlankLeft, BlankTooLong, Canned, canned_replies, fill_canned, open_blanks
from bot.content import load_content
from bot.flow import Content
from bot.segments import segments

FLOWS = Path(__file__).parent.parent.parent / "flows"
VISIT = Canned(
    "utter_canned_visit", "Visit", "Come {visit_day}, {who}. Again: {visit_day}.", {"visit_day": "", "who": ""}
)


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(FLOWS)


def offered(content: Content, plan: str, language: str = "en") -> dict[str, Canned]:
    return {canned.id: canned for canned in canned_replies(content, content.plans[plan], language)}


def test_they_are_offered_in_the_order_of_the_file_by_title(content: Content) -> None:
    titles = [canned.title for canned in canned_replies(content, content.plans["indiana"], "es")]
    assert ["Hello", "One moment"] == titles[:2]
    assert "Thank you and goodbye" == titles[-1]
    assert sorted(set(titles)) == sorted(titles)


def test_what_is_the_plans_is_filled_in_and_blanks_stay_open(content: Content) -> None:
    hello = offered(content, "ohio")["utter_canned_hello"]
    assert "Hi, this is {your_name} at CareSource Ohio Member Services. How can I help you today?" == hello.text
    assert {"your_name": "Your first name"} == hello.blanks
    assert offered(content, "ohio", "es")["utter_canned_hello"].text.startswith("Hola, soy {your_name}, de Servicios")


def test_blanks_come_in_the_order_of_the_text(content: Content) -> None:
    assert ["sent_date", "answer_date"] == list(offered(content, "ohio")["utter_canned_request_sent"].blanks)


def test_a_reply_about_what_the_plan_lacks_is_not_offered(content: Content) -> None:
    indiana, ohio = offered(content, "indiana"), offered(content, "ohio")
    assert {"utter_canned_nurse_line"} == indiana.keys() - ohio.keys()
    assert "utter_canned_ride" not in indiana
    assert "1-844-206-5947, TTY 711" in indiana["utter_canned_nurse_line"].text


def test_a_reply_is_worded_by_what_the_plan_has(content: Content) -> None:
    plan = replace(content.plans["indiana"], facts={"ride_phone": "1-317-555-0199", "nurse_line": "1-317-555-0198"})
    replies = {canned.id: canned.text for canned in canned_replies(content, plan, "en")}
    assert "call 1-317-555-0199." in replies["utter_canned_ride"]
    assert "Call 1-317-555-0198. If" in replies["utter_canned_nurse_line"]
    assert "For a new ID card, call 1-844-607-2829" in replies["utter_canned_id_card"]
    assert "utter_canned_handbook" not in replies


@pytest.mark.parametrize("plan", ["indiana", "ohio"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_reply_can_be_sent_once_its_blanks_are_filled(content: Content, plan: str, language: str) -> None:
    replies = canned_replies(content, content.plans[plan], language)
    assert 16 <= len(replies)
    for canned in replies:
        sent = fill_canned(canned, dict.fromkeys(canned.blanks, "Maximiliano"))
        assert () == open_blanks(sent)
        assert segments(sent) <= {"en": 1, "es": 2}[language], canned.id
        assert tuple(canned.blanks) == tuple(dict.fromkeys(re.findall(r"\{(\w+)\}", canned.text)))


def test_no_reply_offers_a_word_that_stops_texts(content: Content) -> None:
    for language in ("en", "es"):
        for canned in canned_replies(content, content.plans["indiana"], language):
            assert not re.search(r"\b(stop|end|cancel|quit|alto|parar|fin)\b", canned.text, re.IGNORECASE), canned.id


def test_a_value_is_put_in_clean_wherever_its_blank_stands() -> None:
    values = {"visit_day": "  Mon\u200bday\x07\r\n at\xa0noon ", "who": "Ann\u202e"}
    assert "Come Monday at noon, Ann. Again: Monday at noon." == fill_canned(VISIT, values)


def test_braces_in_a_value_never_expand() -> None:
    filled = fill_canned(VISIT, {"visit_day": "{who}", "who": r"\1 {visit_day} {plan_phone}"})
    assert r"Come {who}, \1 {visit_day} {plan_phone}. Again: {who}." == filled
    assert ("{who}", "{visit_day}", "{plan_phone}") == open_blanks(filled)


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "\u200b\x00"])
def test_an_empty_blank_keeps_the_reply_back(nothing: str) -> None:
    with pytest.raises(BlankLeft) as left:
        fill_canned(VISIT, {"who": nothing})
    assert ("visit_day", "who") == left.value.names


def test_a_value_of_eighty_characters_fits_and_no_more() -> None:
    assert "x" * 80 in fill_canned(VISIT, {"visit_day": " " + "x" * 80 + "\n", "who": "Ann"})
    with pytest.raises(BlankTooLong) as too_long:
        fill_canned(VISIT, {"visit_day": "x" * 81, "who": "Ann"})
    assert ("visit_day",) == too_long.value.names


def test_a_value_for_no_blank_is_left_out() -> None:
    assert "Come now, Ann. Again: now." == fill_canned(VISIT, {"visit_day": "now", "who": "Ann", "plan_phone": "1"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We will call you at 2 p.m.", ()),
        ("my_file and __init__", ()),
        ("We will call you {call_time}.", ("{call_time}",)),
        ("We will call you { the time }. {call_time} {call_time}", ("{ the time }", "{call_time}")),
        ("We will call you ___ or ______.", ("___", "______")),
        ("We will call you {call_ti", ("{",)),
        ("We will call you call_time}", ("}",)),
        ("", ()),
    ],
)
def test_a_blank_left_in_a_text_typed_by_hand_is_found(text: str, expected: tuple[str, ...]) -> None:
    assert expected == open_blanks(text)
