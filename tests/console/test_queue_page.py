"""The queue: who waits, for how long, with whom; and what nobody waits for."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from bot import inputs
from bot.bootstrap import Bot
from bot.records import tables as t
from tests.console.browser import Browser
from tests.console.conftest import SignedIn
from tests.console.desk import AS_PART, Desk, account, words
from tests.handoffs.desk import Agent
from tests.phone import Clock, Phone, count

QUEUE = "/console/queue"


def another(phone: Phone, last: int) -> Phone:
    return Phone(phone.bot, phone.clock, number=f"+131755502{last:02}")


def part(browser: Browser, heading: str, query: str = "") -> str:
    """The words of one section."""
    shown = browser.get(f"{QUEUE}{query}").text
    section = next(one for one in shown.split("<section")[1:] if f">{heading} <" in one)
    return " ".join(re.sub(r"<[^>]*>", " ", section.partition(">")[2].partition("</section>")[0]).split())


def conversations(browser: Browser, heading: str, query: str = "") -> list[str]:
    shown = browser.get(f"{QUEUE}{query}").text
    section = next(one for one in shown.split("<section")[1:] if f">{heading} <" in one)
    return re.findall(r"/console/c/(\w+)", section.partition("</section>")[0])


@pytest.fixture
def three(phone: Phone) -> tuple[Phone, Phone, Phone]:
    """One asked; then one in Spanish; then one whose words are a danger."""
    second, third = another(phone, 1), another(phone, 2)
    phone.texts("hi", "agent")
    second.texts("hola", "quiero hablar con una persona")
    third.texts("hi", "my chest hurts and I can't breathe")
    return phone, second, third


def test_urgent_first_then_the_oldest(three: tuple[Phone, Phone, Phone], signed_in: SignedIn) -> None:
    first, second, third = three
    browser = signed_in("agent")
    listed = conversations(browser, "Waiting")
    assert listed == [third.conversation, first.conversation, second.conversation]
    assert part(browser, "Waiting").startswith("Waiting 3 Urgent Danger: medical English · Text")


def test_by_reason_and_language_with_counts_of_all(three: tuple[Phone, Phone, Phone], signed_in: SignedIn) -> None:
    first, second, third = three
    browser = signed_in("agent")
    assert conversations(browser, "Waiting", "?reason=crisis_medical") == [third.conversation]
    assert conversations(browser, "Waiting", "?language=es") == [second.conversation]
    assert conversations(browser, "Waiting", "?reason=asked&language=en") == [first.conversation]
    assert conversations(browser, "Waiting", "?reason=no_such") == []
    whole = words(browser.get(f"{QUEUE}?language=es"))
    assert "Asked for a person (2)" in whole and "English (2)" in whole and "Spanish (1)" in whole


def test_how_long_is_left_then_how_late(phone: Phone, signed_in: SignedIn) -> None:
    phone.texts("hi", "agent")
    browser = signed_in("agent")
    assert "9 min left" in part(browser, "Waiting")
    phone.wait(13 * 60)
    assert "waits 13 min · 3 min late" in part(browser, "Waiting")
    assert 'class=" late"' in browser.get(QUEUE).text


def test_out_of_hours_the_clock_stands_still(phone: Phone, clock: Clock, signed_in: SignedIn) -> None:
    clock.now = datetime(2027, 2, 3, 2, 0, tzinfo=UTC).timestamp()  # nine in the evening
    phone.texts("hi", "agent")
    phone.wait(1800)
    browser = signed_in("agent")
    assert "waits 30 min · closed now" in part(browser, "Waiting")
    clock.now = datetime(2027, 2, 3, 13, 5, tzinfo=UTC).timestamp()  # five past eight
    assert "4 min left" in part(signed_in("agent"), "Waiting")


def test_mine_and_with_colleagues(phone: Phone, ana: Desk, mia: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    phone.text("are you there?")
    phone.wait(240)
    assert conversations(ana.browser, "Mine") == [phone.conversation]
    assert "the member has waited 4 min for an answer" in part(ana.browser, "Mine")
    assert conversations(ana.browser, "Waiting") == conversations(ana.browser, "With colleagues") == []
    assert "with Agent" in part(mia.browser, "With colleagues")
    assert conversations(mia.browser, "Mine") == []


def test_what_only_sounded_like_danger_is_to_be_looked_at(phone: Phone, signed_in: SignedIn) -> None:
    phone.text("hi")
    with phone.bot.records.begin() as conn:
        row = {"reason": "perhaps_self_harm", "urgent": False, "message_id": "m", "state": "open", "how": "sms"}
        conn.execute(t.handoffs.insert().values(**row, conversation=phone.conversation, at=phone.clock()))
    browser = signed_in("agent")
    assert "Sounded like danger (self harm)" in part(browser, "To look at")
    assert conversations(browser, "Waiting") == []


def test_a_conversation_of_a_plan_that_is_gone_is_still_listed(phone: Phone, signed_in: SignedIn) -> None:
    phone.texts("hi", "agent")
    with phone.bot.records.begin() as conn:
        conn.execute(t.handoffs.update().values(plan="elsewhere"))
    assert "· elsewhere ·" in part(signed_in("agent"), "Waiting")


def test_htmx_gets_the_lists_alone_with_the_same_filter(three: tuple[Phone, Phone, Phone], ana: Desk) -> None:
    listed = ana.browser.get(f"{QUEUE}?language=es", **AS_PART).text
    assert listed.lstrip().startswith('<div id="queue"') and "<html" not in listed
    assert three[1].conversation in listed and three[0].conversation not in listed
    assert "reason=&amp;language=es" in listed


def test_it_shows_nothing_of_a_member_and_is_not_in_the_audit(phone: Phone, bot: Bot, signed_in: SignedIn) -> None:
    phone.texts("hi", "3", "999900000013", "7/30/1998", "46208", "agent")
    browser = signed_in("agent")
    before = count(bot, t.audit)
    shown = browser.get(QUEUE).text + browser.get(QUEUE, **AS_PART).text
    for secret in ("Keisha", "Grant", "000013", "1998", "46208", phone.number[-10:], phone.number[-4:]):
        assert secret not in shown
    assert before == count(bot, t.audit)


def test_taken_from_an_agent_who_has_gone_it_says_so(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    Agent(phone, "0" * 32, "Gone").does(inputs.Claim)
    assert "with somebody else" in part(ana.browser, "With colleagues")
    assert account(phone, "agent") not in part(ana.browser, "With colleagues")
