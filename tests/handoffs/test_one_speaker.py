"""Who may speak: asked for a person, claimed, silent, written to, given back at the open question."""

from __future__ import annotations

import pytest

from bot import inputs
from bot.bootstrap import Bot
from bot.desk import Refused
from bot.desk_turn import Done, NoSuchConversation, take_act
from bot.records import tables as t
from bot.records.database import reading
from bot.records.queue import waiting
from bot.turn import take_turn
from tests.handoffs.desk import Agent, all_lines, last, seen
from tests.phone import Clock, Phone, count, rows


@pytest.fixture
def phone(bot: Bot, clock: Clock) -> Phone:
    return Phone(bot, clock)


def owners(phone: Phone) -> list[tuple[str, str, str]]:
    changes = rows(phone.bot, t.ownership, t.ownership.c.conversation == phone.conversation)
    return [(change.after, change.by, change.why) for change in changes]


def test_asked_for_a_person_the_conversation_waits_for_one_and_the_bot_keeps_company(phone: Phone) -> None:
    phone.texts("hi", "1")
    assert "A person at Member Services will text you here" in str(phone.text("agent"))
    assert phone.session().owner == "queue"
    assert "You are still in line" in str(phone.text("I want a person"))
    assert "birth" in str(phone.text("100000000101"))
    assert count(phone.bot, t.handoffs) == 1
    assert owners(phone) == [("queue", "bot", "asked")]


def test_a_claim_silences_the_bot_until_the_conversation_is_given_back_at_the_open_question(phone: Phone) -> None:
    phone.texts("hi", "1", "agent")
    asked = phone.question()
    assert isinstance(Agent(phone).claims(), Done)
    assert "this is Ana at Member Services" in last(phone)
    assert phone.text("I have lost my card") is None
    assert phone.text("menu") is None
    assert isinstance(Agent(phone).writes("I can help with that. What is on your letter?"), Done)
    assert seen(phone)[-1].text == "I can help with that. What is on your letter?"
    assert seen(phone)[-1].who == "agent"
    assert isinstance(Agent(phone).gives_back(), Done)
    assert last(phone).startswith("Member Services has passed you back to CareStart.")
    assert last(phone).endswith("What is the member ID? It is on the CareSource ID card.\n1 I don't have it")
    assert phone.question() == asked
    assert "birth" in str(phone.text("100000000101")).lower()
    assert owners(phone) == [
        ("queue", "bot", "asked"),
        ("agent:ana", "agent:ana", "claimed"),
        ("bot", "agent:ana", "returned"),
    ]
    assert [row.state for row in rows(phone.bot, t.handoffs)] == ["closed"]


def test_of_two_agents_one_has_it_and_the_other_is_told_who(phone: Phone) -> None:
    phone.texts("hi", "agent")
    Agent(phone).claims()
    luis = Agent(phone, "luis", "Luis")
    assert luis.claims() == Refused("held", "agent:ana")
    assert luis.writes("hello") == Refused("not_yours", "agent:ana")
    assert luis.gives_back() == Refused("not_yours", "agent:ana")
    assert isinstance(luis.claims(over=True), Done)
    assert Agent(phone).writes("hello") == Refused("not_yours", "agent:luis")


def test_a_button_pressed_twice_writes_once(phone: Phone) -> None:
    phone.texts("hi", "agent")
    ana = Agent(phone)
    ana.claims(id="claim-1")
    ana.claims(id="claim-1")
    ana.writes("One moment, please.", id="form-1")
    ana.writes("One moment, please.", id="form-1")
    assert [line.text for line in seen(phone)].count("One moment, please.") == 1


def test_danger_is_answered_though_an_agent_has_the_conversation(phone: Phone) -> None:
    phone.texts("hi", "agent")
    Agent(phone).claims()
    assert "911" in str(phone.text("my chest hurts and I can't breathe"))
    assert phone.session().owner == "agent:ana"
    with reading(phone.bot.records) as conn:
        assert [(one.urgent, one.state) for one in waiting(conn)] == [(True, "claimed")]


def test_after_stop_an_agent_cannot_write(phone: Phone) -> None:
    phone.texts("hi", "agent")
    ana = Agent(phone)
    ana.claims()
    phone.text("STOP")
    assert ana.writes("Are you there?") == Refused("opted_out", "agent:ana")


def test_an_agents_text_goes_out_though_the_conversation_was_given_back_at_once(phone: Phone) -> None:
    phone.texts("hi", "agent")
    ana = Agent(phone)
    ana.claims()
    ana.writes("Bye for now, the line will go on with you.")
    ana.gives_back()
    assert [line.state for line in all_lines(phone) if line.who == "agent"] == ["sent"]


def test_an_answer_sent_before_the_question_came_back_does_not_answer_it(phone: Phone) -> None:
    phone.texts("hi", "agent")
    ana = Agent(phone)
    ana.claims()
    ana.writes("Do you have 1 child or 2?")
    at = phone.clock()
    ana.gives_back()
    late = inputs.MessageReceived("SM" + "e" * 32, at, phone.number, phone.ours, "2")
    reply = take_turn(phone.bot, late).text
    assert phone.session().asked == phone.question()
    assert "What would you like to do?" in str(reply)


def test_closed_it_is_nobodys_until_the_member_writes(phone: Phone) -> None:
    phone.texts("hi", "1", "agent")
    ana = Agent(phone)
    ana.claims()
    assert isinstance(ana.does(inputs.CloseCase), Done)
    assert phone.session().owner == "nobody"
    assert "That is all from Member Services" in last(phone)
    assert "What is the member ID" in str(phone.text("100000000101"))  # asked anew: it was no answer
    assert phone.session().owner == "bot"
    assert owners(phone)[-2:] == [("nobody", "agent:ana", "closed"), ("bot", "bot", "wrote")]


def test_transferred_to_a_colleague_or_back_into_the_queue(phone: Phone) -> None:
    phone.texts("hi", "agent")
    ana = Agent(phone)
    ana.claims()
    phone.text("are you there?")
    waits = phone.session().waiting_since
    ana.does(inputs.Transfer, to="agent:luis")
    assert (phone.session().owner, phone.session().waiting_since) == ("agent:luis", waits)
    Agent(phone, "luis", "Luis").does(inputs.Transfer, to="queue")
    assert phone.session().owner == "queue"
    assert [row.state for row in rows(phone.bot, t.handoffs)] == ["open"]


def test_an_act_on_no_conversation_is_refused(bot: Bot) -> None:
    with pytest.raises(NoSuchConversation):
        take_act(bot, inputs.Claim("a", 0.0, "agent:ana", "f" * 32))


def test_a_reply_never_handed_over_is_withheld_from_whom_an_agent_took(phone: Phone) -> None:
    phone.texts("hi", "1", "agent")
    message = inputs.MessageReceived("SM" + "a" * 32, phone.clock(), phone.number, phone.ours, "help")
    assert take_turn(phone.bot, message).text  # and the process dies before it is handed over
    phone.wait(5)
    Agent(phone).claims()
    assert take_turn(phone.bot, message).text is None  # Twilio brings it again
    assert [line.state for line in all_lines(phone) if "AGENT for a person" in line.text] == ["dropped"]
