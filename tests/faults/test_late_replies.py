"""Replies that cannot ride in the webhook: its turn came too late, or the process died with the reply in its hands."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from werkzeug.test import Client

from bot.bootstrap import Bot
from bot.handovers import FLUSH_S
from bot.inputs import MessageReceived
from bot.outbound import Accepted, Outcome, Simulator
from bot.records import tables as t
from bot.records.database import Away
from bot.records.outbox import Due
from bot.records.sealing import open_reply, seal_message
from bot.session_store import Lease
from bot.turn import handed_over, take_turn
from bot.worker import SENDING_S, UNANSWERED_AFTER_S, work_once
from tests.faults import people
from tests.faults.twilio import message_in
from tests.phone import OURS, Clock, Phone, count, new_sid, rows
from tests.twilio.signed import post, sms_form

VERIFIED = ("hi", "1", people.plan_id(0), "3/4/1985", "46204")


class Sent(list[str]):
    """Takes the worker's texts as Twilio would: twice sent is twice heard."""

    repeatable = False

    def send(self, text: Due) -> Outcome:
        self.append(text.text)
        return Accepted()


@pytest.fixture
def sent() -> Sent:
    return Sent()


def webhook(client: Client, sid: str, words: str) -> str:
    """One delivery; the text in the answer, empty for none."""
    form = sms_form(MessageSid=sid, SmsSid=sid, SmsMessageSid=sid, From=people.phone(0), To=OURS, Body=words)
    response = post(client, fields=form)
    assert 200 == response.status_code
    return message_in(response.text)


def occupy(bot: Bot, phone: Phone) -> Lease:
    """Be a holder that took the conversation and then hangs, with a message of its own."""
    message = MessageReceived(new_sid(), bot.clock(), phone.number, OURS, "repeat")
    held = bot.sessions.claim(phone.conversation, message.id, seal_message(bot.vault, message), bot.clock())
    assert isinstance(held, Lease)
    return held


def recorded_reply(bot: Bot, sid: str) -> str:
    [row] = rows(bot, t.inbound, t.inbound.c.message_id == sid)
    assert "done" == row.state
    reply = open_reply(bot.vault, row.reply_sealed)
    assert reply is not None
    return reply


def test_a_webhook_without_its_turn_answers_empty_and_the_reply_follows_once(
    bot: Bot, phone: Phone, client: Client, clock: Clock, sent: Sent
) -> None:
    phone.texts(*VERIFIED)
    occupy(bot, phone)
    sid = new_sid()
    assert "" == webhook(client, sid, "3")
    assert ["pending"] == [row.state for row in rows(bot, t.inbound, t.inbound.c.message_id == sid)]

    clock.now += bot.settings.lease_seconds + 1
    work_once(bot, sent)
    clock.now += UNANSWERED_AFTER_S + 1
    work_once(bot, sent)
    assert 1 == sent.count(recorded_reply(bot, sid))


def test_a_late_re_delivery_of_a_postponed_message_gets_an_empty_answer(
    bot: Bot, phone: Phone, client: Client, clock: Clock, sent: Sent
) -> None:
    phone.texts(*VERIFIED)
    occupy(bot, phone)
    sid = new_sid()
    assert "" == webhook(client, sid, "3")
    clock.now += bot.settings.lease_seconds + 1
    work_once(bot, sent)
    assert "" == webhook(client, sid, "3")


def test_a_re_delivery_that_takes_a_postponed_message_leaves_its_reply_to_the_outbox(
    bot: Bot, phone: Phone, client: Client, clock: Clock, sent: Sent
) -> None:
    phone.texts(*VERIFIED)
    occupy(bot, phone)
    sid = new_sid()
    assert "" == webhook(client, sid, "3")
    clock.now += bot.settings.lease_seconds + 1
    assert "" == webhook(client, sid, "3")
    work_once(bot, sent)
    assert 1 == sent.count(recorded_reply(bot, sid))


def test_a_reply_never_handed_over_is_sent_after_twenty_seconds_once(
    bot: Bot, phone: Phone, client: Client, clock: Clock, sent: Sent
) -> None:
    reply, message = left_unanswered(bot, clock)
    clock.now += UNANSWERED_AFTER_S - 1
    work_once(bot, sent)
    assert [] == sent
    clock.now += 2
    work_once(bot, sent)
    work_once(bot, sent)
    assert [reply] == sent
    assert "" == webhook(client, message.id, message.text), "a late re-delivery is not answered once more"


def test_a_reply_handed_over_is_not_sent_again(bot: Bot, phone: Phone, clock: Clock, sent: Sent) -> None:
    phone.texts(*VERIFIED)
    bot.handovers.close()
    clock.now += UNANSWERED_AFTER_S + 1
    work_once(bot, sent)
    assert [] == sent


def test_a_late_reply_is_not_sent_after_an_opt_out(bot: Bot, phone: Phone, clock: Clock, sent: Sent) -> None:
    left_unanswered(bot, clock)
    clock.now += 1
    assert phone.text("STOP") is not None
    bot.handovers.close()
    clock.now += UNANSWERED_AFTER_S + 1
    work_once(bot, sent)
    assert [] == sent
    assert 1 == count(bot, t.outbox, t.outbox.c.state == "dropped")


def left_unanswered(bot: Bot, clock: Clock) -> tuple[str, MessageReceived]:
    """A turn whose process died with the reply in its hands: `handed_over` never ran."""
    message = MessageReceived(new_sid(), clock(), people.phone(0), OURS, "hi")
    reply = take_turn(bot, message).text
    assert reply is not None
    return reply, message


def test_the_simulator_shows_a_late_reply(bot: Bot, clock: Clock) -> None:
    from bot.loading import conversation_of
    from bot.records.transcript import transcript

    reply, message = left_unanswered(bot, clock)
    clock.now += UNANSWERED_AFTER_S + 1
    work_once(bot, Simulator())
    lines: list[Any] = transcript(bot.records, bot.vault, conversation_of(bot, message))
    assert [("member", "hi"), ("bot", reply)] == [(line.who, line.text) for line in lines]


def left_in_a_dead_workers_hands(bot: Bot, clock: Clock) -> str:
    """A late reply taken to be sent by a worker that died then; long enough ago to be sure that it did."""

    class Dies(Sent):
        def send(self, text: Due) -> Outcome:
            raise KeyboardInterrupt

    reply, _ = left_unanswered(bot, clock)
    clock.now += UNANSWERED_AFTER_S + 1
    with pytest.raises(KeyboardInterrupt):
        work_once(bot, Dies())
    clock.now += SENDING_S + 1
    return reply


def test_a_text_that_a_worker_died_with_is_sent_again_where_that_cannot_show_it_twice(bot: Bot, clock: Clock) -> None:
    left_in_a_dead_workers_hands(bot, clock)
    work_once(bot, Simulator())
    assert 1 == count(bot, t.outbox, t.outbox.c.state == "sent")


def test_a_text_that_a_worker_died_with_is_not_repeated_where_it_could_come_twice(
    bot: Bot, clock: Clock, sent: Sent
) -> None:
    left_in_a_dead_workers_hands(bot, clock)
    work_once(bot, sent)
    assert [] == sent
    assert 1 == count(bot, t.outbox, t.outbox.c.state == "unknown")


def test_a_conversation_that_cannot_be_taken_does_not_stop_the_worker(
    bot: Bot, phone: Phone, clock: Clock, sent: Sent
) -> None:
    reply, _ = left_unanswered(bot, clock)
    for number in (1, 2):  # left behind by dead holders, sealed under a key that is lost
        other = Phone(bot, clock, people.phone(number))
        bot.sessions.claim(other.conversation, new_sid(), b"sealed under a lost key", bot.clock())
    readable = Phone(bot, clock, people.phone(3))
    hi = MessageReceived(new_sid(), clock(), readable.number, OURS, "hi")
    bot.sessions.claim(readable.conversation, hi.id, seal_message(bot.vault, hi), bot.clock())
    clock.now += UNANSWERED_AFTER_S + bot.settings.lease_seconds
    work_once(bot, sent)
    assert [reply] == sent
    assert readable.session().asked


def test_a_reply_handed_over_while_sql_was_away_is_noted_with_the_next(
    bot: Bot, phone: Phone, clock: Clock, sent: Sent
) -> None:
    phone.text("hi")
    until_noted(bot)
    reply = take_turn(bot, message := MessageReceived(new_sid(), clock(), phone.number, OURS, "repeat")).text
    assert reply is not None
    with mock.patch("bot.handovers.mark_answered", side_effect=Away[0]("", {}, OSError())) as locked_out:
        handed_over(bot, message.id)
        wait_until(lambda: locked_out.called)
    phone.text("menu")
    until_noted(bot)
    clock.now += UNANSWERED_AFTER_S + 1
    work_once(bot, sent)
    assert [] == sent


def until_noted(bot: Bot) -> None:
    wait_until(lambda: not count(bot, t.inbound, t.inbound.c.answered_at.is_(None)))


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert done()


def test_a_question_that_went_out_by_the_outbox_can_be_answered(
    bot: Bot, phone: Phone, clock: Clock, sent: Sent
) -> None:
    left_unanswered(bot, clock)
    clock.now += UNANSWERED_AFTER_S + 1
    work_once(bot, sent)
    answer = phone.text("1")
    assert answer is not None and "member ID" in answer


def test_a_postponed_question_that_went_out_by_the_outbox_can_be_answered(
    bot: Bot, phone: Phone, client: Client, clock: Clock, sent: Sent
) -> None:
    phone.texts(*VERIFIED[:-1])
    occupy(bot, phone)
    assert "" == webhook(client, new_sid(), VERIFIED[-1])
    clock.now += bot.settings.lease_seconds + 1
    work_once(bot, sent)
    clock.now += 2
    phone.text(VERIFIED[-1])
    assert phone.question().endswith(":ask_channel")


def test_a_reply_is_noted_only_when_the_server_has_had_time_to_write_it(bot: Bot, clock: Clock) -> None:
    """However the noting of others falls: noted at once, a reply is lost with a process that still writes it."""
    noted: dict[str, float] = {}

    def note(_engine: object, message_ids: list[str], _now: float) -> list[tuple[str, str]]:
        noted.update(dict.fromkeys(message_ids, time.monotonic()))
        return []

    given: dict[str, float] = {}
    with mock.patch("bot.handovers.mark_answered", note):
        for number in range(20):
            given[f"SM{number}"] = time.monotonic()
            handed_over(bot, f"SM{number}")
            time.sleep(FLUSH_S / 7)
        wait_until(lambda: len(noted) == len(given))
    assert all(noted[sid] - given[sid] >= FLUSH_S for sid in given)
