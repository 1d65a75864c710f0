"""Accounts: by an administrator in the console, by the command line, and the sample staff of a trial."""

from __future__ import annotations

import io
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from rich.console import Console

from bot.bootstrap import Bot
from bot.config import KEYS_FILE, ensure_keys, load_settings, sample_password
from bot.records import staff as records
from bot.records import tables as t
from bot.records.database import open_database, reading
from bot.staff import SAMPLE_STAFF
from tests.console.browser import PASSWORD, Browser
from tests.console.conftest import SignedIn
from tests.phone import count, rows
from webhooks.announcement import announcement
from webhooks.app import create_app
from webhooks.cli import carestart
from webhooks.sample_data import load_sample_staff
from webhooks.startup import ready_sample_staff

NEW = {"sign_in": "Rosa.H", "name": " Rosa  Hill ", "role": "agent", "password": "a long new password"}


def account(bot: Bot, sign_in: str) -> Any:
    (row,) = rows(bot, t.staff, t.staff.c.sign_in == sign_in)
    return row


# --- in the console --------------------------------------------------------------------------------------------------


def test_an_administrator_adds_somebody_who_then_signs_in(app: Flask, bot: Bot, signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    answer = admin.post("/console/users", **NEW)
    assert answer.status_code == 303
    assert "The account is there" in admin.get(answer.headers["Location"]).text
    assert "Rosa Hill" in admin.get("/console/users").text
    assert Browser(app).sign_in("rosa.h", NEW["password"]).status_code == 303
    last = rows(bot, t.audit, t.audit.c.action == "account_added")[-1]
    assert (last.actor, last.subject) == (f"agent:{account(bot, 'admin').id}", account(bot, "rosa.h").id)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"password": "elevenchars"}, "at least 12 characters"),
        ({"password": "x" * 257}, "at most 256 characters"),
        ({"sign_in": "rosa hill"}, "sign-in name"),
        ({"sign_in": "AGENT"}, "already"),
        ({"role": "king"}, "a role is one of"),
        ({"name": " "}, "a name has"),
        ({"name": "Rosa\x1b[2J"}, "a name has"),
    ],
)
def test_what_cannot_be_an_account_is_said_and_the_rest_stays_typed(
    bot: Bot, signed_in: SignedIn, wrong: dict[str, str], says: str
) -> None:
    answer = signed_in("admin").post("/console/users", **{**NEW, **wrong})
    assert answer.status_code == 400 and says in answer.text
    assert {**NEW, **wrong}["password"] not in answer.text
    assert count(bot, t.staff) == 4


def test_who_is_disabled_is_out_at_once_and_in_again_when_enabled(app: Flask, bot: Bot, signed_in: SignedIn) -> None:
    admin, agent = signed_in("admin"), signed_in("agent")
    path = f"/console/users/{account(bot, 'agent').id}/active"
    assert admin.post(path, active="no").status_code == 303
    assert agent.get("/console/nowhere").status_code == 303
    assert Browser(app).sign_in("agent").status_code == 403
    admin.post(path, active="yes")
    assert Browser(app).sign_in("agent").status_code == 303
    assert {"account_disabled", "account_enabled"} <= {row.action for row in rows(bot, t.audit)}


def test_a_role_and_a_password_are_changed_and_their_owner_signs_in_anew(
    app: Flask, bot: Bot, signed_in: SignedIn
) -> None:
    admin, agent = signed_in("admin"), signed_in("agent")
    id = account(bot, "agent").id
    assert admin.post(f"/console/users/{id}/role", role="auditor").status_code == 303
    assert agent.get("/console/nowhere").status_code == 303
    again = signed_in("agent")
    assert again.get("/console/audit").status_code == 200
    assert admin.post(f"/console/users/{id}/password", password="another password").status_code == 303
    assert again.get("/console/nowhere").status_code == 303
    assert Browser(app).sign_in("agent").status_code == 403
    assert Browser(app).sign_in("agent", "another password").status_code == 303
    assert admin.post(f"/console/users/{id}/password", password="short").status_code == 400
    assert admin.post(f"/console/users/{id}/role", role="king").status_code == 400


def test_nobody_locks_themselves_out(bot: Bot, signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    id = account(bot, "admin").id
    assert admin.post(f"/console/users/{id}/active", active="no").status_code == 400
    assert admin.post(f"/console/users/{id}/role", role="agent").status_code == 400
    assert admin.get("/console/users").status_code == 200


def test_an_account_that_is_not_there_is_not_found(signed_in: SignedIn) -> None:
    for what in ("role", "active", "password"):
        assert signed_in("admin").post(f"/console/users/0a0a0a0a0a0a/{what}").status_code == 404


# --- on the command line ---------------------------------------------------------------------------------------------


def run(data: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(carestart, ["users", *words, "--data", str(data)], input=typed)


def test_the_command_line_does_it_too(tmp_path: Path) -> None:
    added = run(tmp_path, "add", "Ana", "--name", "Ana Ruiz", "--role", "agent", "--password-stdin", typed=PASSWORD)
    assert (0, "ana may sign in as agent\n") == (added.exit_code, added.output)
    for words, typed in (
        (("role", "ana", "lead"), ""),
        (("password", "ana", "--password-stdin"), "another password\n"),
        (("password", "ana"), "one more password\none more password\n"),
        (("disable", "ana"), ""),
    ):
        done = run(tmp_path, *words, typed=typed)
        assert done.exit_code == 0, done.output
    listed = run(tmp_path, "list").output
    assert all(word in listed for word in ("ana", "Ana Ruiz", "lead", "no"))
    assert run(tmp_path, "enable", "ana").exit_code == 0
    database = open_database(load_settings({}, tmp_path))
    with reading(database) as conn:
        actions = [row.action for row in conn.execute(t.audit.select())]
    database.dispose()
    assert actions == [
        "account_added", "role_changed", "password_changed", "password_changed", "account_disabled", "account_enabled",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "typed", "says"),
    [
        (("add", "bo", "--role", "agent", "--password-stdin"), "elevenchars\n", "at least 12 characters"),
        (("add", "b o", "--role", "agent", "--password-stdin"), PASSWORD, "sign-in name"),
        (("disable", "nobody"), "", "there is no account nobody"),
        (("password", "nobody", "--password-stdin"), PASSWORD, "there is no account nobody"),
    ],
)
def test_the_command_line_says_why_not(tmp_path: Path, words: tuple[str, ...], typed: str, says: str) -> None:
    refused = run(tmp_path, *words, typed=typed)
    assert refused.exit_code == 1 and says in refused.output
    assert PASSWORD not in refused.output


# --- sample staff ----------------------------------------------------------------------------------------------------


def test_sample_staff_can_sign_in_with_the_password_that_is_announced(bot: Bot) -> None:
    password = load_sample_staff(bot.records, bot.settings, bot.clock())
    assert password is not None and len(password) >= 12
    assert load_sample_staff(bot.records, bot.settings, bot.clock()) == password
    assert {row.sign_in: row.role for row in rows(bot, t.staff)} == SAMPLE_STAFF
    app = create_app(bot)
    assert Browser(app).sign_in("mia", password).status_code == 303
    shown = io.StringIO()
    Console(file=shown, width=200).print(announcement(bot.settings, (), password))
    assert (
        "/console/" in shown.getvalue()
        and f"sign in as ana, luis, mia, omar, ada; password {password}" in shown.getvalue()
    )
    assert stat.S_IMODE((bot.settings.data / KEYS_FILE).stat().st_mode) == 0o600


def test_nobody_is_made_up_where_there_is_staff(app: Flask, bot: Bot) -> None:
    assert load_sample_staff(bot.records, bot.settings, bot.clock()) is None
    assert count(bot, t.staff) == 4


def test_a_changed_password_is_announced_no_more(bot: Bot) -> None:
    load_sample_staff(bot.records, bot.settings, bot.clock())
    with bot.records.begin() as conn:
        for one in records.everyone(conn):
            records.set_password(conn, one.id, "another")
    assert load_sample_staff(bot.records, bot.settings, bot.clock()) is None


@pytest.mark.parametrize(
    "change", [{"sample_data": False}, {"host": "0.0.0.0"}, {"environment": "production"}, {"host": "192.0.2.1"}]
)
def test_sample_staff_is_for_trying_out_on_this_computer_only(bot: Bot, change: dict[str, Any]) -> None:
    trial = replace(bot.settings, sample_data=True)
    assert ready_sample_staff(bot.records, replace(trial, **change)) is None
    assert count(bot, t.staff) == 0
    assert ready_sample_staff(bot.records, trial) is not None


def test_the_sample_password_is_kept_with_the_keys_and_changes_none_of_them(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    before = load_settings({}, tmp_path)
    assert sample_password(tmp_path) == sample_password(tmp_path)
    assert load_settings({}, tmp_path) == before
    assert [KEYS_FILE] == [path.name for path in tmp_path.iterdir()]
