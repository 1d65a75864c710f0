"""What every document of a call has: absolute addresses, patience by profile, no masking of words, hints, keys."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from bot.bootstrap import Bot
from tests.calls.caller import NUMBER, Caller
from tests.phone import OURS, Clock, bot_on
from webhooks.calls.twiml import Dial, Gather, Say, Verb, parse
from webhooks.voice import HERE, VOICES, answer

BASE = "https://care.example.org"
KEYED = ("1", "999900000011#", "04231979", "46204", "3", "1", "1", "2", "0")
RELAYED = (
    "health screening GA",
    "999900000011 GA",
    "yes GA",
    "4/23/1979 GA",
    "yes GA",
    "46204 GA",
    "yes GA",
    "good GA",
)


@pytest.fixture
def bot(tmp_path: Path, redis_url: str, sample: Path, clock: Clock) -> Iterator[Bot]:
    """As it is served: under an address of its own."""
    redis.Redis.from_url(redis_url).flushall()
    with bot_on(tmp_path / "data", redis_url, clock, sample, public_base_url=BASE) as made:
        yield made


def documents(bot: Bot, clock: Clock, *typed: str, relay: bool = False) -> list[str]:
    caller = Caller(bot, clock)
    caller.call(relay=relay)
    caller.does(*typed)
    return [post.document for post in caller.posts]


def gathers(documents: list[str]) -> list[Gather]:
    return [verb for document in documents for verb in parse(document) if isinstance(verb, Gather)]


def said(verbs: tuple[Verb, ...]) -> list[str]:
    return [verb.text for verb in verbs if isinstance(verb, Say)]


def test_every_address_is_absolute_and_carries_only_plain_state(bot: Bot, clock: Clock) -> None:
    found: set[str] = set()
    for document in documents(bot, clock, *KEYED):
        for element in ET.fromstring(document).iter():
            found |= {element.get(name, "") for name in ("action", "url")} - {""}
            found |= {element.text or ""} if element.tag == "Redirect" else set()
    assert {f"{HERE}/turn", f"{HERE}/dial", f"{HERE}/whisper"} == {
        re.sub(r"^https://[^/]+|\?.*", "", one) for one in found
    }
    assert all(re.fullmatch(rf"{BASE}{HERE}/\w+\?\w+=[A-Za-z0-9._-]+", one) for one in found)


def test_a_caller_is_listened_to_by_key_and_word_and_may_interrupt(bot: Bot, clock: Clock) -> None:
    for gather in gathers(documents(bot, clock, *KEYED)):
        assert {"dtmf", "speech"} == gather.input
        assert gather.action_on_empty_result and not gather.profanity_filter
        assert gather.prompts, "what is said may be interrupted"
        assert gather.timeout in (2, 8)


def test_an_operator_hears_us_out_and_is_given_a_minute(bot: Bot, clock: Clock) -> None:
    relayed = documents(bot, clock, *RELAYED, relay=True)[1:]  # the first is before the announcement
    for document in relayed:
        verbs = parse(document)
        [gather] = [verb for verb in verbs if isinstance(verb, Gather)]
        assert () == gather.prompts and 60 == gather.timeout and gather.speech_timeout is not None
        assert gather.speech_timeout >= 5
        assert "Go ahead." == said(verbs)[-1]
        assert all(len(sentence.split()) <= 25 for sentence in said(verbs))


def test_the_options_of_the_open_question_are_hints_and_numbers_need_no_hash(bot: Bot, clock: Clock) -> None:
    listening = gathers(documents(bot, clock, "1", "999900000011#", "04231979", "46204"))
    assert [1, None, 8, 5, 1] == [gather.num_digits for gather in listening]
    assert {"Mail", "Email", "Text"} <= set(listening[-1].hints)


def test_spanish_is_spoken_and_heard_as_spanish(bot: Bot, clock: Clock) -> None:
    document = ET.fromstring(documents(bot, clock, "8")[-1])
    assert {"es-US"} == {element.get("language") for element in document.iter() if element.get("language")}
    assert {VOICES["es"]} == {element.get("voice") for element in document.iter("Say")}


def test_a_person_is_dialled_with_a_whisper_and_no_answer_is_told(bot: Bot, clock: Clock) -> None:
    caller = Caller(bot, clock)
    caller.call()
    caller.does("3", "999900000011#", "04231979", "46204", "", "good", "0")
    [dial] = [verb for verb in parse(caller.posts[-1].document) if isinstance(verb, Dial)]
    assert dial.answer_on_bridge and dial.timeout == 25
    [number] = dial.numbers
    heard = answer(bot, number.url.removeprefix(BASE), {"CallSid": "CA" + "9" * 32, "From": NUMBER, "To": OURS})
    assert "Verified member" in heard and "health screening" in heard.lower() and "At question 2 of" in heard
    assert "Good" not in heard and "Daniel" not in heard
    unknown = answer(bot, f"{HERE}/whisper?of=CA{'8' * 32}", {"CallSid": "CA" + "9" * 32})
    assert "Not verified" in unknown and "Press 1" in unknown
    assert "<Hangup" not in answer(bot, f"{HERE}/accept", {"CallSid": "CA" + "9" * 32, "Digits": "1"})
    assert "<Hangup" in answer(bot, f"{HERE}/accept", {"CallSid": "CA" + "9" * 32})
