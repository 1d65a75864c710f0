"""A conversation and the console's work on it: nothing of the member in log lines, addresses, Redis keys, the audit."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis

from bot.bootstrap import Bot
from bot.members.sample import SAMPLE_ROSTER
from bot.records import tables as t
from tests.console.conftest import SignedIn
from tests.console.desk import AS_PART, audited
from tests.console.feeds import give_up, lose_provider
from tests.phone import Phone, rows
from tests.test_privacy import Everything, _text, birth_date_forms, everything_from_debug_on, phone_forms

KEISHA = "999900000013"
WRITTEN = ("my landlord is a swordfish", "We know of the swordfish.", "Swordfish: call on Friday.")


@pytest.fixture
def logged() -> Iterator[Everything]:
    handler, root = Everything(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


def secrets() -> list[str]:
    """What identifies her, and what was written."""
    from datetime import date

    with SAMPLE_ROSTER.open(encoding="utf-8", newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["member_id"] == KEISHA]
    names = [row["first_name"], row["last_name"], KEISHA, row["email"], row["address"], row["zip"]]
    phones = [*phone_forms("+13175550199"), *phone_forms("+13175550112")]
    return [*names, *birth_date_forms(date.fromisoformat(row["birth_date"])), *phones, "swordfish"]


def found_in(text: str) -> list[str]:
    return [one for one in secrets() if re.search(rf"(?i)(?<!\w){re.escape(one)}(?!\w)", text)]


def test_a_session_at_the_console_leaves_nothing_of_the_member(
    phone: Phone, bot: Bot, signed_in: SignedIn, logged: Everything, redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = signed_in("admin")
    everything_from_debug_on()
    phone.texts("hi", "3", KEISHA, "7/30/1998", "46208", "agent", WRITTEN[0])
    path, addresses = f"/console/c/{phone.conversation}", []

    def does(where: str, **form: str) -> str:
        phone.clock.now += 2
        answer = browser.post(where, act=uuid4().hex, **form)
        assert answer.status_code in (200, 303), (where, answer.status_code)
        addresses.append(answer.headers.get("Location", ""))
        addresses.extend(re.findall(r'(?:href|action|hx-get|hx-post)="([^"]*)"', answer.text))
        return answer.text

    def looks(where: str, **headers: str) -> str:
        shown = browser.get(where, **headers).text
        addresses.extend(re.findall(r'(?:href|action|hx-get|hx-post)="([^"]*)"', shown))
        return shown

    looks("/console/queue")
    does(f"{path}/claim")
    assert found_in(looks(path))  # it is read there, and only there
    looks(path, **AS_PART)
    does(f"{path}/write", text=WRITTEN[1])
    does(f"{path}/note", text=WRITTEN[2])
    does(f"{path}/fill-answer", question=phone.question(), answer="1")
    does(f"{path}/fill-answer", question=phone.question(), answer="swordfish")
    does(f"{path}/write", canned="utter_canned_hello", language="en", blank_your_name="Keisha")
    does(f"{path}/give-back")
    (member,) = re.findall(r"/console/m/(\w+)", does("/console/search", what="Keisha Grant"))
    for what in (KEISHA, "317-555-0112", "swordfish"):
        does("/console/search", what=what)
    looks(f"/console/m/{member}")
    does("/console/reveal", kind="birth_date", subject=member)
    does("/console/reveal", kind="phone", subject=phone.conversation)
    does(f"/console/m/{member}/step", step="pmp")
    does(f"/console/m/{member}/start", flow="choose_pmp")
    does("/console/count", text=WRITTEN[1])
    looks("/console/call-backs")
    looks("/console/referrals")
    lose_provider(bot.records, member)
    assert member in looks("/console/providers-closed")
    does("/console/providers-closed/1")
    given_up = give_up(bot.records, member)
    assert member in looks("/console/deliveries?select=all")
    does("/console/deliveries", do="resend", id=str(given_up))
    browser.get("/console/c/Keisha-Grant")

    requests = [record for record in logged.records if record.name == "webhooks.access"]
    assert len(requests) > 20, "the access log was not caught"
    assert [] == [(one.name, str(one.msg), found_in(_text(one))) for one in logged.records if found_in(_text(one))]
    assert [] == found_in(capsys.readouterr().err)
    assert len(addresses) > 100 and [] == [one for one in addresses if found_in(one)]
    server = redis.Redis.from_url(redis_url)
    keys = [key.decode() for key in server.scan_iter()]
    server.close()
    assert keys and [] == found_in("\n".join(keys))
    assert [] == found_in("\n".join(" ".join(row) for row in audited(phone)))
    sealed = [row.text_sealed for row in rows(bot, t.notes)] + [row.body_sealed for row in rows(bot, t.outbox)]
    assert sealed and not [one for one in sealed if b"wordfish" in one]
