"""What every answer has in common: no detail for strangers, safe headers, a request id; and whether we are well."""

import pytest

import webhooks.health
from tests.twilio.signed import post
from tests.webhooks.fake_bot import FakeBot, FakeSettings
from webhooks.app import create_app


@pytest.fixture
def client(turn):
    return create_app(FakeBot()).test_client()


def test_it_says_that_it_is_alive(client):
    response = client.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


@pytest.mark.parametrize(
    ("parts", "status"),
    [({"redis": True, "sql": True, "content": True}, 200), ({"redis": False, "sql": True, "content": True}, 503)],
)
def test_it_says_whether_it_can_serve(client, monkeypatch, parts, status):
    monkeypatch.setattr(webhooks.health, "readiness", lambda bot: parts)
    response = client.get("/readyz")
    assert (response.status_code, response.json) == (status, parts)


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/webhooks/sms"])
def test_every_answer_carries_the_safe_headers(client, path):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_every_answer_has_an_id_of_our_own(client):
    ids = {client.get("/healthz", headers={"X-Request-Id": "theirs"}).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3
    assert "theirs" not in ids


@pytest.mark.parametrize("path", ["/nowhere", "/simulator/", "/webhooks/sms/nowhere"])
def test_an_unknown_page_says_no_more_than_that(client, path):
    response = client.get(path)
    assert (response.status_code, response.text) == (404, "Not Found\n")


def test_a_failure_of_ours_tells_the_caller_nothing(client, turn):
    turn.failure = LookupError("Maria Lopez, born 1985-03-04")
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    response = post(client)
    assert (response.status_code, response.text) == (500, "Internal Server Error\n")
    assert turn.handed_over == []


def test_the_simulator_is_there_only_where_it_is_switched_on():
    def routes(on):
        return {rule.rule for rule in create_app(FakeBot(FakeSettings(simulator=on))).url_map.iter_rules()}

    assert "/simulator/" not in routes(False)
    assert "/simulator/" in routes(True)
