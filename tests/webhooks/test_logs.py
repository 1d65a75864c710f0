"""Log lines are JSON with ids and times, and hold nothing of what a member said or is reached by."""

import json
import logging

import pytest

from tests.twilio.signed import SID, post, sms_form
from tests.webhooks.fake_bot import FakeBot
from webhooks.app import create_app
from webhooks.logs import StderrLines, log_json_lines


@pytest.fixture
def client(turn):
    app = create_app(FakeBot())
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app.test_client()


@pytest.fixture
def lines(capsys):
    def read():
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return read


PRIVATE = ["13175550123", "13175550199", "my chest", "hurts", "46204", "secret-query", "INDIANAPOLIS"]


def test_an_access_line_has_the_message_id_and_nothing_private(client, turn, capsys):
    post(client, "/webhooks/sms?note=secret-query", sms_form(Body="my chest hurts"))
    written = capsys.readouterr().err
    assert not [word for word in PRIVATE if word in written]
    line = json.loads(written.splitlines()[-1])
    assert (line["event"], line["message"], line["route"], line["status"]) == ("request", SID, "/webhooks/sms", 200)
    assert line["ms"] >= 0


def test_a_failure_is_logged_with_its_place_but_not_its_words(client, turn, capsys):
    turn.failure = LookupError("my chest hurts")
    turn.failure.__cause__ = ValueError("+13175550123")
    post(client, "/webhooks/sms?note=secret-query", sms_form(Body="my chest hurts"))
    written = capsys.readouterr().err
    assert not [word for word in PRIVATE if word in written]
    failure, access = (json.loads(line) for line in written.splitlines())
    assert failure["error"] == "LookupError from ValueError"
    assert "fake_bot.py" in failure["where"][-1]
    assert failure["request"] == access["request"]
    assert access["status"] == 500


def test_a_strangers_path_and_headers_are_not_logged(client, capsys):
    client.get("/+13175550123/INDIANAPOLIS?secret-query", headers={"X-Request-Id": "secret-query"})
    assert not [word for word in PRIVATE if word in capsys.readouterr().err]


@pytest.mark.parametrize(("status", "reason"), [(403, "signature"), (400, "malformed_MessageSid")])
def test_a_refusal_says_why_in_the_log_only(client, lines, status, reason):
    options = {"signature": "x"} if status == 403 else {"fields": sms_form(MessageSid="x")}
    assert post(client, **options).status_code == status
    assert lines()[-1]["refused"] == reason


def test_of_a_librarys_message_only_the_template_is_written(lines):
    log_json_lines()
    logging.getLogger("some.library").warning("cannot reach %s", "+13175550123")
    logging.getLogger("bot.turn").info("turn %s", "taken")
    assert [line["event"] for line in lines()] == ["cannot reach %s", "turn taken"]


def test_logging_is_set_up_once_however_often_it_is_asked_for():
    log_json_lines()
    log_json_lines()
    assert sum(isinstance(handler, StderrLines) for handler in logging.getLogger().handlers) == 1
