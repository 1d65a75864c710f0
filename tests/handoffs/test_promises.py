"""What a member in line is told when nobody comes, and who answers for an agent who does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot import inputs
from bot.bootstrap import Bot
from bot.outbound import Simulator
from bot.records import tables as t
from bot.worker import work_once
from tests.handoffs.desk import Agent, seen
from tests.phone import Clock, Phone, count, rows

TEN_MINUTES = 600


@pytest.fixture
def phone(bot: Bot, clock: Clock) -> Phone:
    return Phone(bot, clock)


def work(phone: Phone, after: float = 0.0) -> None:
    phone.wait(after)
    for _ in range(2):  # what one round posts the next may send
        work_once(phone.bot, Simulator())


def said_after(phone: Phone, seconds: float) -> list[str]:
    before = len(seen(phone))
    work(phone, seconds)
    return [line.text for line in seen(phone)[before:]]


def test_nobody_comes_in_time_the_member_is_told_once_and_offered_a_call(phone: Phone) -> None:
    phone.texts("hi", "1", "agent")
    assert [] == said_after(phone, TEN_MINUTES - 10)
    (told,) = said_after(phone, 20)
    assert told.startswith("We are sorry. Everyone at Member Services is busy now.")
    assert "\n1 " in told and "\n5 No call" in told
    assert [] == said_after(phone, TEN_MINUTES)
    assert "a person will call you" in str(phone.text("1"))
    assert count(phone.bot, t.callbacks, t.callbacks.c.state == "booked") == 1
    assert phone.session().owner == "queue"
    assert "What is the member ID" in str(phone.said[-1][1])


def test_a_claim_in_time_keeps_the_promise(phone: Phone) -> None:
    phone.texts("hi", "agent")
    Agent(phone).claims()
    assert [] == said_after(phone, TEN_MINUTES + 60)


def test_closing_time_comes_first(phone: Phone, clock: Clock) -> None:
    clock.now = datetime(2027, 2, 3, 0, 55, tzinfo=UTC).timestamp()  # five minutes before eight in the evening
    phone.texts("hi", "agent")
    (told,) = said_after(phone, 400)
    assert told.startswith("We are sorry. Member Services closed before your turn.")


def test_out_of_hours_a_call_is_offered_at_once_and_who_chose_one_hears_no_more(phone: Phone, clock: Clock) -> None:
    clock.now = datetime(2027, 2, 3, 2, 0, tzinfo=UTC).timestamp()  # nine in the evening
    assert "closed now" in str(phone.texts("hi", "agent"))
    phone.text("1")
    assert [] == said_after(phone, 14 * 3600)
    (row,) = rows(phone.bot, t.handoffs)
    assert datetime.fromtimestamp(row.due_at, UTC) == datetime(2027, 2, 3, 13, 10, tzinfo=UTC)  # ten past eight


def test_an_agent_who_does_not_answer_is_taken_off_and_the_member_goes_on(phone: Phone) -> None:
    phone.texts("hi", "1", "agent")
    Agent(phone).claims()
    phone.text("I cannot find my card")
    assert [] == said_after(phone, 2 * TEN_MINUTES - 10)
    (told,) = said_after(phone, 20)
    assert "You are back in line" in told
    assert phone.session().owner == "queue"
    assert "What is the member ID" in str(phone.text("100000000101"))  # asked anew before anything answers it


def test_an_agent_who_answered_keeps_the_conversation(phone: Phone) -> None:
    phone.texts("hi", "agent")
    ana = Agent(phone)
    ana.claims()
    phone.text("hello?")
    ana.writes("One moment, please.")
    assert [] == said_after(phone, 10 * TEN_MINUTES)
    assert phone.session().owner == "agent:ana"


def test_an_urgent_hand_off_comes_first_then_the_oldest(phone: Phone, bot: Bot, clock: Clock) -> None:
    from bot.records.database import reading
    from bot.records.queue import waiting

    others = [Phone(bot, clock, number) for number in ("+13175550151", "+13175550152", "+13175550153")]
    for other in others:
        other.texts("hi", "agent")
    others[2].text("I want to kill myself")
    with reading(bot.records) as conn:
        listed = [one.conversation for one in waiting(conn)]
    assert listed == [others[2].conversation, others[0].conversation, others[1].conversation]


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["hi", "1", "agent"], "asked"),
        (["hi", "1", "purple", "blorp", "the moon"], "misses"),
    ],
)
def test_why_a_person_is_wanted(phone: Phone, texts: list[str], reason: str) -> None:
    phone.texts(*texts)
    assert [row.reason for row in rows(phone.bot, t.handoffs)] == [reason]
    assert phone.session().owner == "queue"


def test_a_plan_whose_staff_answer_no_texts_names_the_phone_as_before(phone: Phone, monkeypatch) -> None:
    from dataclasses import replace

    content = phone.bot.content.current
    quiet = replace(content, plans={key: replace(plan, claim_minutes=0) for key, plan in content.plans.items()})
    monkeypatch.setattr(type(phone.bot.content), "current", quiet)
    assert "call Member Services: 1-844-607-2829" in str(phone.texts("hi", "agent"))
    assert phone.session().owner == "bot"


def test_an_answer_filled_in_for_the_member_is_recorded_as_such_and_nothing_is_sent(phone: Phone) -> None:
    from tests.golden import script

    golden = script("set_preference/mail.en")
    phone.number = golden.turns[0].sender
    for turn in golden.turns:
        phone.text(turn.words)
        if phone.session().verified_until and phone.question().endswith("ask_channel"):
            break
    phone.text("agent")
    ana = Agent(phone)
    ana.claims()
    lines, asked = len(seen(phone)), phone.question()
    done = ana.does(inputs.FillAnswer, question=asked, text="mail")
    assert not hasattr(done, "why"), done
    assert len(seen(phone)) == lines
    assert phone.question() != asked
    marks = [row for row in rows(phone.bot, t.answers) if row.how == "agent" and row.status == "value"]
    assert [(row.said_by, row.question) for row in marks] == [("agent:ana", "ask_channel")]
