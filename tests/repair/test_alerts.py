"""Danger: staff on call are told at once, by webhook or email, until it has arrived; and nothing of the member."""

from __future__ import annotations

import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.alerting import SIGNATURE
from bot.bootstrap import Bot
from bot.config import Secret
from bot.outbound import Simulator
from bot.records import tables as t
from bot.worker import work_once
from tests.phone import Clock, Phone, bot_on, count, rows

DANGER = "my chest hurts and I can't breathe"


class Receiver(HTTPServer):
    """An on-call service: fails as often as told, then takes what comes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.failing = 0
        self.taken: list[tuple[dict[str, Any], str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/oncall"


class _Take(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.failing:
            self.server.failing -= 1
            self.send_response(500)
        else:
            self.server.taken.append((json.loads(body), self.headers.get(SIGNATURE, ""), body))
            self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with served(receiver):
        yield receiver


@pytest.fixture
def alerting(tmp_path: Path, redis_url: str, sample: Path, clock: Clock, receiver: Receiver, bot: Bot) -> Iterator[Bot]:
    known = {"oncall_webhook_url": Secret(receiver.url), "oncall_webhook_secret": Secret("whsec")}
    with bot_on(tmp_path / "alerting", redis_url, clock, sample, **known) as made:
        yield made


def test_staff_are_told_at_once_and_the_member_is_told_so(alerting: Bot, clock: Clock, receiver: Receiver) -> None:
    reply = Phone(alerting, clock).text(DANGER)
    assert reply is not None and "911" in reply and "care team" in reply
    work_once(alerting, Simulator())
    work_once(alerting, Simulator())
    [(told, signature, body)] = receiver.taken
    assert ("urgent_handoff", "crisis_medical") == (told["event"], told["reason"])
    assert f"sha256={hmac.new(b'whsec', body, hashlib.sha256).hexdigest()}" == signature
    [handoff] = rows(alerting, t.handoffs)
    assert handoff.urgent
    assert {"event", "alert", "reason", "conversation", "at"} == set(told)


def test_an_alert_that_does_not_arrive_is_sent_again(alerting: Bot, clock: Clock, receiver: Receiver) -> None:
    receiver.failing = 2
    Phone(alerting, clock).text(DANGER)
    for _ in range(4):
        work_once(alerting, Simulator())
        clock.now += 30
    assert 1 == len(receiver.taken)
    assert [("sent", 3)] == [(row.state, row.attempts) for row in rows(alerting, t.alerts)]


def test_where_nobody_can_be_told_nobody_is_promised(bot: Bot, phone: Phone) -> None:
    reply = phone.text(DANGER)
    assert reply is not None and "911" in reply and "care team" not in reply
    assert 0 == count(bot, t.alerts)
    assert [True] == [row.urgent for row in rows(bot, t.handoffs)]


def test_after_an_opt_out_staff_are_told_and_the_member_hears_nothing(
    alerting: Bot, clock: Clock, receiver: Receiver
) -> None:
    phone = Phone(alerting, clock)
    phone.texts("hi", "STOP")
    assert None is phone.text(DANGER)
    work_once(alerting, Simulator())
    assert 1 == len(receiver.taken)


class MailServer(socketserver.TCPServer):
    """Speaks just enough SMTP to take one message."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.messages: list[str] = []


class _Mail(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 ready")
        for line in self.rfile:
            match line.decode().split()[0].upper():
                case "DATA":
                    self.say("354 go on")
                    self.server.messages.append(self.message())
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def message(self) -> str:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.decode())
        return "".join(lines)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def test_staff_are_told_by_email(tmp_path: Path, redis_url: str, sample: Path, clock: Clock, bot: Bot) -> None:
    server = MailServer()
    known = {"oncall_email": "oncall@example.org", "smtp_url": Secret(f"smtp://127.0.0.1:{server.server_address[1]}")}
    with served(server), bot_on(tmp_path / "mailing", redis_url, clock, sample, **known) as mailing:
        phone = Phone(mailing, clock)
        phone.text("I took all my pills")
        work_once(mailing, Simulator())
        [message] = server.messages
        assert "URGENT" in message and "crisis_overdose" in message
        assert phone.number not in message and "pills" not in message
