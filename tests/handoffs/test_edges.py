"""What staff do where it is easily done wrong: back into the line, after an opt-out, on a call, with a colleague's."""

from __future__ import annotations

from bot import inputs
from bot.bootstrap import Bot
from bot.desk import Refused
from bot.desk_turn import Done, take_act
from bot.outbound import Simulator
from bot.records import tables as t
from bot.records.database import reading
from bot.records.queue import set_aside, waiting
from bot.worker import work_once
from tests.calls.poster import Poster
from tests.handoffs.desk import Agent, last, seen
from tests.phone import Clock, Phone, rows

HALF_AN_HOUR = 1800.0


def test_handed_back_into_the_line_with_a_message_unanswered_the_member_is_not_told_again_and_again(
    phone: Phone,
) -> None:
    phone.texts("hi", "1", "agent")
    ana = Agent(phone)
    ana.claims()
    phone.text("are you there?")
    ana.does(inputs.Transfer, to="queue")
    assert phone.session().waiting_since == 0
    before = len(seen(phone))
    phone.wait(HALF_AN_HOUR)
    for _ in range(4):
        work_once(phone.bot, Simulator())
    told = [line.text for line in seen(phone)[before:]]
    assert not [text for text in told if "You are back in line" in text]
    assert len(told) == 1 and "Everyone at Member Services is busy" in told[0]


def test_who_opted_out_owes_nobody_an_answer(phone: Phone) -> None:
    phone.texts("hi", "1", "agent")
    ana = Agent(phone)
    ana.claims()
    phone.text("STOP")
    phone.wait(HALF_AN_HOUR)
    work_once(phone.bot, Simulator())
    assert phone.session().owner == "agent:ana"
    phone.text("START")
    assert phone.session().waiting_since


def test_what_staff_only_look_at_is_in_the_list_of_who_took_it(phone: Phone) -> None:
    phone.texts("hi", "it feels like I am dying of boredom")
    with phone.bot.records.begin() as conn:
        conn.execute(t.handoffs.delete())
        at, conversation = phone.clock(), phone.conversation
        row = {"conversation": conversation, "reason": "trouble", "urgent": False, "message_id": "m", "state": "open"}
        conn.execute(t.handoffs.insert().values(**row, at=at))
    ana = Agent(phone)
    ana.claims()
    with reading(phone.bot.records) as conn:
        assert [(one.reason, one.claimed_by) for one in waiting(conn)] == [("staff", "agent:ana")]
        assert len(set_aside(conn)) == 1
    ana.gives_back()
    assert {row.state for row in rows(phone.bot, t.handoffs)} == {"closed"}


def a_call(bot: Bot, clock: Clock) -> Poster:
    call = Poster(bot, clock)
    call.begins()
    call.keys("1")
    call.says("I want to talk to a person")
    return call


def acts(bot: Bot, call: Poster, by: str, act: inputs.Act | type[inputs.StaffAct], **what: object) -> Done | Refused:
    assert isinstance(act, type)
    call.clock.now += 1
    made = act(id=f"{by}{call.clock.now}", at=call.clock(), by=by, conversation=call.conversation, **what)  # type: ignore[arg-type]
    return take_act(bot, made)  # type: ignore[arg-type]


def test_of_two_who_would_call_back_one_has_it_and_only_they_close_it(bot: Bot, clock: Clock) -> None:
    call = a_call(bot, clock)
    assert isinstance(acts(bot, call, "agent:ana", inputs.Claim), Done)
    assert acts(bot, call, "agent:luis", inputs.Claim) == Refused("held", "agent:ana")
    assert acts(bot, call, "agent:luis", inputs.CloseCase) == Refused("not_yours", "agent:ana")
    assert isinstance(acts(bot, call, "agent:luis", inputs.Claim, over=True), Done)
    assert acts(bot, call, "agent:ana", inputs.CloseCase) == Refused("not_yours", "agent:luis")
    assert isinstance(acts(bot, call, "agent:luis", inputs.CloseCase), Done)
    assert {row.state for row in rows(bot, t.handoffs)} == {"closed"}


def test_a_call_that_is_handed_on_goes_on_by_itself(bot: Bot, clock: Clock) -> None:
    call = a_call(bot, clock)
    acts(bot, call, "agent:ana", inputs.Claim)
    assert isinstance(acts(bot, call, "agent:ana", inputs.Transfer, to="agent:luis"), Done)
    assert call.session().owner == "bot"
    assert [row.claimed_by for row in rows(bot, t.handoffs, t.handoffs.c.state == "claimed")] == ["agent:luis"]
    assert acts(bot, call, "agent:luis", inputs.GiveBack) == Refused("a_call", "agent:luis")
    assert acts(bot, call, "agent:luis", inputs.Write, text="hello") == Refused("a_call", "agent:luis")


def test_given_back_when_the_verification_has_run_out_the_member_verifies_first(phone: Phone) -> None:
    phone.texts("hi", "3", "999900000013", "7/30/1998", "46208", "agent")
    ana = Agent(phone)
    ana.claims()
    phone.wait(2 * 86_400.0)
    ana.gives_back()
    assert "Welcome back. To keep things private: what is the member's birth date?" in last(phone)
    assert "Keisha" not in last(phone)


def test_a_text_that_only_says_stop_cannot_be_claimed_into_an_answer(phone: Phone) -> None:
    phone.text("STOP")
    ana = Agent(phone)
    before = len(seen(phone))
    assert isinstance(ana.claims(), Done)
    assert ana.writes("hello") == Refused("opted_out", "agent:ana")
    assert ana.does(inputs.StartTask, flow="do_screening") == Refused("opted_out", "agent:ana")
    assert isinstance(ana.gives_back(), Done)
    assert len(seen(phone)) == before


def test_who_takes_over_owes_the_answer_too(phone: Phone) -> None:
    phone.texts("hi", "1", "agent")
    Agent(phone).claims()
    phone.text("are you there?")
    phone.wait(1150.0)
    luis = Agent(phone, "luis", "Luis")
    assert isinstance(luis.claims(over=True), Done)
    before = len(seen(phone))
    phone.wait(1150.0)
    work_once(phone.bot, Simulator())
    assert len(seen(phone)) == before and phone.session().owner == "agent:luis"
    phone.wait(100.0)
    work_once(phone.bot, Simulator())
    assert phone.session().owner == "queue"
