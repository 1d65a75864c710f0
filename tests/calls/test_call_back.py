"""A call back: booked for a time when somebody is there, at a number that can be called, and cancelled at a word."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from bot.bootstrap import Bot
from bot.phones import is_known
from bot.records import tables as t
from bot.repair import call_back
from bot.reserved import COMMANDS
from tests.calls.poster import Poster
from tests.phone import Clock, Phone, count, rows

INDIANA = ZoneInfo("America/Indiana/Indianapolis")
NIGHT = datetime(2027, 2, 2, 22, tzinfo=INDIANA).timestamp()  # a Tuesday
HIDDEN = "anonymous"
ASKS = "Which time suits you"


@pytest.fixture(autouse=True)
def night(clock: Clock) -> None:
    clock.now = NIGHT


def booked(bot: Bot) -> list[tuple[str, str]]:
    """State and time of each call back, where the plan is."""
    return [
        (row.state, f"{datetime.fromtimestamp(row.due_at, INDIANA):%a %H:%M}")
        for row in rows(bot, t.callbacks)
    ]  # fmt: skip


def number_to_call(bot: Bot) -> str:
    [row] = rows(bot, t.callbacks, t.callbacks.c.state == "booked")
    return bot.vault.open(row.phone_sealed, "callbacks.phone").decode()


# --- by text ----------------------------------------------------------------------------------------------------------


def test_while_nobody_is_there_a_person_is_offered_for_later(phone: Phone, bot: Bot) -> None:
    phone.texts("hi", "3")
    asked = phone.text("AGENT")
    assert asked is not None and ASKS in asked and "closed" in asked
    told = phone.text("2")
    assert told is not None and "Wednesday, February 3 at 2 p.m." in told
    assert "member ID" in told, "what was under way goes on"
    assert [("booked", "Wed 14:00")] == booked(bot)
    assert phone.number == number_to_call(bot)
    assert ["open"] == [row.state for row in rows(bot, t.handoffs)], "the hand-off stays"


def test_during_the_day_only_a_wish_to_be_called_is_answered_with_times(phone: Phone, clock: Clock, bot: Bot) -> None:
    clock.now = datetime(2027, 2, 2, 11, tzinfo=INDIANA).timestamp()
    phone.text("hi")
    assert ASKS not in (phone.text("AGENT") or "")
    assert ASKS in (phone.text("please call me back") or "")
    phone.text("1")
    assert [("booked", "Tue 12:30")] == booked(bot)


def test_no_call_books_none(phone: Phone, bot: Bot) -> None:
    phone.texts("hi", "5", "no call")
    assert [] == booked(bot)


def test_the_menu_offers_times_too(phone: Phone, bot: Bot) -> None:
    assert ASKS in (phone.texts("hi", "5") or "")
    phone.text("Wednesday, February 3 at 10 a.m.")
    assert [("booked", "Wed 10:00")] == booked(bot)


def test_another_time_takes_the_place_of_the_first(phone: Phone, bot: Bot) -> None:
    phone.texts("hi", "AGENT", "1", "AGENT", "3")
    assert [("cancelled", "Wed 10:00"), ("booked", "Thu 10:00")] == booked(bot)


def test_a_time_that_has_passed_is_offered_no_more(phone: Phone, bot: Bot) -> None:
    phone.texts("hi", "AGENT")
    phone.wait(13 * 3600)
    told = phone.text("1")
    assert told is not None and "over" in told and ASKS in told
    assert [] == booked(bot)
    phone.text("1")
    assert [("booked", "Wed 12:30")] == booked(bot)


@pytest.mark.parametrize("words", ["cancel my call back", "don't call me back", "cancele la llamada"])
def test_it_is_cancelled_at_a_word(phone: Phone, bot: Bot, words: str) -> None:
    phone.texts("hi", "AGENT", "1", words)
    assert [("cancelled", "Wed 10:00")] == booked(bot)
    assert not phone.session().opted_out


def test_asked_for_a_time_one_may_say_not_to_call(phone: Phone, bot: Bot) -> None:
    phone.texts("hi", "3")
    asked = phone.session().asked
    phone.texts("AGENT", "don't call me back")
    assert asked == phone.session().asked
    assert [] == booked(bot)


def test_a_wrong_number_is_not_called(phone: Phone, bot: Bot) -> None:
    phone.texts("hi", "AGENT", "1", "wrong number")
    assert [("cancelled", "Wed 10:00")] == booked(bot)


def test_only_the_calls_to_this_phone_are_cancelled(phone: Phone, clock: Clock, bot: Bot) -> None:
    phone.texts("hi", "AGENT", "1")
    Phone(bot, clock, "+13175550177").texts("hi", "cancel my call back")
    assert [("booked", "Wed 10:00")] == booked(bot)


# --- on a call --------------------------------------------------------------------------------------------------------


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a person on a call is offered times, as where nobody can be reached."""
    monkeypatch.setitem(cast("dict[str, Any]", COMMANDS), "person", call_back)


def asks_to_be_called(caller: Poster) -> None:
    caller.begins()
    caller.says("health screening")
    caller.says("agent")
    assert caller.session().asked.endswith(":ask_slot")
    caller.keys("1")


@pytest.mark.usefixtures("offered")
def test_a_caller_is_called_at_the_number_they_call_from(bot: Bot, clock: Clock) -> None:
    caller = Poster(bot, clock)
    asks_to_be_called(caller)
    assert [("booked", "Wed 10:00")] == booked(bot)
    assert caller.number == number_to_call(bot)
    assert ["voice"] == [row.how for row in rows(bot, t.callbacks)]


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize("hidden", [HIDDEN, "+266696687"])
def test_who_hides_the_number_is_asked_for_one(bot: Bot, clock: Clock, hidden: str) -> None:
    caller = Poster(bot, clock, hidden)
    asks_to_be_called(caller)
    assert caller.session().asked.endswith(":ask_phone")
    caller.says("317 555 0142")
    caller.says("yes, that is right")
    assert "+13175550142" == number_to_call(bot)


@pytest.mark.usefixtures("offered")
def test_the_next_call_can_cancel_it(bot: Bot, clock: Clock) -> None:
    first = Poster(bot, clock)
    asks_to_be_called(first)
    second = Poster(bot, clock)
    second.begins()
    second.says("cancel my call back")
    assert [("cancelled", "Wed 10:00")] == booked(bot)


def test_two_hidden_callers_are_two(bot: Bot, clock: Clock) -> None:
    one, other = Poster(bot, clock, "+266696687"), Poster(bot, clock, "+266696687")
    one.begins()
    other.begins()
    assert one.session().phone_index != other.session().phone_index


@pytest.mark.parametrize(
    ("number", "known"),
    [("+13175550110", True), ("+525555550110", True), ("anonymous", False), ("+266696687", False),
     ("+7378742833", False), ("", False), ("12345", False)],
)  # fmt: skip
def test_a_number_that_can_be_called(number: str, known: bool) -> None:
    assert known == is_known(number)


# --- from the call to texts -------------------------------------------------------------------------------------------


def texts_sent(bot: Bot) -> list[str]:
    return [bot.vault.open(row.body_sealed, "outbox.body").decode() for row in rows(bot, t.outbox)]


def test_a_caller_gets_one_text_however_often_it_is_asked_for(bot: Bot, clock: Clock) -> None:
    caller = Poster(bot, clock)
    caller.begins()
    for words in ("text me that", "text me instead"):
        told = caller.says(words)
        assert told is not None and "We sent you a text" in told
    [text] = texts_sent(bot)
    assert "go on here by text" in text and "STOP" in text
    assert caller.session().asked, "the question is asked again"


def test_in_the_language_of_the_call(bot: Bot, clock: Clock) -> None:
    caller = Poster(bot, clock)
    caller.begins()
    caller.says("español")
    caller.says("mándemelo por texto")
    assert "siga por texto" in texts_sent(bot)[0]


def test_no_text_goes_to_a_hidden_number_or_after_stop(phone: Phone, bot: Bot, clock: Clock) -> None:
    phone.texts("hi", "STOP")
    for number, says in ((HIDDEN, "do not see the number"), (phone.number, "You asked us not to text")):
        caller = Poster(bot, clock, number)
        caller.begins()
        told = caller.says("text me that")
        assert told is not None and says in told
    assert [] == texts_sent(bot)


def test_by_text_the_question_is_just_asked_again(phone: Phone, bot: Bot) -> None:
    phone.texts("hi", "3")
    asked = phone.session().asked
    phone.text("text me that")
    assert asked == phone.session().asked
    assert 0 == count(bot, t.outbox)


@pytest.mark.parametrize("words", ["text", "text me", "by text please"])
def test_to_how_we_reach_you_it_is_the_answer(bot: Bot, clock: Clock, words: str) -> None:
    caller = Poster(bot, clock)
    caller.begins()
    caller.says("how you reach me")
    caller.says("choose how we reach you")
    caller.keys("999900000011", "4/23/1979", "46204")
    assert caller.session().asked.endswith(":ask_channel")
    caller.says(words)
    assert caller.session().asked.endswith(":ask_text_here")
    assert [] == texts_sent(bot)
