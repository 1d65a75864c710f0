"""Signing in, staying signed in, and out: for those who are, and for those who would like to be."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from flask import Flask

from bot.bootstrap import Bot
from bot.records import staff as records
from bot.records import tables as t
from tests.console.browser import PASSWORD, Browser, add_staff
from tests.phone import Clock, count, rows
from webhooks.app import create_app

HOME = "/console/nowhere"  # for whoever is signed in: not found


def is_in(browser: Browser) -> bool:
    return browser.get(HOME).status_code == 404


def test_a_stranger_is_sent_to_sign_in_and_comes_back_to_the_page_after(app: Flask) -> None:
    browser = Browser(app)
    sent = browser.get(HOME)
    assert (303, "/console/sign-in?next=/console/nowhere") == (sent.status_code, sent.headers["Location"])
    assert 'name="next" value="/console/nowhere"' in browser.get(sent.headers["Location"]).text
    assert browser.sign_in("agent", next=HOME).headers["Location"] == HOME
    assert is_in(browser)


@pytest.mark.parametrize(
    "next", ["//evil.example", "https://evil.example", "/console/..//evil", "/\\evil", "/simulator/"]
)
def test_signing_in_leads_only_to_pages_of_the_console(app: Flask, next: str) -> None:
    assert Browser(app).sign_in("agent", next=next).headers["Location"] == "/console/"
    assert 'name="next" value=""' in Browser(app).get(f"/console/sign-in?next={next}").text


def test_a_sign_in_name_is_the_same_however_it_is_written(app: Flask) -> None:
    assert Browser(app).sign_in(" Agent ").status_code == 303


def test_the_answer_is_the_same_whether_the_account_the_password_or_its_being_active_is_wrong(
    app: Flask, bot: Bot
) -> None:
    gone = add_staff(bot, "gone", "agent")
    with bot.records.begin() as conn:
        records.set_active(conn, gone, False)
    tries = [("nobody", PASSWORD), ("agent", "wrong password"), ("gone", PASSWORD)]
    answers = [Browser(app).sign_in(*tried) for tried in tries]
    assert {403} == {answer.status_code for answer in answers}
    texts = {answer.text.replace(f'value="{name}"', "") for answer, (name, _) in zip(answers, tries, strict=True)}
    assert len(texts) == 1
    assert "do not belong together" in texts.pop()


def test_a_password_is_checked_also_where_there_is_no_account(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *given: checked.append(given[1]) or verify(*given))
    Browser(app).sign_in("nobody")
    Browser(app).sign_in("agent", "wrong password")
    assert len(checked) == 2
    assert len({stored.rpartition("$")[0].rpartition("$")[0] for stored in checked}) == 1  # the same parameters


def test_a_hash_of_weaker_parameters_is_made_anew(app: Flask, bot: Bot) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    with bot.records.begin() as conn:
        records.add(conn, "old", "Old", "agent", weak, bot.clock())
    browser = Browser(app)
    assert browser.sign_in("old").status_code == 303
    (account,) = rows(bot, t.staff, t.staff.c.sign_in == "old")
    assert account.password_hash != weak and "m=65536" in account.password_hash
    assert is_in(browser)
    assert Browser(app).sign_in("old").status_code == 303


# --- the cookie ------------------------------------------------------------------------------------------------------


def test_the_cookie_is_for_the_browser_alone_and_sql_has_only_its_hash(app: Flask, bot: Bot) -> None:
    browser = Browser(app)
    cookie = browser.sign_in("agent").headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie and "Secure" not in cookie
    assert len(browser.cookie) >= 43  # 256 bits
    (session,) = rows(bot, t.staff_sessions)
    assert session.token_index == hashlib.sha256(browser.cookie.encode()).hexdigest()


def test_over_https_the_cookie_is_bound_to_the_host(app: Flask, bot: Bot) -> None:
    secure = create_app(replace(bot, settings=replace(bot.settings, public_base_url="https://care.example.org")))
    client = secure.test_client()
    answer = client.post("/console/sign-in", data={"sign_in": "agent", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-carestart_console=") and "Secure" in cookie.split("; ")


def test_a_forged_guessed_or_ended_session_is_nobodys(app: Flask, bot: Bot) -> None:
    browser = Browser(app)
    browser.sign_in("agent")
    (session,) = rows(bot, t.staff_sessions)
    for forged in ("x", "a" * 43, browser.cookie[:-1], session.token_index, session.staff, "' OR 1=1 --", "é"):
        assert Browser(app, forged).get(HOME).status_code == 303, forged
    old = browser.cookie
    assert browser.post("/console/sign-out").headers["Location"] == "/console/sign-in"
    assert browser.cookie == ""
    assert not is_in(Browser(app, old))


def test_signing_in_gives_a_new_token_and_ends_the_session_before(app: Flask, bot: Bot) -> None:
    browser = Browser(app, "planted by somebody else")
    browser.sign_in("agent")
    first = browser.cookie
    assert first != "planted by somebody else"
    browser.sign_in("agent")
    assert browser.cookie != first and is_in(browser) and not is_in(Browser(app, first))
    assert count(bot, t.staff_sessions) == 1


def test_a_session_ends_when_idle_and_after_its_hours_however_busy(app: Flask, clock: Clock) -> None:
    browser, idle = Browser(app), Browser(app)
    browser.sign_in("agent")
    idle.sign_in("lead")
    start = clock.now
    for _ in range(12 * 60 // 25):
        clock.now += 25 * 60
        assert is_in(browser)
    assert not is_in(idle)
    clock.now = start + 12 * 3600 + 1
    assert not is_in(browser)


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(app: Flask, clock: Clock) -> None:
    browser = Browser(app)
    browser.sign_in("agent")
    for _ in range(5):
        clock.now += 5 * 60
        assert browser.get(HOME, **{"HX-Request": "true"}).status_code == 404
    clock.now += 6 * 60
    refused = browser.get(HOME, **{"HX-Request": "true"})
    assert (401, "/console/sign-in") == (refused.status_code, refused.headers["HX-Redirect"])


def test_that_somebody_was_here_is_written_at_most_once_a_minute(app: Flask, bot: Bot, clock: Clock) -> None:
    browser = Browser(app)
    browser.sign_in("agent")
    (begun,) = rows(bot, t.staff_sessions)
    clock.now += 50
    browser.get(HOME)
    assert [begun] == rows(bot, t.staff_sessions)
    clock.now += 20
    browser.get(HOME)
    (later,) = rows(bot, t.staff_sessions)
    assert later.seen_at > begun.seen_at + 60


@pytest.mark.parametrize("change", ["disable", "role", "password"])
def test_who_is_disabled_or_changed_is_out_at_once(app: Flask, bot: Bot, change: str) -> None:
    browser, other = Browser(app), Browser(app)
    browser.sign_in("agent")
    other.sign_in("lead")
    with bot.records.begin() as conn:
        account = records.by_sign_in(conn, "agent")
        assert account is not None
        if change == "disable":
            records.set_active(conn, account.id, False)
        elif change == "role":
            records.set_role(conn, account.id, "auditor")
        else:
            records.set_password(conn, account.id, "x")
    assert not is_in(browser)
    assert is_in(other)


# --- too many tries --------------------------------------------------------------------------------------------------


def fail(app: Flask, times: int, name: str, address: str) -> list[int]:
    tries = [
        app.test_client().post(
            "/console/sign-in",
            data={"sign_in": name, "password": "wrong password"},
            environ_base={"REMOTE_ADDR": address},
        )
        for _ in range(times)
    ]
    return [answer.status_code for answer in tries]


def sign_in_from(app: Flask, name: str, address: str) -> int:
    form = {"sign_in": name, "password": PASSWORD}
    environ = {"REMOTE_ADDR": address}
    return app.test_client().post("/console/sign-in", data=form, environ_base=environ).status_code


def test_after_five_failures_an_account_waits_whoever_asks_and_nobody_else_does(app: Flask, clock: Clock) -> None:
    assert [403] * 5 + [429] == [status for n in range(6) for status in fail(app, 1, "agent", f"192.0.2.{n}")]
    assert sign_in_from(app, "agent", "192.0.2.9") == 429
    assert sign_in_from(app, "lead", "192.0.2.9") == 303
    clock.now += 15 * 60
    assert sign_in_from(app, "agent", "192.0.2.9") == 303


def test_after_five_failures_an_address_waits_whatever_it_tries(app: Flask, clock: Clock) -> None:
    assert [403] * 5 + [429] == [status for n in range(6) for status in fail(app, 1, f"guess{n}", "192.0.2.1")]
    assert sign_in_from(app, "agent", "192.0.2.1") == 429
    assert sign_in_from(app, "agent", "192.0.2.2") == 303
    clock.now += 15 * 60
    assert sign_in_from(app, "agent", "192.0.2.1") == 303


def test_behind_a_proxy_the_browser_waits_and_not_everybody(app: Flask) -> None:
    def tried(seen: str, peer: str) -> int:
        answer = app.test_client().post(
            "/console/sign-in",
            data={"sign_in": f"guess{next(numbers)}", "password": "wrong password"},
            headers={"X-Forwarded-For": seen},
            environ_base={"REMOTE_ADDR": peer},
        )
        return answer.status_code

    numbers = itertools.count()
    assert [403] * 5 + [429] == [tried(f"8.8.8.{n}, 8.8.4.4", "10.0.0.7") for n in range(6)]
    assert tried("8.8.4.5", "10.0.0.7") == 403
    assert [403] * 5 + [429] == [tried(f"8.8.8.{n}", "9.9.9.9") for n in range(6)]  # nobody vouches for the header


def test_the_wait_is_said_in_minutes(app: Flask, clock: Clock) -> None:
    fail(app, 5, "agent", "192.0.2.1")
    clock.now += 5 * 60
    answer = Browser(app).sign_in("agent")
    assert answer.status_code == 429
    assert "Try again in 10 minutes" in answer.text
    assert 590 <= int(answer.headers["Retry-After"]) <= 600


def test_who_remembers_the_password_begins_to_count_anew(app: Flask) -> None:
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        assert [403] * 4 == fail(app, 4, "agent", address)
        assert sign_in_from(app, "agent", address) == 303


def test_what_was_typed_is_kept_only_as_a_hash(app: Flask, bot: Bot) -> None:
    fail(app, 1, "my password by mistake", "192.0.2.77")
    kept = str(rows(bot, t.sign_in_failures) + rows(bot, t.audit))
    assert "mistake" not in kept and "192.0.2.77" not in kept
    assert "sign_in_refused" in kept
