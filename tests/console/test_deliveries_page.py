"""Records that did not arrive: seen, sent again, given up; by leads and admins."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest

from bot.bootstrap import Bot
from bot.records import dispatches
from bot.records import tables as t
from bot.records.dispatches import Problem
from bot.setting_values import Secret
from tests.console.browser import Browser, add_staff
from tests.console.conftest import SignedIn
from tests.console.desk import account, audited, words
from tests.console.feeds import give_up, member_of
from tests.phone import Phone, rows
from webhooks.app import create_app
from webhooks.console import deliveries
from webhooks.console.words import PROBLEMS, RECORDS, SINKS

PAGE, KEISHA = "/console/deliveries", "999900000013"


@pytest.fixture
def keisha(bot: Bot) -> str:
    return member_of(bot, KEISHA)


def states(bot: Bot) -> list[str]:
    return [row.state for row in rows(bot, t.dispatches)]


def does(browser: Browser, what: str, *ids: int) -> str:
    return browser.post(PAGE, do=what, id=[str(one) for one in ids]).location.removeprefix(f"{PAGE}?")


def checked(browser: Browser, select: str = "") -> list[int]:
    shown = browser.get(f"{PAGE}?select={select}").text
    return [int(one) for one in re.findall(r'name="id" value="(\d+)" checked', shown)]


def test_there_are_words_for_everything(bot: Bot) -> None:
    assert tuple(SINKS) == dispatches.SINKS
    assert set(RECORDS) == set(dispatches.DELIVERED)
    assert set(PROBLEMS) == set(get_args(Problem))


def test_where_nothing_was_ever_sent_it_says_so_kindly(signed_in: SignedIn) -> None:
    shown = signed_in("lead").get(PAGE)
    assert "Delivery is off" in words(shown) and "<table" not in shown.text


def test_a_receiver_that_has_everything_is_named(bot: Bot) -> None:
    settings = replace(bot.settings, delivery_fhir_url=Secret("https://fhir.example.org"))
    add_staff(bot, "lead", "lead")
    browser = Browser(create_app(replace(bot, settings=settings)))
    browser.sign_in("lead")
    shown = words(browser.get(PAGE))
    assert "All is well: nothing waits" in shown and "Records go to: FHIR server." in shown


def test_it_says_what_waits_and_since_when(bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    with bot.records.execution_options(deliver_to=("fhir",)).begin() as conn:
        for record in ("a", "b"):
            dispatches.note(conn, "consents", record, keisha, bot.clock() - 7200)
    shown = words(signed_in("lead").get(PAGE))
    assert "FHIR server 2 Feb 2, 2027" in shown and "Webhook" not in shown
    assert "Nothing was given up." in shown and "Send again" not in shown


@pytest.mark.parametrize("problem", PROBLEMS)
def test_it_says_what_happened_and_what_to_do(bot: Bot, keisha: str, signed_in: SignedIn, problem: Problem) -> None:
    give_up(bot.records, keisha, problem)
    (row,) = rows(bot, t.dispatches)
    shown = words(signed_in("lead").get(PAGE))
    assert " ".join(PROBLEMS[problem]) in shown
    assert f"Consent to texts name {row.record} Webhook Keisha G." in shown and "Webhook 0 nothing waits 1" in shown
    assert "Grant" not in shown


def test_of_a_phone_it_shows_nothing(bot: Bot, signed_in: SignedIn) -> None:
    give_up(bot.records, "f00d" * 10)
    shown = signed_in("lead").get(PAGE)
    assert "a phone" in words(shown) and "f00d" not in shown.text and "/console/m/" not in shown.text


def test_the_boxes_belong_to_the_form_that_sends(bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    """The table cannot stand in the form: it has forms of its own, which show what is masked."""
    id = give_up(bot.records, keisha)
    shown = signed_in("lead").get(PAGE).text
    assert f'<input type="checkbox" form="deliveries" name="id" value="{id}">' in shown
    assert re.search(r'<form id="deliveries"(?:(?!</form>).)*name="csrf"(?:(?!</form>).)*value="resend"', shown, re.S)


def test_all_are_selected_without_script_or_those_of_one_receiver(bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    one, other = give_up(bot.records, keisha), give_up(bot.records, keisha, sink="fhir")
    lead = signed_in("lead")
    assert ([one, other], [other], [], []) == tuple(checked(lead, what) for what in ("all", "fhir", "", "<b>"))


def test_what_is_sent_again_has_three_days_again(phone: Phone, bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    ids = [give_up(bot.records, keisha) for _ in range(3)]
    assert does(signed_in("lead"), "resend", *ids[:2]) == "said=resend"
    assert states(bot) == ["due", "due", "dead"]
    first = rows(bot, t.dispatches)[0]
    assert first.at == first.again_at == pytest.approx(bot.clock(), abs=1) and first.attempts == 0
    assert audited(phone, "resend") == [
        (account(phone, "lead"), "resend", "deliveries", f"2 of 2: {ids[0]} {ids[1]}"),
    ]


def test_what_is_given_up_is_shown_no_more(phone: Phone, bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    id, admin = give_up(bot.records, keisha), signed_in("admin")
    assert does(admin, "drop", id) == "said=drop"
    assert states(bot) == ["dropped"]
    assert "They will not be sent any more." in words(admin.get(f"{PAGE}?said=drop"))
    assert "Delivery is off" in words(admin.get(PAGE))
    assert audited(phone, "drop") == [(account(phone, "admin"), "drop", "deliveries", f"1 of 1: {id}")]


def test_of_two_who_see_to_it_one_counts(phone: Phone, bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    first, second = give_up(bot.records, keisha), give_up(bot.records, keisha)
    one, other = signed_in("lead"), signed_in("admin")
    assert does(one, "resend", first) == "said=resend"
    assert does(other, "drop", first) == "said=already"
    assert does(other, "drop", first, second) == "said=partly"
    assert states(bot) == ["due", "dropped"]
    assert [row[3] for row in audited(phone, "drop")] == [f"0 of 1: {first}", f"1 of 2: {first} {second}"]
    for said in ("already", "partly"):
        assert "A colleague was faster" in words(other.get(f"{PAGE}?said={said}"))


def test_forms_that_are_none_of_ours(phone: Phone, bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    id, lead = give_up(bot.records, keisha), signed_in("lead")
    assert does(lead, "resend") == "said=nothing"
    assert "Select something first." in words(lead.get(f"{PAGE}?said=nothing"))
    before = audited(phone)
    for form in ({"do": "<b>", "id": id}, {"id": id}, *({"do": "drop", "id": bad} for bad in ("x", "-1", "9" * 5000))):
        assert lead.post(PAGE, **form).status_code == 400
    assert lead.post(PAGE, csrf=None, do="drop", id=id).status_code == 403
    assert states(bot) == ["dead"] and before == audited(phone)


def test_only_so_many_are_listed(bot: Bot, keisha: str, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "ROWS", 1)
    first, _ = give_up(bot.records, keisha), give_up(bot.records, keisha)
    lead = signed_in("lead")
    assert "Did not arrive 2 These are the oldest 1." in words(lead.get(PAGE))
    assert checked(lead, "all") == [first]


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("auditor", 403), ("lead", 200), ("admin", 200)])
def test_who_may(bot: Bot, keisha: str, signed_in: SignedIn, role: str, status: int) -> None:
    id, browser = give_up(bot.records, keisha), signed_in(role)
    assert browser.get(PAGE).status_code == status
    assert (f'href="{PAGE}"' in browser.get("/console/nowhere").text) == (status == 200)
    assert browser.post(PAGE, do="drop", id=str(id)).status_code == (303 if status == 200 else 403)
    assert states(bot) == ["dropped" if status == 200 else "dead"]
