"""Call-backs and referrals, marked by one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.bootstrap import Bot
from bot.records import tables as t
from tests.console.browser import Browser
from tests.console.conftest import SignedIn
from tests.console.desk import account, audited, words
from tests.phone import Clock, Phone, rows

NIGHT = datetime(2027, 2, 2, 22, tzinfo=ZoneInfo("America/Indiana/Indianapolis")).timestamp()
DUE = NIGHT + 12 * 3600  # Wednesday at ten
CALLS, REFERRALS = "/console/call-backs", "/console/referrals"


@pytest.fixture
def booked(phone: Phone, clock: Clock) -> int:
    """The id of a call-back for Wednesday at ten."""
    clock.now = NIGHT
    phone.texts("hi", "agent", "1")
    (row,) = rows(phone.bot, t.callbacks)
    assert row.due_at == DUE
    return int(row.id)


@pytest.fixture
def referred(bot: Bot) -> int:
    member = rows(bot, t.members)[0].id
    row = {"screening": "run1", "member": member, "tier": "HIGH", "rules": '["R-1"]', "state": "open"}
    with bot.records.begin() as conn:
        made = conn.execute(t.referrals.insert().values(**row, at=bot.clock())).inserted_primary_key
    assert made is not None
    return int(made[0])


def marks(browser: Browser, callback: int, outcome: str, tries: int = 0) -> str:
    return browser.post(f"{CALLS}/{callback}", outcome=outcome, tries=str(tries)).location.removeprefix(f"{CALLS}?")


def test_the_calendar_shows_when_late_and_masked(phone: Phone, booked: int, clock: Clock, signed_in: SignedIn) -> None:
    browser = signed_in("agent")
    shown = words(browser.get(CALLS))
    assert "Wednesday, February 3 10:00 AM · English · phone" in shown and "(•••) •••-••99" in shown
    assert phone.number[-10:] not in shown and "late" not in shown
    clock.now = DUE + 20 * 60
    assert "10:00 AM 20 min late" in words(signed_in("agent").get(CALLS))


def test_a_call_that_nobody_made_stays_listed(booked: int, clock: Clock, signed_in: SignedIn) -> None:
    clock.now = DUE + 20 * 86_400
    assert "20 days late" in words(signed_in("agent").get(CALLS))


def test_of_two_who_mark_it_one_counts(phone: Phone, booked: int, signed_in: SignedIn) -> None:
    one, other = signed_in("agent"), signed_in("lead")
    assert marks(one, booked, "reached") == "said=done"
    assert marks(other, booked, "no_answer") == "said=already"
    (row,) = rows(phone.bot, t.callbacks)
    assert (row.state, row.outcome, row.done_by) == ("called", "reached", account(phone, "agent"))
    assert audited(phone, "callback") == [
        (account(phone, "agent"), "callback", str(booked), "reached"),
        (account(phone, "lead"), "callback", str(booked), "refused: done already"),
    ]
    assert "A colleague has done that already." in words(other.get(f"{CALLS}?said=already"))
    assert "called by Agent" in words(other.get(CALLS))


def test_unanswered_twice_it_is_missed(phone: Phone, booked: int, signed_in: SignedIn) -> None:
    browser = signed_in("agent")
    marks(browser, booked, "no_answer")
    assert marks(browser, booked, "no_answer") == "said=already"  # the same form again
    assert "tried 1 time" in words(browser.get(CALLS))
    marks(browser, booked, "no_answer", tries=1)
    assert rows(phone.bot, t.callbacks)[0].state == "missed"


def test_forms_that_are_none_of_ours(phone: Phone, booked: int, referred: int, signed_in: SignedIn) -> None:
    browser = signed_in("agent")
    before = audited(phone)
    assert browser.post(f"{CALLS}/{booked}", outcome="<b>", tries="0").status_code == 400
    assert browser.post(f"{CALLS}/{booked}", outcome="reached", tries="x").status_code == 400
    assert browser.post(f"{CALLS}/{booked}", outcome="reached", tries=str(10**12)).status_code == 400
    assert browser.post(f"{CALLS}/{booked + 1}", outcome="reached", tries="0").status_code == 404
    assert browser.post(f"{REFERRALS}/{referred}", outcome="<b>").status_code == 400
    assert browser.post(f"{REFERRALS}/{referred + 1}").status_code == 404
    assert browser.post(f"{CALLS}/{10**30}", outcome="reached", tries="0").status_code == 404
    assert browser.post(f"{REFERRALS}/{10**30}").status_code == 404
    assert before == audited(phone)


def test_a_referral_is_taken_by_one_and_ended_by_them(phone: Phone, referred: int, signed_in: SignedIn) -> None:
    one, other, path = signed_in("agent"), signed_in("lead"), f"{REFERRALS}/{referred}"
    assert "HIGH waits under a minute" in words(one.get(REFERRALS))
    assert one.post(path).location == f"{REFERRALS}?said=done"
    assert other.post(path).location == f"{REFERRALS}?said=already"
    assert "with Agent" in words(other.get(REFERRALS)) and "Not reached" not in words(other.get(REFERRALS))
    assert other.post(path, outcome="helped").location == f"{REFERRALS}?said=already"
    assert "Kept." in words(one.get(f"{REFERRALS}?said=done"))
    assert one.post(path, outcome="helped").location == f"{REFERRALS}?said=done"
    assert "No referral is open." in words(one.get(REFERRALS))
    assert [row[3] for row in audited(phone, "referral")] == [
        "taken", "refused: done already", "refused: done already", "helped",
    ]  # fmt: skip


@pytest.mark.parametrize("page", [CALLS, REFERRALS])
def test_codes_there_are_none_of_say_nothing(signed_in: SignedIn, page: str) -> None:
    browser = signed_in("agent")
    assert words(browser.get(f"{page}?said=everything")) == words(browser.get(page))


@pytest.mark.parametrize("page", [CALLS, REFERRALS])
def test_an_auditor_may_not(signed_in: SignedIn, page: str) -> None:
    assert signed_in("auditor").get(page).status_code == 403
