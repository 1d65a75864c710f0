"""Signing in with an OpenID provider: a real one, in a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.bootstrap import Bot
from bot.config import Secret, Settings, SettingsRefused, ensure_keys, load_settings
from bot.records import staff as records
from bot.records import tables as t
from tests.peers import node_peer
from tests.phone import Clock, count, rows
from webhooks.app import create_app
from webhooks.console.identity import NotVouched, Provider, ProviderAway, Secrets

CALLBACK = "http://localhost/console/oidc/callback"
SECRET = "a secret of theirs and ours"
OURS = Secrets("the state of this browser", "the nonce of this browser", "v" * 64)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    library = node_peer("oidc-provider/lib/index.js")
    script = Path(__file__).with_name("provider.mjs")
    process = subprocess.Popen(
        ["node", script, library, CALLBACK], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


@pytest.fixture
def settings(bot: Bot, issuer: str) -> Settings:
    return replace(
        bot.settings,
        oidc_issuer=issuer,
        oidc_client_id="carestart",
        oidc_client_secret=Secret(SECRET),
        oidc_roles=(("line-leads", "lead"), ("line-agents", "agent")),
    )


@pytest.fixture
def app(bot: Bot, settings: Settings) -> Flask:
    return create_app(replace(bot, settings=settings))


def there_and_back(address: str, login: str) -> str:
    """What a browser does at the provider; where it is sent back to."""
    with requests.Session() as session:
        while not address.startswith(CALLBACK):
            if "/interaction/" in address:
                address += f"?login={login}"
            answer = session.get(address, allow_redirects=False, timeout=10)
            assert answer.is_redirect, answer.text
            address = urljoin(address, answer.headers["Location"])
    return address


def start(client: FlaskClient, next: str = "") -> str:
    answer = client.get("/console/oidc/start", query_string={"next": next})
    assert answer.status_code == 303
    return answer.headers["Location"]


def sign_in(client: FlaskClient, login: str, next: str = "") -> TestResponse:
    return client.get(there_and_back(start(client, next), login))


def is_in(client: FlaskClient) -> bool:
    return client.get("/console/nowhere").status_code == 404


def test_whom_the_provider_vouches_for_is_in_with_the_role_of_the_first_group_that_gives_one(
    app: Flask, bot: Bot
) -> None:
    client = app.test_client()
    answer = sign_in(client, "lena", "/console/nowhere")
    assert (303, "/console/nowhere") == (answer.status_code, answer.headers["Location"])
    assert '<span class="name">Lena Marsh</span> <span class="role">lead</span>' in client.get("/console/nowhere").text
    (account,) = rows(bot, t.staff)
    assert account.password_hash is None
    again = app.test_client()
    assert sign_in(again, "lena").status_code == 303
    assert count(bot, t.staff) == 1


def test_the_request_carries_state_nonce_and_a_challenge_and_none_of_the_secrets(app: Flask) -> None:
    client = app.test_client()
    asked = parse_qs(urlsplit(start(client)).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["redirect_uri"] == [CALLBACK]
    assert len(asked["state"][0]) >= 43 and len(asked["nonce"][0]) >= 43
    cookie = client.get_cookie("carestart_console_oidc", path="/console/oidc")
    assert cookie is not None and cookie.http_only and asked["state"][0] not in cookie.value


def test_who_has_no_group_with_a_role_is_not_in(app: Flask, bot: Bot) -> None:
    client = app.test_client()
    assert sign_in(client, "zoe").status_code == 403
    assert not is_in(client) and count(bot, t.staff) == 0
    assert ["no_role"] == [row.detail for row in rows(bot, t.audit)]


def test_who_is_disabled_here_is_not_in_whatever_the_provider_says(app: Flask, bot: Bot) -> None:
    client = app.test_client()
    sign_in(client, "rosa")
    assert is_in(client)
    with bot.records.begin() as conn:
        records.set_active(conn, rows(bot, t.staff)[0].id, False)
    assert not is_in(client)
    assert sign_in(app.test_client(), "rosa").status_code == 403


def test_another_role_there_is_another_role_here_and_ends_the_sessions_before(
    app: Flask, bot: Bot, settings: Settings
) -> None:
    client = app.test_client()
    sign_in(client, "rosa")
    promoted = create_app(replace(bot, settings=replace(settings, oidc_roles=(("line-agents", "auditor"),))))
    sign_in(promoted.test_client(), "rosa")
    assert "auditor" == rows(bot, t.staff)[0].role
    assert not is_in(client)


def test_an_answer_that_another_browser_asked_for_is_refused(app: Flask) -> None:
    back = there_and_back(start(app.test_client()), "rosa")
    stranger, other = app.test_client(), app.test_client()
    start(other)
    for victim in (stranger, other):
        assert victim.get(back).status_code == 403
        assert not is_in(victim)


def test_an_answer_serves_once_and_for_ten_minutes(app: Flask, clock: Clock) -> None:
    client = app.test_client()
    address = start(client)
    cookie = client.get_cookie("carestart_console_oidc", path="/console/oidc")
    assert cookie is not None
    back = there_and_back(address, "rosa")
    assert client.get(back).status_code == 303
    again = app.test_client()
    again.set_cookie("carestart_console_oidc", cookie.value, path="/console/oidc")
    assert again.get(back).status_code == 403
    late = app.test_client()
    back = there_and_back(start(late), "rosa")
    clock.now += 601
    assert late.get(back).status_code == 403


@pytest.mark.parametrize("change", [{"iss": "https://evil.example"}, {"code": "guessed"}, {"code": ""}, {"state": ""}])
def test_an_answer_that_was_tampered_with_is_refused(app: Flask, change: dict[str, str]) -> None:
    client = app.test_client()
    parts = urlsplit(there_and_back(start(client), "rosa"))
    given = {name: values[0] for name, values in parse_qs(parts.query).items()} | change
    assert client.get(f"{parts.path}?{urlencode(given)}").status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize(
    "other", [replace(OURS, nonce="of another browser"), replace(OURS, verifier="w" * 64)], ids=["nonce", "verifier"]
)
def test_an_answer_to_another_nonce_or_without_the_verifier_is_not_believed(settings: Settings, other: Secrets) -> None:
    provider = Provider(settings, CALLBACK)

    def code() -> str:
        return parse_qs(urlsplit(there_and_back(provider.address(OURS), "rosa")).query)["code"][0]

    assert ("Rosa Hill", "agent") == (provider.vouched(code(), OURS).name, provider.vouched(code(), OURS).role)
    with pytest.raises(NotVouched):
        provider.vouched(code(), other)


def test_a_provider_that_is_away_or_another_is_said_to_be_away(bot: Bot, settings: Settings, issuer: str) -> None:
    for address in ("http://127.0.0.1:9", issuer + "/", issuer + "/nowhere"):
        elsewhere = replace(settings, oidc_issuer=address)
        with pytest.raises(ProviderAway):
            Provider(elsewhere, CALLBACK).address(OURS)
        answer = create_app(replace(bot, settings=elsewhere)).test_client().get("/console/oidc/start")
        assert answer.status_code == 503 and "away" in answer.text


def test_the_sign_in_page_leads_there_only_where_there_is_a_provider(app: Flask, bot: Bot) -> None:
    assert "/console/oidc/start" in app.test_client().get("/console/sign-in").text
    without = create_app(bot).test_client()
    assert "/console/oidc/start" not in without.get("/console/sign-in").text
    assert without.get("/console/oidc/start").status_code == 404
    assert without.get("/console/oidc/callback").status_code == 404


def test_a_provider_needs_all_its_settings(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    given = {
        "OIDC_ISSUER": "https://id.example.org",
        "OIDC_CLIENT_ID": "carestart",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_ROLES": "line-leads = lead, Line Agents=agent",
    }
    assert load_settings(given, tmp_path).oidc_roles == (("line-leads", "lead"), ("Line Agents", "agent"))
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES"):
        with pytest.raises(SettingsRefused, match="OIDC_ISSUER"):
            load_settings(given | {name: ""}, tmp_path)
    for wrong in ("line=king", "=lead", "lead"):
        with pytest.raises(SettingsRefused, match="OIDC_ROLES"):
            load_settings(given | {"OIDC_ROLES": wrong}, tmp_path)
