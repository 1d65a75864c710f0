"""Several at once: two parents for one child, one message many times, many messages of one sender, two copies of one
session, and a holder that freezes and comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from bot.bootstrap import Bot
from bot.config import ROOT, Secret
from bot.inputs import MessageReceived
from bot.outbound import Simulator
from bot.records import tables as t
from bot.records import turn as records
from bot.records.database import reading
from bot.records.sealing import seal_message
from bot.session_store import Lease
from bot.turn import handed_over, take_turn
from bot.worker import work_once
from tests.faults import people
from tests.faults.service import quick, serving
from tests.faults.twilio import Answer, all_at_once, post
from tests.phone import OURS, Clock, Phone, bot_on, count, new_sid, rows

TO_THE_SCREENING = ("hi", "1", people.plan_id(0), "3/4/1985", "46204", "3", "yes", "no", "menu", "3", "1", "2")
AS_A_PARENT = ("hi", "3", "999911110001", "5/6/2019", "46204", "yes")


def answered(bot: Bot, flow: str = "hns_adult") -> list[tuple[str, str]]:
    """The answer log of a screening: (question, status), in order."""
    a = t.answers.c
    with reading(bot.records) as conn:
        log = conn.execute(select(a.question, a.status).where(a.flow == flow).order_by(a.id))
        return [(row.question, row.status) for row in log]


# --- guesses at the same time -----------------------------------------------------------------------------------------

WRONG = ("999900000011", "4/23/1979", "46205")  # the ZIP is another


def test_a_guess_made_during_another_gets_no_try_of_its_own(
    bot: Bot, phone: Phone, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Phone(bot, clock, "+13175550177")
    phone.texts("hi", "1", *WRONG, *WRONG[:2])
    other.texts("hi", "1", *WRONG[:2])
    record, meanwhile = records.record, [other]

    def after_the_others(*turn: Any) -> Any:
        if meanwhile:
            meanwhile.pop().text(WRONG[2])
        return record(*turn)

    monkeypatch.setattr(records, "record", after_the_others)
    reply = phone.text(WRONG[2])
    assert reply is not None
    assert "we stop the check here for today" in reply, "with the other's guess it is the third"
    assert 3 == count(bot, t.verification_failures, t.verification_failures.c.subject.startswith("id:"))


# --- two parents on two phones ---------------------------------------------------------------------------------------


def test_two_parents_answering_at_once_lose_nothing_and_double_nothing(
    bot: Bot, clock: Clock, tmp_path: Path, redis_url: str
) -> None:
    people.add_family(bot, tmp_path)
    with bot_on(bot.settings.data, redis_url, clock) as other_process:
        dana = Phone(bot, clock, people.phone(200))
        kim = Phone(other_process, clock, people.phone(201))
        dana.texts(*AS_A_PARENT, "Dana Sample")
        kim.texts(*AS_A_PARENT, "Kim Sample")
        for _ in range(8):
            _both_answer_what_is_open(dana, kim)
        dana.text("repeat")
        kim.text("repeat")
        assert dana.question() == kim.question() == dana.session().asked == kim.session().asked
        assert dana.question() == dana.question_from_the_log() == kim.question_from_the_log()

    log = answered(bot, "hns_child")
    times = Counter(log)
    assert 8 <= len(log), "every round took at least one answer"
    assert {1} == set(times.values()), "no answer twice"
    assert ["open"] == [run.state for run in rows(bot, t.runs, t.runs.c.flow == "hns_child")]
    assert 1 == count(bot, t.screenings)


def _both_answer_what_is_open(dana: Phone, kim: Phone) -> None:
    """Both are asked the same question again, and answer it in the same instant."""
    dana.text("repeat")
    kim.text("repeat")
    assert dana.question() == kim.question()
    together = threading.Barrier(2)

    def answer(parent: Phone) -> None:
        together.wait()
        parent.text("1")

    all_at_once([lambda: answer(dana), lambda: answer(kim)])


# --- one message many times ------------------------------------------------------------------------------------------


def test_a_message_delivered_fifty_times_at_once_is_one_turn_and_one_reply(bot: Bot, phone: Phone) -> None:
    phone.texts(*TO_THE_SCREENING)
    version = phone.session().version
    message = MessageReceived(new_sid(), phone.clock(), phone.number, OURS, "1")
    replies: list[str | None] = []
    together = threading.Barrier(50)

    def deliver() -> None:
        together.wait()
        replies.append(take_turn(patient, message).text)

    patient = replace(bot, settings=replace(bot.settings, webhook_seconds=30.0), clock=time.time)
    all_at_once([deliver] * 50)
    assert 50 == len(replies) and {phone.text("again", message.id)} == set(replies)
    assert version + 1 == phone.session().version
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)


# --- many messages of many senders, over processes -------------------------------------------------------------------


@pytest.mark.slow
def test_three_texts_at_once_from_each_of_100_senders_are_taken_once_in_order_of_arrival(
    sample: Path, tmp_path: Path, redis_url: str
) -> None:
    with bot_on(tmp_path / "data", redis_url, time.time, sample) as bot:
        settings = {**quick(redis_url, bot.settings.data), **UNHURT}
        with serving(settings, tmp_path) as service:
            seconds = _three_at_once(service.port, senders=100)
            _wait_until(lambda: not count(bot, t.inbound, t.inbound.c.state == "pending"))
        taken = rows(bot, t.inbound)
        conversations = rows(bot, t.conversations)
    assert 300 == len(taken) == len(seconds), "none lost"
    assert {"done"} == {row.state for row in taken}
    assert [3] * 100 == [row.version for row in conversations], "none doubled"
    early = [
        (first.message_id, second.message_id)
        for first in taken
        for second in taken
        if first.conversation == second.conversation
        and first.arrived_at + SAME_INSTANT_S < second.arrived_at
        and first.done_at >= second.done_at
    ]
    assert [] == early, "order of arrival kept"
    sys.stdout.write(f"\n300 texts at once: p50 {sorted(seconds)[150]:.3f} s, p95 {sorted(seconds)[285]:.3f} s\n")


UNHURT = {"WEB_WORKERS": "2", "FAULT_SEAMS": "", "FAULT_UNANSWERED_AFTER": "20"}
SAME_INSTANT_S = 0.02  # from a message's time of arrival to its place in the inbox


def _three_at_once(port: int, senders: int) -> list[float]:
    """Every sender texts three times at once; how long each webhook took."""
    seconds: list[float] = []

    def text(number: str, words: str) -> None:
        began = time.monotonic()
        answer = post(port, number, new_sid(), words, timeout=60)
        assert isinstance(answer, Answer) and answer.status == 200, answer
        seconds.append(time.monotonic() - began)

    jobs = [(people.phone(number), words) for number in range(senders) for words in ("hi", "help", "repeat")]
    all_at_once([lambda job=job: text(*job) for job in jobs])  # type: ignore[misc]
    return seconds


# --- before the question went out ------------------------------------------------------------------------------------


def test_a_message_that_arrived_before_the_question_went_out_does_not_answer_it(bot: Bot, phone: Phone) -> None:
    phone.texts(*TO_THE_SCREENING)
    at = phone.clock()
    first = MessageReceived(new_sid(), at, phone.number, OURS, "1")
    second = MessageReceived(new_sid(), at + 0.0001, phone.number, OURS, "2")
    take_turn(bot, first)
    take_turn(bot, second)
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)
    assert phone.question().endswith(":a_hosp")


def test_messages_left_behind_together_are_taken_in_order_and_only_one_answers(
    bot: Bot, phone: Phone, clock: Clock
) -> None:
    phone.texts(*TO_THE_SCREENING)
    for words in ("1", "2", "3"):
        message = MessageReceived(new_sid(), clock(), phone.number, OURS, words)
        bot.sessions.claim(phone.conversation, message.id, seal_message(bot.vault, message), clock())
    clock.now += bot.settings.lease_seconds * 2
    work_once(bot, Simulator())
    assert [("a_health", "value"), ("a_checkup", "value"), ("a_er", "value")] == answered(bot)
    assert len(TO_THE_SCREENING) + 3 == count(bot, t.inbound, t.inbound.c.state == "done")


def test_a_command_that_arrived_before_the_question_went_out_is_honoured(bot: Bot, phone: Phone) -> None:
    phone.texts(*TO_THE_SCREENING)
    at = phone.clock()
    take_turn(bot, MessageReceived(new_sid(), at, phone.number, OURS, "1"))
    take_turn(bot, MessageReceived(new_sid(), at + 0.0001, phone.number, OURS, "STOP"))
    assert phone.session().opted_out


# --- two copies of one session ---------------------------------------------------------------------------------------


def test_two_bots_on_one_database_with_a_stale_session_each(
    bot: Bot, phone: Phone, clock: Clock, redis_url: str
) -> None:
    """As after a failover to a Redis that missed the last turns: whoever is behind starts again from SQL."""
    phone.texts(*TO_THE_SCREENING)
    elsewhere = f"{redis_url}?db=1"
    settings = replace(bot.settings, redis_url=Secret(elsewhere))
    with bot_on(settings.data, elsewhere, clock) as behind:
        other = Phone(behind, clock, phone.number)
        for speaker, words in ((other, "1"), (phone, "1"), (other, "1 4"), (phone, "skip"), (other, "back")):
            speaker.text(words)
            assert phone.question() == phone.question_from_the_log()
    asked = ["a_health", "a_checkup", "a_er", "a_hosp", "a_cond"]
    log = [*((question, "value") for question in asked), ("a_meds", "declined"), ("a_meds", "withdrawn")]
    assert log == answered(bot)


# --- a holder that freezes -------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("seam", ["after_claim", "after_load", "after_decide", "after_record"])
def test_a_holder_frozen_past_its_lease_changes_nothing_when_it_comes_back(
    seam: str, sample: Path, tmp_path: Path, redis_url: str
) -> None:
    with bot_on(tmp_path / "data", redis_url, time.time, sample, lease_seconds=0.5) as bot:
        number = people.phone(0)
        for words in TO_THE_SCREENING:
            answered_turn(bot, number, words)
        frozen_one = MessageReceived(new_sid(), time.time(), number, OURS, "1")
        with frozen_holder(bot, redis_url, frozen_one, seam) as holder:
            time.sleep(0.6)
            reply = take_turn(bot, frozen_one).text
            handed_over(bot, frozen_one.id)
            bot.handovers.flush()
            answered_turn(bot, number, "2")
            holder.send_signal(signal.SIGCONT)
            said, _ = holder.communicate(timeout=30)
        assert 0 == holder.returncode
        assert said.decode().strip() == (reply or "").strip()
        asked = ["a_health", "a_checkup", "a_er", "a_hosp"]
        assert [(question, "value") for question in asked] == answered(bot)
        answered_turn(bot, number, "1 4")
        assert [(question, "value") for question in [*asked, "a_cond"]] == answered(bot)
        assert isinstance(_claim_nothing(bot, number), Lease)


def answered_turn(bot: Bot, number: str, words: str) -> None:
    """A text whose answer goes out with its webhook."""
    message = MessageReceived(new_sid(), time.time(), number, OURS, words)
    take_turn(bot, message)
    handed_over(bot, message.id)
    bot.handovers.flush()


@contextmanager
def frozen_holder(bot: Bot, redis_url: str, message: MessageReceived, seam: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has begun the turn of this message and stands still at the seam."""
    settings = {**quick(redis_url, bot.settings.data), "LEASE_SECONDS": "0.5", "TURN_SECONDS": "0.4"}
    command = [sys.executable, "-m", "tests.faults.frozen", seam, msgspec.json.encode(message).decode()]
    environ = {**os.environ, **settings}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE) as holder:
        try:
            _, status = os.waitpid(holder.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status), "it ended before it reached the seam"
            yield holder
        finally:
            if holder.poll() is None:
                holder.kill()


def _claim_nothing(bot: Bot, number: str) -> object:
    """The sweep's claim: a lease over nothing where nobody holds the conversation and nothing waits."""
    talk = Phone(bot, Clock(), number).conversation
    found = bot.sessions.claim(talk, "", b"", time.time())
    return found if isinstance(found, Lease) and not found.waiting else None


def _wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done() and time.monotonic() < deadline:
        time.sleep(0.1)
