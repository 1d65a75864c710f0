"""Redis flushed, stopped, killed, and SQL out of reach, in the middle of a screening: the member goes on where they
were, nothing is lost and nothing is recorded twice. Every fault is real."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text
from werkzeug.test import Client

from bot.bootstrap import Bot
from bot.config import Secret
from bot.embedded_redis import EmbeddedRedis
from bot.inputs import MessageReceived
from bot.outbound import Simulator
from bot.records import tables as t
from bot.records.database import open_engine, reading
from bot.records.sealing import seal_message
from bot.session_store import Answered, Lease
from bot.turn import RecordsAway, take_turn
from bot.worker import work_once
from tests import postgres
from tests.faults import people
from tests.phone import OURS, Clock, Phone, bot_on, count, new_sid
from tests.twilio.signed import post, sms_form

TO_THE_SCREENING = ("hi", "1", people.plan_id(0), "3/4/1985", "46204", "3", "yes", "no", "menu", "3", "1", "2")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A server of this test's own, to be stopped and started."""
    server = EmbeddedRedis(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis: EmbeddedRedis) -> str:
    return redis.start()


def answered(bot: Bot) -> list[tuple[str, str]]:
    """The screening's answer log: (question, status), in order."""
    a = t.answers.c
    with reading(bot.records) as conn:
        log = conn.execute(select(a.question, a.status).where(a.flow == "hns_adult").order_by(a.id))
        return [(row.question, row.status) for row in log]


def in_mid_screening(phone: Phone) -> str:
    """The question then open."""
    phone.texts(*TO_THE_SCREENING)
    assert phone.question().endswith(":a_er")
    return phone.question()


def test_a_flushed_redis_leaves_the_member_at_the_same_question(bot: Bot, phone: Phone) -> None:
    question = in_mid_screening(phone)
    bot.sessions._redis.flushall()
    asked = phone.text("repeat")
    assert question == phone.question() == phone.session().asked
    assert asked is not None and "ER" in asked
    bot.sessions._redis.flushall()
    phone.text("1")
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)


def test_a_re_delivery_after_a_flush_gets_the_same_reply_and_records_nothing(bot: Bot, phone: Phone) -> None:
    in_mid_screening(phone)
    sid = new_sid()
    reply = phone.text("1", sid)
    bot.sessions._redis.flushall()
    assert reply == phone.text("1", sid)
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)
    assert phone.question().endswith(":a_hosp")


def test_a_stopped_redis_leaves_the_member_at_the_same_question(bot: Bot, phone: Phone, redis: EmbeddedRedis) -> None:
    in_mid_screening(phone)
    redis.stop()
    phone.text("1")
    assert phone.question().endswith(":a_hosp")
    phone.text("1")
    assert phone.question().endswith(":a_cond")
    assert phone.question() == phone.question_from_the_log()

    redis.start()  # with the session it had before it stopped: older than what SQL has
    phone.text("1 4")
    assert phone.question().endswith(":a_meds")
    asked = ["a_health", "a_checkup", "a_er", "a_hosp", "a_cond"]
    assert [(question, "value") for question in asked] == answered(bot)


def test_a_message_left_in_a_stopped_redis_is_taken_once(
    bot: Bot, phone: Phone, clock: Clock, redis: EmbeddedRedis
) -> None:
    in_mid_screening(phone)
    sid = new_sid()
    message = MessageReceived(sid, clock(), phone.number, OURS, "1")
    held = bot.sessions.claim(phone.conversation, sid, seal_message(bot.vault, message), clock())
    assert isinstance(held, Lease)  # and its holder dies here
    time.sleep(1.2)  # until the server has it on disk
    redis.stop()
    reply = phone.text("1", sid)  # Twilio brings it again: taken on SQL alone
    redis.start()
    clock.now += bot.settings.lease_seconds * 2
    work_once(bot, Simulator())
    claimed = bot.sessions.claim(phone.conversation, sid, b"", clock())
    assert isinstance(claimed, Answered), "the sweep took it out of the inbox"
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)
    assert reply is not None


def test_a_redis_killed_in_mid_turn_is_kept_running_and_nothing_is_lost(
    bot: Bot, phone: Phone, redis: EmbeddedRedis
) -> None:
    in_mid_screening(phone)
    for words in ("1", "1", "1 4", "skip"):
        _kill_server(bot)
        phone.text(words)
    asked = ["a_health", "a_checkup", "a_er", "a_hosp", "a_cond"]
    assert [*((question, "value") for question in asked), ("a_meds", "declined")] == answered(bot)


def test_a_round_of_the_worker_goes_on_without_redis(
    bot: Bot, phone: Phone, clock: Clock, redis: EmbeddedRedis
) -> None:
    in_mid_screening(phone)
    unanswered = MessageReceived(new_sid(), clock(), phone.number, OURS, "repeat")
    take_turn(bot, unanswered)  # and the process dies before it hands the reply over
    redis.stop()
    clock.now += 60
    for _ in range(3):
        work_once(bot, Simulator())
    assert 1 == count(bot, t.outbox, t.outbox.c.message_id == unanswered.id, t.outbox.c.state == "sent")


def test_without_sql_the_turn_is_refused_and_taken_once_when_it_is_back(bot: Bot, phone: Phone, clock: Clock) -> None:
    in_mid_screening(phone)
    message = MessageReceived(new_sid(), clock(), phone.number, OURS, "1")
    with sql_gone(bot):
        for _ in range(2):
            with pytest.raises(RecordsAway):
                take_turn(bot, message)
        work_once(bot, Simulator())
    reply = take_turn(bot, message)
    assert reply == take_turn(bot, message)
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)


def test_without_sql_and_redis_the_turn_is_refused(bot: Bot, phone: Phone, redis: EmbeddedRedis, clock: Clock) -> None:
    in_mid_screening(phone)
    redis.stop()
    with sql_gone(bot), pytest.raises(RecordsAway):
        take_turn(bot, MessageReceived(new_sid(), clock(), phone.number, OURS, "1"))
    phone.text("1")
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)


def test_without_sql_the_webhook_answers_503_without_detail(bot: Bot, phone: Phone, client: Client) -> None:
    in_mid_screening(phone)
    sid = new_sid()
    form = sms_form(MessageSid=sid, SmsSid=sid, SmsMessageSid=sid, From=phone.number, To=OURS, Body="1")
    with sql_gone(bot):
        refused = post(client, fields=form)
    assert (503, "Service Unavailable\n") == (refused.status_code, refused.text)
    assert 200 == post(client, fields=form).status_code
    assert 200 == post(client, fields=form).status_code
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)


@pytest.mark.slow
def test_a_database_locked_out_for_longer_than_a_turn_is_sql_away(bot: Bot, phone: Phone, clock: Clock) -> None:
    in_mid_screening(phone)
    message = MessageReceived(new_sid(), clock(), phone.number, OURS, "1")
    with locked_out(bot), pytest.raises(RecordsAway):
        take_turn(bot, message)
    take_turn(bot, message)
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)


def test_two_bots_one_of_which_cannot_reach_redis_share_a_conversation(
    bot: Bot, phone: Phone, clock: Clock, tmp_path: Path
) -> None:
    """One process reaches Redis and keeps a session there that the other, on SQL alone, overtakes."""
    in_mid_screening(phone)
    nowhere = f"unix://{tmp_path}/nowhere.sock"
    settings = replace(bot.settings, redis_url=Secret(nowhere))
    with bot_on(settings.data, nowhere, clock) as cut_off:
        other = Phone(cut_off, clock, phone.number)
        other.text("1")
        phone.text("1")
        other.text("1 4")
        phone.text("skip")
        assert phone.question() == other.question() == phone.question_from_the_log()
    asked = ["a_health", "a_checkup", "a_er", "a_hosp", "a_cond"]
    assert [*((question, "value") for question in asked), ("a_meds", "declined")] == answered(bot)


def _kill_server(bot: Bot) -> None:
    """kill -9 the server as soon as it answers; its keeper starts it again."""
    deadline = time.monotonic() + 20
    while not bot.sessions.ping() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(int(bot.sessions._redis.info("server")["process_id"]), signal.SIGKILL)


@contextmanager
def sql_gone(bot: Bot) -> Iterator[None]:
    """Connections to the database break and none can be made. SQLite: its folder is not there, as of a lost volume."""
    bot.handovers.close()
    if postgres.running is not None:
        with postgres.running.away(bot.settings.data):
            yield
        return
    bot.records.dispose()
    away = bot.settings.data.with_name("unmounted")
    bot.settings.data.rename(away)
    try:
        yield
    finally:
        bot.records.dispose()
        away.rename(bot.settings.data)


@contextmanager
def locked_out(bot: Bot) -> Iterator[None]:
    """Somebody else holds all of the database."""
    engine = open_engine(bot.settings.database_url.reveal())
    with engine.connect() as hog, hog.begin():
        if postgres.running is not None:
            hog.execute(text(f"LOCK TABLE {', '.join(t.metadata.tables)} IN ACCESS EXCLUSIVE MODE"))
        yield
    engine.dispose()
