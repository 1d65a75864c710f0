"""An answer counts for what was asked: nothing for a question that was not heard, and nothing heard is lost."""

from __future__ import annotations

import pytest

from bot.bootstrap import Bot
from tests.calls.caller import Caller
from tests.phone import Clock
from webhooks.voice import HERE, answer

VERIFIED = ("999900000011#", "04231979", "46204")
REST = "Press 9 to hear the rest"


@pytest.fixture
def caller(bot: Bot, clock: Clock) -> Caller:
    made = Caller(bot, clock)
    made.call()
    return made


@pytest.mark.parametrize("typed", ["1", "2", "yes"])
def test_a_key_does_not_answer_a_question_that_was_not_heard(caller: Caller, typed: str) -> None:
    assert REST in caller.does("3", *VERIFIED)
    assert "your health is" in caller.take(typed), "the rest is said first"
    assert "last checkup" in caller.take("3")


def test_words_that_can_only_mean_one_thing_answer_at_once(caller: Caller) -> None:
    caller.does("3", *VERIFIED)
    assert "last checkup" in caller.take("very good")


@pytest.mark.parametrize(("key", "then"), [("2", "Goodbye"), ("1", "member ID"), ("*", "anything else")])
def test_the_keys_of_anything_else_are_its_own(caller: Caller, key: str, then: str) -> None:
    assert "anything else" in caller.does("1", "goodbye")
    assert then in caller.take(key)


@pytest.mark.parametrize("aside", ["", "*", "repeat", "why", "what"])
def test_what_was_read_back_is_kept_until_it_is_right_or_wrong(caller: Caller, aside: str) -> None:
    assert "I heard 9" in caller.does("1", "nine nine nine nine zero zero zero zero zero zero one one")
    assert "I heard 9" in caller.take(aside)
    assert "birth date" in caller.take("yes")


def test_what_was_heard_wrong_is_asked_again(caller: Caller) -> None:
    caller.does("1", "nine nine nine nine zero zero zero zero zero zero one two")
    assert "member ID" in caller.take("no")


def test_an_address_is_read_back(caller: Caller) -> None:
    assert "I heard 12 Oak Street" in caller.does(
        "1", *VERIFIED, "1", "2", "12 Oak Street, Indianapolis, Indiana 46201"
    )
    assert "Saved" in caller.take("yes")


def test_silence_comes_to_an_end_wherever_it_is_kept(caller: Caller) -> None:
    caller.does("3", *VERIFIED)
    for _ in range(12):
        if caller.over:
            break
        caller.take("")
    assert caller.over


def test_a_hash_after_a_number_that_had_ended_is_no_silence(bot: Bot, caller: Caller) -> None:
    caller.does("1", VERIFIED[0])
    call = caller.posts[0].fields
    fields = {name: call[name] for name in ("CallSid", "From", "To")}
    answer(bot, f"{HERE}/turn?n=3", {**fields, "Digits": "04231979"})
    stray = answer(bot, f"{HERE}/turn?n=4", {**fields, "FinishedOnKey": "#"})
    assert "<Say" not in stray and 'numDigits="5"' in stray
    assert "plan news" in answer(bot, f"{HERE}/turn?n=5", {**fields, "Digits": "46204"})


@pytest.mark.parametrize("words", ["no thank you SK", "that is all SK", "SK"])
def test_who_stops_keying_is_done(bot: Bot, clock: Clock, words: str) -> None:
    caller = Caller(bot, clock)
    caller.call(relay=True)
    assert "anything else" in caller.take(words)
    assert "Goodbye" in caller.take(words)


def test_a_spanish_operator_is_answered_in_spanish(caller: Caller) -> None:
    assert "Adelante." in caller.take("esta es una llamada de relevo, operador 22, adelante")


def test_the_other_language_is_a_key_at_every_question(caller: Caller) -> None:
    assert "ID de miembro" in caller.does("1", "8#")


def test_who_called_through_an_operator_before_is_told_no_keys(bot: Bot, clock: Clock) -> None:
    first = Caller(bot, clock)
    first.call(relay=True)
    first.does("screening GA", "999900000011 GA", "yes GA", "4/23/1979 GA", "yes GA", "46204 GA", "yes GA", "SKSK")
    second = Caller(bot, clock)
    second.call()
    heard = second.does("3", *VERIFIED)
    assert "press" not in heard.lower() and "Go ahead." in heard


@pytest.mark.parametrize("aside", ["#", "one moment please"])
def test_the_rest_is_still_said_after_a_stray_key_or_a_request_to_wait(caller: Caller, aside: str) -> None:
    caller.does("3", *VERIFIED)
    assert "" == caller.take(aside)
    assert "your health is" in caller.take("1"), "the question was not heard yet"


def test_a_hash_sends_what_was_chosen_on_the_pages_before(caller: Caller) -> None:
    caller.does("3", *VERIFIED, "", "1", "1", "1", "1")
    assert "More choices" in caller.take("139#")
    assert "prescription drugs" in caller.take("#")


def test_no_in_two_pieces_still_ends_a_relayed_call(bot: Bot, clock: Clock) -> None:
    caller = Caller(bot, clock)
    caller.call(relay=True)
    assert "anything else" in caller.does("how you reach me GA", "goodbye GA")
    assert "Goodbye" in caller.does("no", "go ahead")


def test_who_starts_texts_again_by_phone_is_told_how(caller: Caller) -> None:
    caller.take("do not text me any more")
    assert "text the word start" in caller.take("start texting me again")
    assert caller.text("hi") is None


def test_guesses_on_a_call_lock_nobody_elses_phone(bot: Bot, caller: Caller) -> None:
    for day in ("01011980", "01021980", "01031980"):
        caller.does("1" if day == "01011980" else "", "999900000012#", day, "46204")
    assert caller.text("hi")
    for words in ("1", "999900000011", "4/23/1979"):
        caller.text(words)
    assert "that all fits" in (caller.text("46204") or "")


def test_a_fault_of_ours_is_spoken_and_the_next_step_works(
    bot: Bot, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("bot.engine.stands_at", fail)
        assert "went wrong" in caller.take("1")
    assert "member ID" in caller.does("", "1")


def test_who_is_on_no_relay_call_leaves_its_pace_for_good(bot: Bot, clock: Clock) -> None:
    first = Caller(bot, clock)
    first.call(relay=True)
    first.does("screening GA", "999900000011 GA", "yes GA", "4/23/1979 GA", "yes GA", "46204 GA", "yes GA")
    heard = first.take("this is not a relay call GA")
    assert "press 1" in heard and "Go ahead" not in heard
    second = Caller(bot, clock)
    second.call()
    assert "Go ahead" not in second.does("3", *VERIFIED)
