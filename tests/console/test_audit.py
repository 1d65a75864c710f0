"""The audit only grows, says who did what, and is for those who look after it."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.bootstrap import Bot
from bot.records import audit
from bot.records import tables as t
from bot.records.database import reading
from bot.records.export import export
from bot.staff import SAMPLE_STAFF
from tests.console.browser import Browser, add_staff
from tests.console.conftest import SignedIn
from tests.phone import count, rows


def told(bot: Bot, times: int, actor: str = "agent:0a", subject: str = "c0ffee", detail: str = "") -> None:
    with bot.records.begin() as conn:
        for n in range(times):
            audit.note(conn, 1_800_000_000.0 + n, actor, "read_conversation", subject, detail or str(n))


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'somebody else'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"]
)
def test_no_row_can_be_changed_or_deleted_even_in_sql(bot: Bot, statement: str) -> None:
    told(bot, 3)
    before = rows(bot, t.audit)
    with pytest.raises(DBAPIError, match="append-only"), bot.records.begin() as conn:
        conn.execute(text(statement))
    assert before == rows(bot, t.audit)


def test_an_action_without_a_meaning_is_refused(bot: Bot) -> None:
    with pytest.raises(ValueError, match="danced"), bot.records.begin() as conn:
        audit.note(conn, 1.0, "cli", "danced", "x")


def test_every_sign_in_is_in_it(app: Flask, bot: Bot) -> None:
    browser = Browser(app)
    browser.sign_in("agent", "wrong password")
    browser.sign_in("nobody")
    browser.sign_in("agent")
    browser.post("/console/sign-out")
    (account,) = rows(bot, t.staff, t.staff.c.sign_in == "agent")
    assert [
        ("nobody", "sign_in_refused", account.id),
        ("nobody", "sign_in_refused", "unknown"),
        (f"agent:{account.id}", "sign_in", account.id),
        (f"agent:{account.id}", "sign_out", account.id),
    ] == [(row.actor, row.action, row.subject) for row in rows(bot, t.audit)]


def test_it_is_read_in_pages_by_person_and_by_subject(bot: Bot, signed_in: SignedIn) -> None:
    browser = signed_in("auditor")
    told(bot, 70)
    told(bot, 1, subject="0dd", actor="agent:0b")
    first = browser.get("/console/audit").text
    assert first.count("<tr>") == 1 + 50 and ">Newest<" not in first
    older = re.search(r'href="([^"]+)">Older<', first)
    assert older is not None
    second = browser.get(older[1].replace("&amp;", "&")).text
    assert second.count("<tr>") == 1 + 22 and ">Older<" not in second and ">Newest<" in second
    assert browser.get("/console/audit?subject=0dd").text.count("<tr>") == 2
    assert browser.get("/console/audit?actor=agent:0b&subject=c0ffee").text.count("<tr>") == 0
    assert browser.get("/console/audit?subject='%20OR%201=1").status_code == 400
    for number in (-1, 10**30):
        assert browser.get(f"/console/audit?before={number}").status_code == 400


def test_what_stands_in_it_is_shown_as_text(bot: Bot, signed_in: SignedIn) -> None:
    told(bot, 1, detail="<script>alert(1)</script>", subject='"><img src=x>')
    shown = signed_in("auditor").get("/console/audit").text
    assert "<script>alert" not in shown and "<img" not in shown


def test_the_csv_has_all_of_it_and_is_itself_in_it(app: Flask, bot: Bot) -> None:
    id = add_staff(bot, "tab", "auditor", name="=1+1")
    browser = Browser(app)
    browser.sign_in("tab")
    told(bot, 60)
    answer = browser.post("/console/audit/export")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(table) == 61
    assert ("agent:" + id, "'=1+1", "sign_in") == (table[-1]["actor"], table[-1]["name"], table[-1]["action"])
    last = rows(bot, t.audit)[-1]
    assert (f"agent:{id}", "export", "audit", 61) == (
        last.actor,
        last.action,
        last.subject,
        json.loads(last.detail)["records"],
    )


def test_the_command_line_exports_it_with_names(bot: Bot) -> None:
    id = add_staff(bot, "ana", SAMPLE_STAFF["ana"], name="Ana Ruiz")
    told(bot, 1, actor=f"agent:{id}")
    told(bot, 1, actor="cli")
    with reading(bot.records) as conn:
        first, second = export(conn, bot.vault, bot.content.current.plans, "audit")
    assert ("Ana Ruiz", "read_conversation", "c0ffee") == (first["name"], first["action"], first["subject"])
    assert second["name"] is None


def test_a_page_that_is_refused_writes_nothing_and_reads_nothing(bot: Bot, signed_in: SignedIn) -> None:
    browser = signed_in("agent")
    before = count(bot, t.audit)
    assert browser.get("/console/audit").status_code == 403
    assert browser.post("/console/audit/export").status_code == 403
    assert before == count(bot, t.audit)
