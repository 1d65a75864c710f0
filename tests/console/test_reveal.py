"""What identifies a person is covered until somebody asks, and asking is one row of the audit."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string

from bot.bootstrap import Bot
from bot.members.roster import member
from bot.records import tables as t
from bot.records.database import reading
from tests.console.conftest import SignedIn
from tests.phone import Phone, count, rows
from webhooks.console.masking import Kind, masked
from webhooks.console.reveals import REVEALS

AS_PART = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+13175550142", "(•••) •••-••42"),
        ("member_id", "999900000013", "••••13"),
        ("member_id", "1234", "••••"),
        ("birth_date", "1998-07-30", "••/••/••••"),
        ("name", "Keisha Grant", "Keisha G."),
        ("name", "María de la Cruz Peña", "María P."),
        ("name", "Cher", "Cher"),
        ("address", "12 Elm St", "••••"),
        ("email", "k@example.org", "••••"),
        ("phone", "", ""),
    ],
)
def test_enough_is_left_to_tell_two_apart(kind: Kind, value: str, shown: str) -> None:
    assert masked(value, kind) == shown


def test_one_click_shows_one_value_and_is_one_row(phone: Phone, bot: Bot, signed_in: SignedIn) -> None:
    phone.text("hi")
    browser = signed_in("agent")
    before = count(bot, t.audit)
    answer = browser.post("/console/reveal", headers=AS_PART, kind="phone", subject=phone.conversation)
    assert answer.text == f'<span class="revealed" tabindex="-1" autofocus>{phone.number}</span>'
    assert before + 1 == count(bot, t.audit)
    row = rows(bot, t.audit)[-1]
    (account,) = rows(bot, t.staff, t.staff.c.sign_in == "agent")
    assert (f"agent:{account.id}", "reveal", phone.conversation, "phone") == (
        row.actor,
        row.action,
        row.subject,
        row.detail,
    )


def test_without_script_it_is_a_page_with_a_way_back(phone: Phone, signed_in: SignedIn) -> None:
    phone.text("hi")
    browser = signed_in("lead")
    form = {"kind": "phone", "subject": phone.conversation}
    shown = browser.post("/console/reveal", back="/console/conversations/0a", **form).text
    assert phone.number in shown and 'href="/console/conversations/0a"' in shown
    assert 'href="/console/"' in browser.post("/console/reveal", back="https://evil.example", **form).text


@pytest.mark.parametrize("kind", sorted({*REVEALS} - {"phone", "callback_phone"}))
def test_every_kind_is_found_for_who_has_it_and_for_nobody_else(bot: Bot, signed_in: SignedIn, kind: str) -> None:
    browser = signed_in("agent")
    some = rows(bot, t.members)[0].id
    with reading(bot.records) as conn:
        known = member(conn, bot.vault, some)
    assert known is not None
    details = known.details
    value = {"member_name": details.last, "member_phone": details.phone, "address": details.zip}.get(kind) or getattr(
        details, kind
    )
    assert (value or "none on file") in browser.post("/console/reveal", kind=kind, subject=some).text
    before = count(bot, t.audit)
    for guess in ("0" * 32, "", "' OR 1=1 --"):
        assert browser.post("/console/reveal", kind=kind, subject=guess).status_code == 404
    assert browser.post("/console/reveal", kind="password_hash", subject=some).status_code == 404
    assert before == count(bot, t.audit)


def test_the_phone_to_call_back_is_found_by_the_call_back(bot: Bot, phone: Phone, signed_in: SignedIn) -> None:
    row = {"phone_index": "x", "zone": "UTC", "language": "en", "how": "sms", "state": "booked", "message_id": "m"}
    sealed = bot.vault.seal(phone.number.encode(), "callbacks.phone")
    with bot.records.begin() as conn:
        conn.execute(t.callbacks.insert().values(**row, conversation="c", phone_sealed=sealed, due_at=1.0, at=1.0))
    browser = signed_in("agent")
    assert phone.number in browser.post("/console/reveal", kind="callback_phone", subject="1").text
    for guess in ("2", "0", "", "-1", "\N{ARABIC-INDIC DIGIT ONE}", "9" * 30, "1 OR 1=1"):
        assert browser.post("/console/reveal", kind="callback_phone", subject=guess).status_code == 404


def test_a_guessed_conversation_has_no_phone(signed_in: SignedIn) -> None:
    assert signed_in("agent").post("/console/reveal", kind="phone", subject="0" * 32).status_code == 404


def test_an_auditor_sees_masks_only(bot: Bot, signed_in: SignedIn) -> None:
    answer = signed_in("auditor").post("/console/reveal", kind="birth_date", subject=rows(bot, t.members)[0].id)
    assert answer.status_code == 403


def test_the_button_is_there_for_who_may(app: Flask) -> None:
    from flask import g

    from bot.staff import Staff

    source = (
        '{% from "console/reveal.html" import reveal with context %}{{ reveal("phone", "0a", number|masked("phone")) }}'
    )
    for role, buttons in (("agent", 1), ("auditor", 0)):
        with app.test_request_context("/console/queue"):
            g.staff = Staff("0a", "Ana", role)  # type: ignore[arg-type]
            shown = render_template_string(source, number="+13175550142", staff=g.staff)
        assert shown.count("<button") == buttons
        assert "(•••) •••-••42" in shown and "555" not in shown
