"""Whatever is posted: a document that Twilio can perform, never an error, and nothing counted twice."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.bootstrap import Bot
from bot.records import tables as t
from tests.calls.caller import HIDDEN, NUMBER, Caller
from tests.phone import OURS, Clock, count
from webhooks.calls.twiml import Gather, Say, parse
from webhooks.voice import HERE, Malformed, answer

SID = "CA" + "0" * 31 + "1"
VERIFIED = ("1", "999900000011#", "04231979", "46204")


def form(**fields: str) -> dict[str, str]:
    return {"CallSid": SID, "From": NUMBER, "To": OURS, **fields}


def turn(bot: Bot, number: int, **fields: str) -> str:
    return answer(bot, f"{HERE}/turn?n={number}", form(**fields))


def begin(bot: Bot) -> str:
    return answer(bot, HERE, form())


def test_a_post_delivered_a_hundred_times_advances_once_and_gets_the_same_document(bot: Bot) -> None:
    begin(bot)
    documents = {turn(bot, 1, Digits="1") for _ in range(100)}
    assert 1 == len(documents)
    assert 2 == count(bot, t.inbound)
    assert "birth date" in turn(bot, 2, Digits="999900000011")


def test_an_early_post_comes_back_late_and_changes_nothing(bot: Bot) -> None:
    begin(bot)
    first = turn(bot, 1, Digits="1")
    turn(bot, 2, Digits="999900000011")
    assert first == turn(bot, 1, Digits="3"), "the same step gets the same document, whatever it says now"
    assert "ZIP" in turn(bot, 3, Digits="04231979")


def test_a_step_that_skips_others_only_asks_again(bot: Bot) -> None:
    begin(bot)
    turn(bot, 1, Digits="1")
    assert "birth date" not in turn(bot, 40, Digits="999900000011")
    assert "birth date" in turn(bot, 41, Digits="999900000011"), "and the call goes on from there"


def test_a_step_of_a_call_that_never_began_begins_it(bot: Bot) -> None:
    assert "CareStart" in turn(bot, 7, SpeechResult="hello")


@pytest.mark.parametrize("number", [HIDDEN, "", "unknown", "Restricted", "+266696687", "sip:someone@example.org"])
def test_a_call_with_no_number_or_an_odd_one_does_all_that_others_do(bot: Bot, clock: Clock, number: str) -> None:
    caller = Caller(bot, clock, number)
    caller.call()
    assert "plan news" in caller.does(*VERIFIED)
    assert "Saved" in caller.does("1", "1")


def test_callers_who_hide_their_number_are_not_one_person(bot: Bot, clock: Clock) -> None:
    for _ in range(2):
        caller = Caller(bot, clock, HIDDEN)
        caller.call()
        caller.does(*VERIFIED)
    assert 2 == count(bot, t.conversations)
    assert 0 == count(bot, t.phone_links)


def test_a_callers_number_never_shortens_the_check_of_who_they_are(bot: Bot, clock: Clock) -> None:
    caller = Caller(bot, clock)
    caller.text("hi")
    for words in ("1", "999900000011", "4/23/1979", "46204"):
        caller.text(words)
    assert 1 == count(bot, t.phone_links), "by text this phone is known from now on"
    caller.call()
    assert "member ID" in caller.take("1")
    assert "plan news" in caller.does(*VERIFIED[1:])
    assert 1 == count(bot, t.phone_links)


@pytest.mark.parametrize("query", ["", "n=", "n=-1", "n=1.5", "n=99999999999", "n=1%00", "n=a", "m=1"])
def test_a_step_that_none_of_our_documents_leads_to_is_refused(bot: Bot, query: str) -> None:
    with pytest.raises(Malformed):
        answer(bot, f"{HERE}/turn?{query}", form())


@pytest.mark.parametrize("sid", ["", "CA", "SM" + "0" * 32, "CA" + "g" * 32])
def test_a_call_without_a_sid_is_refused(bot: Bot, sid: str) -> None:
    with pytest.raises(Malformed):
        answer(bot, HERE, form(CallSid=sid))


anything = st.one_of(
    st.fixed_dictionaries({"SpeechResult": st.text(max_size=300)}),
    st.fixed_dictionaries({"Digits": st.text(max_size=40)}),
    st.fixed_dictionaries({"Digits": st.text("0123456789*#", max_size=20)}),
    st.fixed_dictionaries({"SpeechResult": st.sampled_from(["GA", "SK", "go ahead", "yes", "relay operator 1234"])}),
    st.just({}),
)


@given(st.lists(anything, max_size=12), st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_whatever_is_said_or_keyed_the_next_document_can_be_performed(
    bot: Bot, steps: list[dict[str, str]], chance: random.Random
) -> None:
    call = f"CA{chance.getrandbits(128):032x}"
    document = answer(bot, HERE, form(CallSid=call))
    for number, fields in enumerate(steps, 1):
        step = chance.choice(["turn", "turn", "turn", "dial"])
        document = answer(bot, f"{HERE}/{step}?n={number}", form(CallSid=call, **fields))
        verbs = parse(document)
        said = [verb for verb in verbs if isinstance(verb, Say)]
        said += [prompt for verb in verbs if isinstance(verb, Gather) for prompt in verb.prompts]
        assert verbs, "a call never ends by running out"
        assert not any("went wrong" in prompt.text for prompt in said), "deciding failed"


def test_speech_that_never_matches_is_offered_a_person_and_goes_on(bot: Bot, clock: Clock) -> None:
    caller = Caller(bot, clock)
    caller.call()
    said = [caller.take("purple monkey umbrella") for _ in range(6)]
    assert any("person" in one for one in said)
    assert not caller.over
    assert "member ID" in caller.take("1")
