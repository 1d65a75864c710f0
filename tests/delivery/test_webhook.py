"""Records go to the plan's webhook as they are written: signed, in order, each at least once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.config import SettingsRefused, load_settings
from bot.records import tables as t
from bot.records.export import KINDS, export
from bot.setting_values import Secret
from bot.sinks import webhook
from tests.delivery.conftest import Delivering, Open
from tests.delivery.receiver import OLD_SECRET, SECRET, Fault, Receiver
from tests.phone import count

TYPES = ["preference.chosen", "pmp.chosen", "screening.completed", "reward.earned"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sinks.http.ANSWER_S", 0.5)


def test_nothing_leaves_unless_it_is_asked_for(delivering: Open) -> None:
    quiet = delivering()
    quiet.all_steps()
    assert [] == quiet.lines
    assert 0 == count(quiet.bot, t.dispatches)


def test_the_steps_arrive_signed_as_the_export_has_them(by_webhook: Delivering, receiver: Receiver) -> None:
    by_webhook.all_steps()
    by_webhook.round()
    assert TYPES == [one.event["type"] for one in receiver.received]
    assert by_webhook.uids() == [one.id for one in receiver.received]
    assert ["sent"] * 4 == by_webhook.states()
    with by_webhook.bot.records.connect() as conn:
        plans = by_webhook.bot.content.current.plans
        kinds = ("preferences", "pmp-choices", "screenings", "rewards")
        exported = [record for kind in kinds for record in export(conn, by_webhook.bot.vault, plans, kind)]
    assert exported == [one.event["data"] for one in receiver.received]


def test_an_older_secret_still_opens_what_is_sent(by_webhook: Delivering, receiver: Receiver) -> None:
    receiver.secret = OLD_SECRET
    by_webhook.all_steps()
    by_webhook.round()
    assert 2 == len(receiver.headers["webhook-signature"].split())
    assert 4 == len(receiver.received)


EVERY_FAULT: list[Fault] = [
    500,
    503,
    429,
    401,
    404,
    405,
    501,
    "redirect",
    "hang",
    "drop_before",
    "drop_after",
    "midway",
]


@pytest.mark.parametrize("fault", [*EVERY_FAULT, "trickle"])
def test_whatever_goes_wrong_everything_arrives_once_and_in_order(
    fault: Fault, by_webhook: Delivering, receiver: Receiver
) -> None:
    by_webhook.all_steps()
    receiver.faults = [fault, 200, fault, fault]
    by_webhook.rounds()
    assert by_webhook.uids() == [one.id for one in receiver.first_arrivals]
    assert ["sent"] * 4 == by_webhook.states()
    assert 7 == receiver.requests


def test_a_receiver_that_ails_is_left_alone_for_a_while(by_webhook: Delivering, receiver: Receiver) -> None:
    by_webhook.all_steps()
    by_webhook.bot.records.dispose()
    receiver.faults = [503] * 3
    for _ in range(3):
        by_webhook.round()
    assert 1 == receiver.requests
    by_webhook.clock.now += 11
    by_webhook.round()
    assert 2 == receiver.requests


def test_what_it_refuses_is_given_up_and_the_rest_goes_on(by_webhook: Delivering, receiver: Receiver) -> None:
    by_webhook.all_steps()
    receiver.faults = [200, 422]
    by_webhook.round()
    assert ["sent", "dead", "sent", "sent"] == by_webhook.states()
    [dead] = by_webhook.dispatches(t.dispatches.c.state == "dead")
    assert ("refused", 422) == (dead.problem, dead.status)


def test_it_may_say_when_to_come_again(by_webhook: Delivering, receiver: Receiver) -> None:
    by_webhook.all_steps()
    receiver.faults, receiver.retry_after = [429], "600"
    by_webhook.rounds(seconds=60, times=10)
    assert 1 == receiver.requests
    by_webhook.rounds(seconds=60, times=2)
    assert 4 == len(receiver.received)


@pytest.mark.parametrize("status", [300, 302, 304])
def test_only_2xx_says_that_it_has_arrived(status: int, by_webhook: Delivering, receiver: Receiver) -> None:
    by_webhook.all_steps()
    receiver.faults = [status]
    by_webhook.round()
    assert ["due"] * 4 == by_webhook.states()


def test_an_answer_that_trickles_is_given_up_in_time(by_webhook: Delivering, receiver: Receiver) -> None:
    by_webhook.all_steps()
    receiver.faults = ["trickle"]
    by_webhook.round()
    assert "timeout" == by_webhook.dispatches()[0].problem


def test_a_name_and_password_in_the_address_are_shown(delivering: Open, receiver: Receiver) -> None:
    url = receiver.url.replace("http://", "http://carestart:secret@")
    named = delivering(delivery_webhook_url=Secret(url), delivery_webhook_secrets=Secret(SECRET))
    named.all_steps()
    named.round()
    assert "Basic Y2FyZXN0YXJ0OnNlY3JldA==" == receiver.headers["Authorization"]


def test_a_record_that_cannot_be_told_holds_nobody_up_and_comes_before_staff(
    by_webhook: Delivering, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    by_webhook.play("check_progress/reward.en")
    by_webhook.play("do_screening/pregnant.en")
    monkeypatch.setitem(webhook._HAPPENED, "preferences", None)
    real = json.dumps

    def broken(value: Any, **more: Any) -> str:
        if isinstance(value, dict) and value.get("type", "") is None:
            raise ValueError("of a member's words")
        return real(value, **more)

    monkeypatch.setattr("bot.sinks.webhook.json.dumps", broken)
    by_webhook.round()
    assert "referral.changed" in [one.event["type"] for one in receiver.received], "in the same round"
    by_webhook.rounds(seconds=3600, times=80)
    [dead] = by_webhook.dispatches(t.dispatches.c.state == "dead")
    assert ("preferences", "unreadable") == (dead.kind, dead.problem)
    assert "of a member's words" not in caplog.text


def test_nobody_is_there(delivering: Open) -> None:
    nowhere = delivering(
        delivery_webhook_url=Secret("http://127.0.0.1:9/records"), delivery_webhook_secrets=Secret(SECRET)
    )
    nowhere.all_steps()
    nowhere.rounds(times=3)
    assert ["unreachable", None, None, None] == [row.problem for row in nowhere.dispatches()]
    assert ["due"] * 4 == nowhere.states()


def test_no_log_line_says_who_or_what(
    by_webhook: Delivering, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    by_webhook.all_steps()
    receiver.faults = [500, 422]
    caplog.clear()
    by_webhook.rounds()
    said = json.dumps([record.__dict__ for record in caplog.records], default=str)
    assert "a record did not arrive" in said
    for private in ("999900000011", "Daniel", receiver.url, "127.0.0.1"):
        assert private not in said


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"DELIVERY_WEBHOOK_URL": "https://plan.example.org/r"}, "DELIVERY_WEBHOOK_SECRETS: set it too"),
        ({"DELIVERY_WEBHOOK_SECRETS": "whsec_dG9vIHNob3J0"}, "24 to 64 secret bytes"),
        ({"DELIVERY_WEBHOOK_SECRETS": "whsec_???"}, "24 to 64 secret bytes"),
        ({"DELIVERY_FHIR_URL": "plan.example.org"}, "begins with https://"),
        ({"DELIVERY_FHIR_TOKEN_URL": "https://a.example.org/token"}, "set DELIVERY_FHIR_CLIENT_ID too"),
        ({"DELIVERY_FHIR_CLIENT_KEY": "no key"}, "private key in PEM"),
        (
            {"DELIVERY_WEBHOOK_URL": "http://plan.example.org/r", "CARESTART_ENV": "production"},
            "DELIVERY_WEBHOOK_URL: production needs an https address",
        ),
    ],
)
def test_settings_that_would_not_work_are_refused(given: dict[str, str], asked: str, tmp_path: Any) -> None:
    keys = {"ENCRYPTION_KEYS": "1:" + "a2" * 21 + "a=", "LOOKUP_KEY": "a2" * 21 + "a="}
    with pytest.raises(SettingsRefused) as refused:
        load_settings({**keys, **given}, tmp_path)
    assert asked in str(refused.value)


def test_every_kind_that_is_delivered_can_be_exported() -> None:
    from bot.records.dispatches import DELIVERED

    assert set(DELIVERED) <= set(KINDS)
