"""Every route of the console: one row of the audit for each use, or a reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import uuid4

import pytest
from flask import Flask

from bot.bootstrap import Bot
from bot.records import tables as t
from tests.console.browser import Browser
from tests.console.conftest import SignedIn
from tests.console.desk import audited
from tests.console.feeds import give_up, lose_provider, member_of
from tests.phone import Phone, rows
from webhooks.console.frame import STATIC

KEISHA = "999900000013"
NONE: Mapping[str, str] = {  # "METHOD endpoint": why nothing is written
    "GET console.nowhere": "there is no such page",
    "GET console.home": "leads on to the first page one may open",
    "GET console.sign_in": "a form; who signs in is in the audit",
    "GET console.queue": "shows nothing of a member, and refreshes itself every few seconds",
    "GET console.search": "an empty form",
    "POST console.count": "counts what is being typed, and keeps nothing",
    "GET console.funnel": "sums of many",
    "GET console.audit": "the audit itself; writing it out is in it",
    "GET console.users": "accounts of staff, nothing of a member",
}
ELSEWHERE: Mapping[str, str] = {  # where the row is asserted
    "POST console.take_sign_in": "test_audit.py",
    "POST console.sign_out": "test_audit.py",
    "POST console.export_audit": "test_audit.py",
    "POST console.add_user": "test_users.py",
    "POST console.change_role": "test_users.py",
    "POST console.change_password": "test_users.py",
    "POST console.change_active": "test_users.py",
    "GET console.start_oidc": "test_oidc.py",
    "GET console.finish_oidc": "test_oidc.py",
}
SECRET = "swordfish"
C, M, Q = "{conversation}", "{member}", "{question}"

# "METHOD endpoint": (path, form, action, subject, detail)
USES: Mapping[str, tuple[str, Mapping[str, str], str, str, str]] = {
    "GET console.case": (f"/c/{C}", {}, "read_conversation", C, ""),
    "POST console.claim": (f"/c/{C}/claim", {}, "claim", C, ""),
    "POST console.write": (f"/c/{C}/write", {"text": SECRET}, "write", C, ""),
    "POST console.fill_answer": (f"/c/{C}/fill-answer", {"question": Q, "answer": "1"}, "fill_answer", C, ""),
    "POST console.keep_note": (f"/c/{C}/note", {"text": SECRET}, "note", C, ""),
    "POST console.transfer": (f"/c/{C}/transfer", {"to": "queue"}, "transfer", C, ""),
    "POST console.take_over": (f"/c/{C}/take-over", {}, "take_over", C, ""),
    "POST console.give_back": (f"/c/{C}/give-back", {}, "give_back", C, ""),
    "POST console.close": (f"/c/{C}/close", {}, "close", C, "refused: not_yours"),
    "POST console.start_task": (f"/c/{C}/start-task", {"flow": "choose_pmp"}, "start_task", C, ""),
    "GET console.member": (f"/m/{M}", {}, "read_member", M, ""),
    "POST console.record": (f"/m/{M}/step", {"step": "pmp"}, "record_step", M, "pmp"),
    "POST console.start": (f"/m/{M}/start", {"flow": "choose_pmp"}, "start_task", M, "choose_pmp"),
    "POST console.found": ("/search", {"what": "Keisha Grant"}, "search", "members", "found: 1"),
    "POST console.show_masked": ("/reveal", {"kind": "member_name", "subject": M}, "reveal", M, "member_name"),
    "GET console.show_callbacks": ("/call-backs", {}, "read_callbacks", "callbacks", "listed: 1"),
    "POST console.mark_called": ("/call-backs/1", {"outcome": "no_answer", "tries": "0"}, "callback", "1", "no_answer"),
    "GET console.show_referrals": ("/referrals", {}, "read_answers", "referrals", "listed: 1"),
    "POST console.move_referral": ("/referrals/1", {}, "referral", "1", "taken"),
    "GET console.show_lost_providers": ("/providers-closed", {}, "read_lost_providers", "lost_providers", "listed: 1"),
    "POST console.settle_lost_provider": ("/providers-closed/1", {}, "lost_provider", "1", "settled"),
    "GET console.show_deliveries": ("/deliveries", {}, "read_deliveries", "deliveries", "listed: 1"),
    "POST console.change_deliveries": ("/deliveries", {"do": "drop", "id": "1"}, "drop", "deliveries", "1 of 1: 1"),
}


@pytest.fixture
def at_work(phone: Phone, bot: Bot, signed_in: SignedIn) -> Browser:
    """An administrator, one conversation, one call-back, one referral, one lost provider, one record undelivered."""
    phone.texts("hi", "3", KEISHA, "7/30/1998", "46208", "agent")
    called = {"phone_index": "x", "zone": "UTC", "language": "en", "how": "sms", "state": "booked", "message_id": "m"}
    sealed = bot.vault.seal(phone.number.encode(), "callbacks.phone")
    referral = {"screening": "run1", "tier": "HIGH", "rules": "[]", "state": "open"}
    at, conversation = phone.clock(), phone.conversation
    with bot.records.begin() as conn:
        conn.execute(
            t.callbacks.insert().values(**called, conversation=conversation, phone_sealed=sealed, due_at=at, at=at)
        )
        conn.execute(t.referrals.insert().values(**referral, at=at))
    keisha = member_of(bot, KEISHA)
    lose_provider(bot.records, keisha)
    give_up(bot.records, keisha, "refused")
    return signed_in("admin")


def routes(app: Flask) -> set[str]:
    """All but the files that are the same for everybody."""
    return {
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and rule.endpoint != STATIC
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_writes_a_row_or_says_why_it_does_not(app: Flask) -> None:
    assert routes(app) == {*USES, *NONE, *ELSEWHERE}
    assert not set(USES) & set(NONE) and not set(USES) & set(ELSEWHERE)


def test_each_use_is_one_row_with_who_what_and_of_whom(phone: Phone, bot: Bot, at_work: Browser) -> None:
    (admin,) = rows(bot, t.staff, t.staff.c.sign_in == "admin")
    for name, use in USES.items():
        path, form, action, subject, detail = filled(use, phone, bot)
        before = len(audited(phone))
        if name.startswith("GET"):
            answer = at_work.get(f"/console{path}")
        else:
            answer = at_work.post(f"/console{path}", act=uuid4().hex, **form)
        assert answer.status_code in (200, 303), (name, answer.status_code)
        assert audited(phone)[before:] == [(f"agent:{admin.id}", action, subject, detail)], name


def filled(
    use: tuple[str, Mapping[str, str], str, str, str], phone: Phone, bot: Bot
) -> tuple[str, dict[str, str], str, str, str]:
    known = {"conversation": phone.conversation, "member": member_of(bot, KEISHA), "question": phone.question()}
    path, form, action, subject, detail = use
    return (
        path.format(**known),
        {name: value.format(**known) for name, value in form.items()},
        action,
        subject.format(**known),
        detail,
    )


@pytest.mark.parametrize("name", sorted(NONE))
def test_what_is_not_in_it_writes_nothing(name: str, phone: Phone, app: Flask, at_work: Browser) -> None:
    method, endpoint = name.split()
    path = next(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    before = audited(phone)
    answer = at_work.get(path.replace("<path:nowhere>", "else")) if method == "GET" else at_work.post(path, text=SECRET)
    assert answer.status_code < 400 or endpoint == "console.nowhere"
    assert before == audited(phone)


def test_no_row_says_anything_of_a_member(phone: Phone, bot: Bot, at_work: Browser) -> None:
    test_each_use_is_one_row_with_who_what_and_of_whom(phone, bot, at_work)
    whole = "\n".join(" ".join(row) for row in audited(phone))
    assert not re.search(r"(?i)keisha|grant|swordfish|1998|46208|capitol|9999|5550", whole)
