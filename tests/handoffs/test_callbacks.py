"""What staff do with call-backs: a calendar, one who marks each call, and a reminder before and after it was due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.alerting import facts
from bot.bootstrap import Bot
from bot.config import Secret
from bot.outbound import Simulator
from bot.records import alerts
from bot.records import tables as t
from bot.records.callbacks import LATE_S, SOON_S, Callback, callback_list, mark_called
from bot.records.database import reading
from bot.worker import remind_staff, work_once
from tests.phone import Clock, Phone, bot_on, rows

NIGHT = datetime(2027, 2, 2, 22, tzinfo=ZoneInfo("America/Indiana/Indianapolis")).timestamp()
DUE = NIGHT + 12 * 3600  # Wednesday at ten


@pytest.fixture
def alerting(tmp_path: Path, redis_url: str, sample: Path, clock: Clock, bot: Bot) -> Iterator[Bot]:
    known = {"oncall_webhook_url": Secret("http://127.0.0.1:9/oncall"), "oncall_email": "oncall@example.org"}
    with bot_on(tmp_path / "alerting", redis_url, clock, sample, **known) as made:
        yield made


@pytest.fixture
def phone(alerting: Bot, clock: Clock) -> Phone:
    """One who has booked a call for Wednesday at ten."""
    clock.now = NIGHT
    phone = Phone(alerting, clock)
    phone.texts("hi", "AGENT", "1")
    return phone


def calendar(bot: Bot, since: float = NIGHT, until: float = NIGHT + 9e5) -> list[Callback]:
    with reading(bot.records) as conn:
        return callback_list(conn, bot.vault, since, until)


def told(bot: Bot) -> list[tuple[str, str, str, str]]:
    return [(row.kind, row.reason, row.way, row.state) for row in rows(bot, t.alerts)]


def test_the_calendar_says_whom_to_call_when_and_how(phone: Phone) -> None:
    [call] = calendar(phone.bot)
    assert (DUE, "America/Indiana/Indianapolis", "en", "sms") == (call.due_at, call.zone, call.language, call.how)
    assert (phone.number, phone.conversation, None) == (call.phone, call.conversation, call.member)
    assert ("booked", 0, None, "") == (call.state, call.tries, call.outcome, call.done_by)


def test_the_calendar_holds_what_is_due_before_a_time_and_of_what_is_done_only_what_is_late_enough(
    phone: Phone,
) -> None:
    assert [] == calendar(phone.bot, NIGHT, DUE)
    [call] = calendar(phone.bot, DUE + 1)
    assert mark_called(phone.bot.records, call.id, "agent:ana", "reached", DUE, tries=0)
    assert 1 == len(calendar(phone.bot, DUE, DUE + 1))
    assert [] == calendar(phone.bot, DUE + 1)


def test_one_who_is_reached_has_been_called(phone: Phone) -> None:
    [call] = calendar(phone.bot)
    assert mark_called(phone.bot.records, call.id, "agent:ana", "reached", DUE + 60, tries=0)
    [after] = calendar(phone.bot)
    assert ("called", "reached", "agent:ana", DUE + 60) == (after.state, after.outcome, after.done_by, after.done_at)
    assert not mark_called(phone.bot.records, call.id, "agent:ben", "no_answer", DUE + 90, tries=1)


def test_the_second_call_without_an_answer_is_the_last(phone: Phone) -> None:
    [call] = calendar(phone.bot)
    assert mark_called(phone.bot.records, call.id, "agent:ana", "no_answer", DUE, tries=0)
    assert ("booked", 1) == (calendar(phone.bot)[0].state, calendar(phone.bot)[0].tries)
    assert mark_called(phone.bot.records, call.id, "agent:ben", "no_answer", DUE + 600, tries=1)
    [after] = calendar(phone.bot)
    assert ("missed", 2, "agent:ben") == (after.state, after.tries, after.done_by)


def test_a_form_sent_twice_is_one_call(phone: Phone) -> None:
    [call] = calendar(phone.bot)
    marks = [mark_called(phone.bot.records, call.id, "agent:ana", "no_answer", DUE, tries=0) for _ in range(2)]
    assert [True, False] == marks
    assert "booked" == calendar(phone.bot)[0].state


def test_a_wrong_number_is_not_called_again(phone: Phone) -> None:
    [call] = calendar(phone.bot)
    assert mark_called(phone.bot.records, call.id, "agent:ana", "wrong_number", DUE, tries=0)
    assert "missed" == calendar(phone.bot)[0].state


@pytest.mark.parametrize("outcome", ["reached", "no_answer", "wrong_number"])
def test_of_two_who_mark_it_at_once_one_wins(phone: Phone, outcome: str) -> None:
    [call] = calendar(phone.bot)

    def mark(staff: str) -> bool:
        return mark_called(phone.bot.records, call.id, f"agent:{staff}", outcome, DUE, tries=0)  # type: ignore[arg-type]

    with ThreadPoolExecutor(6) as at_once:
        won = [staff for staff, first in zip("abcdef", at_once.map(mark, "abcdef"), strict=True) if first]
    assert [f"agent:{staff}" for staff in won] == [calendar(phone.bot)[0].done_by]
    assert 1 == calendar(phone.bot)[0].tries


def test_what_is_cancelled_or_unknown_is_not_marked(phone: Phone) -> None:
    [call] = calendar(phone.bot)
    phone.text("do not call me")
    assert "cancelled" == calendar(phone.bot)[0].state
    assert not mark_called(phone.bot.records, call.id, "agent:ana", "reached", DUE, tries=0)
    assert not mark_called(phone.bot.records, call.id + 1, "agent:ana", "reached", DUE, tries=0)
    with pytest.raises(ValueError, match="no outcome"):
        mark_called(phone.bot.records, call.id, "agent:ana", "shrugged", DUE, tries=0)  # type: ignore[arg-type]


def test_staff_are_told_ten_minutes_before_and_once_more_when_nobody_called(phone: Phone, clock: Clock) -> None:
    seen: list[tuple[float, str]] = []
    for at in (DUE - SOON_S - 5, DUE - SOON_S, DUE - 300, DUE, DUE + LATE_S - 5, DUE + LATE_S, DUE + 9000):
        clock.now = at
        before = len(told(phone.bot))
        remind_staff(phone.bot)
        seen += [(at, reason) for _, reason, _, _ in told(phone.bot)[before:]]
    assert [(DUE - SOON_S, "soon")] * 2 + [(DUE + LATE_S, "late")] * 2 == seen
    assert {("callback_due", "webhook"), ("callback_due", "email")} == {
        (kind, way) for kind, _, way, _ in told(phone.bot)
    }


def test_after_a_worker_was_away_only_what_still_holds_is_told(phone: Phone, clock: Clock) -> None:
    clock.now = DUE + LATE_S
    remind_staff(phone.bot)
    assert ["late", "late"] == [reason for _, reason, _, _ in told(phone.bot)]


def test_a_call_made_is_reminded_of_no_more(phone: Phone, clock: Clock) -> None:
    clock.now = DUE - 60
    remind_staff(phone.bot)
    mark_called(phone.bot.records, calendar(phone.bot)[0].id, "agent:ana", "reached", DUE, tries=0)
    assert {"dropped"} == {state for *_, state in told(phone.bot)}
    clock.now = DUE + LATE_S
    remind_staff(phone.bot)
    assert 2 == len(told(phone.bot))


def test_a_call_cancelled_is_reminded_of_no_more(phone: Phone, clock: Clock) -> None:
    clock.now = DUE - 60
    remind_staff(phone.bot)
    phone.text("do not call me")
    assert {"dropped"} == {state for *_, state in told(phone.bot)}


def test_a_reminder_says_when_and_where_and_nothing_of_the_member(phone: Phone, clock: Clock) -> None:
    clock.now = DUE - 60
    remind_staff(phone.bot)
    with reading(phone.bot.records) as conn:
        said = facts(alerts.due(conn, clock.now)[0])
    assert ("callback_due", "soon", "2027-02-03T15:00:00+00:00") == (said["event"], said["reason"], said["at"])
    assert {"event", "alert", "reason", "conversation", "at"} == set(said)
    assert phone.number not in json.dumps(said)


def test_where_no_way_to_tell_is_set_up_nothing_is_written(bot: Bot, clock: Clock) -> None:
    clock.now = NIGHT
    Phone(bot, clock).texts("hi", "AGENT", "1")
    clock.now = DUE
    work_once(bot, Simulator())
    [call] = rows(bot, t.callbacks)
    assert ([], None) == (told(bot), call.told_at)


def test_one_who_was_called_is_not_told_that_nobody_came(bot: Bot, clock: Clock) -> None:
    clock.now = NIGHT
    phone = Phone(bot, clock)
    phone.texts("hi", "AGENT", "1")
    [call] = calendar(bot)
    mark_called(bot.records, call.id, "agent:ana", "reached", DUE, tries=0)
    clock.now = DUE + 86_400
    work_once(bot, Simulator())
    assert [None] == [row.told_at for row in rows(bot, t.handoffs)]
