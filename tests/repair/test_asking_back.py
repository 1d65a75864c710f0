"""Repair that asks back: clarifying, too much at once, what may be changed; in tables and on a phone."""

from __future__ import annotations

from dataclasses import replace as changed
from typing import Any
from unittest import mock

import pytest

from bot import turn as turns
from bot.bootstrap import Bot
from bot.records import tables as t
from nlu.understanding import NotAnAnswer, Understanding
from tests.phone import Clock, Phone, count, rows

VERIFIED = ("hi", "3", "999900000011", "4/23/1979", "46204")


class Meant:
    """Understanding, with what the classifier thinks put into it."""

    def __init__(self, **meaning: Any) -> None:
        self.meaning = meaning
        self.really = turns.understand

    def __call__(self, text: str, *args: Any) -> Understanding:
        understood = self.really(text, *args)
        return changed(understood, answer=NotAnAnswer(), **self.meaning) if text == "..." else understood


def says(phone: Phone, **meaning: Any) -> str:
    """A text that is understood so."""
    with mock.patch.object(turns, "understand", Meant(**meaning)):
        return phone.text("...") or ""


def test_two_likely_meanings_are_asked_about_and_the_one_chosen_is_done(phone: Phone) -> None:
    phone.texts(*VERIFIED)
    before = phone.question()
    asked = says(phone, between=("faq_what_is_pmp", "choose_pmp"))
    assert "Which one do you mean?" in asked
    assert ["1 Choose a doctor", "2 What a PMP is", "3 Something else"] == asked.splitlines()[1:]
    told = phone.text("2") or ""
    assert "PMP" in told
    assert before == phone.question()


def test_a_task_chosen_so_is_begun(phone: Phone) -> None:
    phone.texts(*VERIFIED)
    says(phone, between=("faq_what_is_pmp", "choose_pmp"))
    begun = phone.text("1") or ""
    assert "on file" in begun


def test_a_reserved_word_chosen_so_counts(phone: Phone) -> None:
    phone.texts(*VERIFIED, "3")
    second = phone.question()
    says(phone, between=("go_back", "repeat"))
    phone.text("go back one question")
    assert second != phone.question()


def test_who_says_something_else_instead_is_heard(phone: Phone) -> None:
    phone.texts(*VERIFIED)
    before = phone.question()
    says(phone, between=("faq_what_is_pmp", "choose_pmp"))
    says(phone, intent="faq_hours_contact")
    assert before == phone.question()


def test_what_cannot_be_named_is_not_offered(phone: Phone) -> None:
    phone.texts(*VERIFIED)
    assert "Sorry" in says(phone, between=("affirm", "thanks"))


def test_tasks_unwind_in_order_and_a_fourth_asks_what_comes_first(phone: Phone) -> None:
    phone.texts(*VERIFIED)
    says(phone, intent="choose_pmp")
    says(phone, intent="set_preference")
    asked = says(phone, intent="switch_person")
    assert "Which one first?" in asked
    lines = asked.splitlines()[1:]
    assert ["1 changing who this is for", "2 how we reach you", "3 choosing a doctor", "4 health screening"] == lines
    assert "plan news" in (phone.text("2") or "")
    phone.text("text")
    assert "choosing a doctor" in (phone.text("yes") or "")
    assert "on file" in (phone.text("yes") or "")
    assert "health screening" in (phone.text("yes") or "")
    phone.text("yes")
    assert phone.question().endswith("a_health")


def test_an_answer_changed_is_withdrawn_and_taken_and_its_value_never_said(bot: Bot, phone: Phone) -> None:
    phone.texts(*VERIFIED, "5", "1")
    reply = phone.text("I meant 4") or ""
    assert "Your last checkup" in reply and "Never" not in reply
    log = [row.status for row in rows(bot, t.answers, t.answers.c.question == "a_checkup")]
    assert ["value", "withdrawn", "value"] == log


def test_changing_what_others_hang_on_asks_those_again(phone: Phone) -> None:
    phone.texts(*VERIFIED, "1", "1", "1", "1", "0", "1")  # no prescription drugs: medicines are not asked about
    assert phone.question().endswith("a_planned")
    phone.text("actually I meant 2")
    assert phone.question().endswith("a_meds_trouble")
    phone.text("2")
    assert phone.question().endswith("a_planned")


def test_nothing_behind_a_record_is_offered(bot: Bot, phone: Phone) -> None:
    phone.texts("hi", "1", "999900000011", "4/23/1979", "46204", "text", "yes")
    assert 1 == count(bot, t.preferences)
    assert "What do you want to change?" in (phone.text("change") or "")


@pytest.mark.parametrize("words", ["the 2nd one was wrong", "question 2 is wrong", "my second answer was a mistake"])
def test_an_answer_can_be_counted_out(phone: Phone, words: str) -> None:
    phone.texts(*VERIFIED, "1", "2", "1")
    assert "Your last checkup" in (phone.text(words) or "")
    assert phone.question().endswith("a_checkup")


def test_dropping_a_task_loses_no_answer(bot: Bot, phone: Phone, clock: Clock) -> None:
    phone.texts(*VERIFIED, "3", "1")
    answers = count(bot, t.answers)
    assert "saved" in says(phone, command="cancel")
    assert answers == count(bot, t.answers)
    phone.texts("menu", "3")
    assert phone.question().endswith("a_er")
