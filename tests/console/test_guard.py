"""What stands before every page: a declared permission, forms of our own, headers; whoever asks."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from bot.bootstrap import Bot
from bot.staff import MAY, ROLES
from tests.console.browser import Browser, add_staff
from tests.console.conftest import SignedIn
from tests.webhooks.fake_bot import FakeBot
from webhooks.app import create_app
from webhooks.console.frame import Undeclared, console, needed_for

POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console.")]


def path_of(rule: Rule) -> str:
    return re.sub(r"<[^>]+>", "0", rule.rule)


def methods_of(rule: Rule) -> list[str]:
    return sorted({"GET", "POST"} & (rule.methods or set()))


def test_a_route_that_does_not_say_who_may_open_it_is_not_mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = [*console.deferred_functions, lambda state: state.add_url_rule("/open", "open", lambda: "all")]
    monkeypatch.setattr(console, "deferred_functions", planted)
    with pytest.raises(Undeclared, match=r"console\.open"):
        create_app(FakeBot())


def test_strangers_may_sign_in_and_nothing_else(app: Flask) -> None:
    free = {rule.endpoint for rule in rules(app) if needed_for(app, rule.endpoint) == "nothing"}
    assert free == {
        "console.static", "console.sign_in", "console.take_sign_in", "console.start_oidc", "console.finish_oidc",
    }  # fmt: skip
    for rule in rules(app):
        if rule.endpoint not in free:
            for method in methods_of(rule):
                answer = app.test_client().open(path_of(rule), method=method)
                assert answer.status_code == 303, rule
                assert answer.headers["Location"].startswith("/console/sign-in"), rule


@pytest.mark.parametrize("role", ROLES)
def test_no_role_gets_past_what_it_may(app: Flask, signed_in: SignedIn, role: str) -> None:
    browser = signed_in(role)
    for rule in rules(app):
        needed = needed_for(app, rule.endpoint)
        if needed in ("nothing", "signed_in"):
            continue
        for method in methods_of(rule):
            send = browser.get if method == "GET" else browser.post
            refused = send(path_of(rule)).status_code == 403
            assert refused == (needed not in MAY[role]), (rule, method)  # type: ignore[index]


def test_every_form_needs_the_token_of_this_very_session(app: Flask, signed_in: SignedIn) -> None:
    browser, other = signed_in("admin"), signed_in("admin")
    for rule in rules(app):
        if "POST" not in methods_of(rule) or rule.endpoint == "console.take_sign_in":
            continue
        for token in (None, "x", "é", other.csrf()):
            assert browser.post(path_of(rule), csrf=token).status_code == 403, (rule, token)
    assert browser.get("/console/nowhere").status_code == 404  # still signed in


def test_htmx_sends_the_token_as_a_header(signed_in: SignedIn) -> None:
    browser = signed_in("agent")
    held = re.search(r"hx-headers='\{\"X-CSRF-Token\": \"([^\"]+)\"\}'", browser.get("/console/nowhere").text)
    assert held is not None and held[1] == browser.csrf()
    assert browser.post("/console/sign-out", csrf=None, headers={"X-CSRF-Token": held[1]}).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_another_site_is_refused_with_and_without_a_session(
    app: Flask, signed_in: SignedIn, headers: dict[str, str]
) -> None:
    browser = signed_in("agent")
    assert browser.post("/console/sign-out", headers=headers).status_code == 403
    assert browser.get("/console/nowhere").status_code == 404
    stranger = Browser(app, headers=headers)
    assert stranger.sign_in("agent").status_code == 403
    assert stranger.cookie == ""


@pytest.mark.parametrize("headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {}])
def test_a_form_of_ours_is_taken(signed_in: SignedIn, headers: dict[str, str]) -> None:
    assert signed_in("agent").post("/console/sign-out", headers=headers).status_code == 303


@pytest.mark.parametrize("role", ROLES)
def test_every_page_carries_the_strict_policy_and_keeps_to_it(app: Flask, signed_in: SignedIn, role: str) -> None:
    browser = signed_in(role)
    paths = ["/console/sign-in", *(path_of(rule) for rule in rules(app) if "GET" in methods_of(rule))]
    for path in paths:
        for answer in (browser.get(path), Browser(app).get(path)):
            assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY, path
            assert answer.headers["Referrer-Policy"] == "same-origin", path
            assert answer.headers["X-Frame-Options"] == "DENY", path
            if answer.mimetype == "text/html":
                assert not re.search(r"<style|\sstyle=|<script(?! src=)|\son\w+=|javascript:", answer.text), path


def test_what_is_read_is_kept_by_no_cache(signed_in: SignedIn) -> None:
    assert signed_in("agent").get("/console/nowhere").headers["Cache-Control"] == "no-store"


def test_pages_of_strangers_and_of_staff_need_no_script(app: Flask, signed_in: SignedIn) -> None:
    for text in (Browser(app).get("/console/sign-in").text, signed_in("lead").get("/console/nowhere").text):
        assert '<main id="main"' in text and 'href="#main"' in text and 'role="status"' in text
        assert '"allowEval":false' in text


def test_the_frame_is_what_its_role_may_open(signed_in: SignedIn) -> None:
    text = signed_in("agent").get("/console/nowhere").text
    assert '<span class="name">Agent</span> <span class="role">agent</span>' in text
    assert ">Users<" not in text and ">Audit<" not in text


def test_a_script_in_a_name_is_only_a_name(app: Flask, bot: Bot) -> None:
    add_staff(bot, "mallory", "agent", """<script>alert(1)</script>'"><img src=x onerror=alert(1)>""")
    browser = Browser(app)
    browser.sign_in("mallory")
    text = browser.get("/console/nowhere").text
    assert "<script>" not in text and "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#39;&#34;&gt;" in text


def test_a_refusal_of_a_part_of_a_page_goes_where_it_is_announced(signed_in: SignedIn) -> None:
    answer = signed_in("agent").get("/console/nowhere", **{"HX-Request": "true"})
    assert (404, "#status") == (answer.status_code, answer.headers["HX-Retarget"])
    assert "<html" not in answer.text


def test_records_that_are_away_are_said_to_be(app: Flask, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    import webhooks.console.sessions

    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception())

    browser = signed_in("agent")
    monkeypatch.setattr(webhooks.console.sessions.records, "session_of", away)
    answer = browser.get("/console/nowhere")
    assert answer.status_code == 503 and "Records are away" in answer.text


@pytest.mark.parametrize(("path", "status"), [("/console/c/%00", 404), ("/console/people?told=%00", 400)])
def test_a_nul_is_refused_before_it_meets_the_database(signed_in: SignedIn, path: str, status: int) -> None:
    assert signed_in("agent").get(path).status_code == status


def test_a_stranger_cannot_sign_in_with_a_nul(app: Flask) -> None:
    assert Browser(app).sign_in("ag\0ent").status_code == 400
