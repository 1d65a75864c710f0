"""A reminder: agreed once, by day only, where the member lives; gone when they come back; never after STOP."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bootstrap import Bot
from bot.calendar import reminder_at, waking
from bot.outbound import Accepted, Outcome
from bot.records import tables as t
from bot.records.outbox import Due
from bot.worker import work_once
from tests.phone import Clock, Phone, count, rows

HOUR, DAY = 3600.0, 86_400.0
ZONES = ("America/Indiana/Indianapolis", "America/Chicago", "Pacific/Honolulu", "America/Puerto_Rico")
TO_SCREENING = ("hi", "3", "999900000011", "4/23/1979", "46204")
ASKS = "remind you?"


class Sent(list[str]):
    repeatable = False

    def send(self, text: Due) -> Outcome:
        self.append(text.text)
        return Accepted()


def agreed(phone: Phone, when: str = "tomorrow") -> None:
    phone.texts(*TO_SCREENING)
    asked = phone.text("later")
    assert asked is not None and ASKS in asked
    phone.text(when)


def test_a_reminder_goes_out_once_at_its_hour(bot: Bot, phone: Phone, clock: Clock) -> None:
    agreed(phone)
    sent = Sent()
    [row] = rows(bot, t.outbox)
    clock.now = row.due_at - 60
    work_once(bot, sent)
    assert [] == sent
    clock.now = row.due_at + 60
    work_once(bot, sent)
    work_once(bot, sent)
    [text] = sent
    assert "CONTINUE" in text and "STOP" in text
    assert "Daniel" not in text
    assert 10 == datetime.fromtimestamp(row.due_at, ZoneInfo("America/Indiana/Indianapolis")).hour
    [consent] = rows(bot, t.consents)
    assert ("reminder", "granted") == (consent.kind, consent.status)


@pytest.mark.parametrize("words", ["hi", "2", "what is a pmp?", "continue"])
def test_any_message_cancels_it(bot: Bot, phone: Phone, clock: Clock, words: str) -> None:
    agreed(phone)
    clock.now += HOUR
    phone.text(words)
    clock.now += 3 * DAY
    sent = Sent()
    work_once(bot, sent)
    assert [] == sent
    assert ["dropped"] == [row.state for row in rows(bot, t.outbox)]


def test_it_never_goes_out_after_an_opt_out(bot: Bot, phone: Phone, clock: Clock) -> None:
    agreed(phone)
    other = Phone(bot, clock, phone.number, ours="+16145550100")  # STOP on another of our numbers
    other.text("STOP")
    clock.now += 2 * DAY
    sent = Sent()
    work_once(bot, sent)
    assert [] == sent
    assert ["dropped"] == [row.state for row in rows(bot, t.outbox)]


def test_a_worker_that_was_away_waits_for_the_morning(bot: Bot, phone: Phone, clock: Clock) -> None:
    agreed(phone)
    [row] = rows(bot, t.outbox)
    clock.now = row.due_at + 13 * HOUR  # eleven at night
    sent = Sent()
    work_once(bot, sent)
    assert [] == sent
    clock.now += 9 * HOUR + 60
    work_once(bot, sent)
    assert 1 == len(sent)


def test_whoever_asks_for_more_than_a_few_is_told_that_all_is_saved(bot: Bot, phone: Phone, clock: Clock) -> None:
    phone.texts(*TO_SCREENING)
    sent = Sent()
    for _ in range(bot.settings.reminders_a_month):
        assert ASKS in (phone.text("later") or "")
        phone.text("tomorrow")
        clock.now += 2 * DAY
        work_once(bot, sent)
        phone.texts("continue", "4/23/1979")
    refused = phone.text("later")
    assert refused is not None and ASKS not in refused and "saved" in refused
    assert bot.settings.reminders_a_month == len(sent)


def test_after_later_no_old_answer_is_taken_for_the_open_question(bot: Bot, phone: Phone, clock: Clock) -> None:
    agreed(phone, "no reminder")
    answers = count(bot, t.answers)
    clock.now += HOUR
    asked = phone.text("2")
    assert asked is not None and "general your health" in asked
    assert answers == count(bot, t.answers)
    phone.text("2")
    assert answers < count(bot, t.answers)


def test_a_member_in_another_zone_is_reminded_by_their_own_clock(bot: Bot, clock: Clock) -> None:
    phone = Phone(bot, clock, "+13175550118")
    phone.texts("hi", "3", "999900000022", "8/14/1968", "47715", "later", "tomorrow")
    due = [row for row in rows(bot, t.outbox) if row.reason == "reminder"]
    assert ["America/Chicago"] == [row.zone for row in due]


@given(at=st.floats(1.7e9, 2.1e9), zone=st.sampled_from(ZONES), when=st.sampled_from(["hours", "tomorrow", "days"]))
def test_nothing_is_planned_for_the_night(at: float, zone: str, when: str) -> None:
    for planned in (waking(at, zone), reminder_at(when, at, zone)):
        assert 8 <= datetime.fromtimestamp(planned, ZoneInfo(zone)).hour < 21
        assert planned >= at
