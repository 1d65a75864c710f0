"""What a screening shows: an urgent finding puts the conversation in line for a person, a lesser one is a referral."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.bootstrap import Bot
from bot.conditions import compile_condition
from bot.records import tables as t
from bot.records.database import reading
from bot.records.queue import waiting
from tests.golden import script
from tests.phone import Clock, Phone, rows

SCREENED = script("do_screening/man.en")


def screened(bot: Bot, clock: Clock) -> Phone:
    clock.now = SCREENED.at
    phone = Phone(bot, clock, SCREENED.turns[0].sender, SCREENED.ours)
    for turn in SCREENED.turns:
        phone.wait(turn.wait)
        phone.text(turn.words, **turn.more)
    return phone


def with_tier(bot: Bot, monkeypatch: pytest.MonkeyPatch, tier: str) -> None:
    """One rule only, that every adult meets."""
    content = bot.content.current
    rule = replace(content.rules[0], id="T1", tier=tier, when=compile_condition("slots.person_age >= 18"))
    monkeypatch.setattr(type(bot.content), "current", replace(content, rules=(rule,)))


def test_an_urgent_finding_is_first_in_line_and_staff_are_alerted(
    bot: Bot, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_tier(bot, monkeypatch, "URGENT")
    phone = screened(bot, clock)
    with reading(bot.records) as conn:
        (one,) = waiting(conn)
    assert (one.reason, one.urgent, one.conversation) == ("finding", True, phone.conversation)
    assert phone.session().owner == "queue"
    assert [row.tier for row in rows(bot, t.referrals)] == ["URGENT"]


def test_a_high_finding_is_a_referral_and_the_conversation_goes_on(
    bot: Bot, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_tier(bot, monkeypatch, "HIGH")
    phone = screened(bot, clock)
    assert phone.session().owner == "bot"
    assert [row.tier for row in rows(bot, t.referrals)] == ["HIGH"]
    assert [] == rows(bot, t.handoffs)
