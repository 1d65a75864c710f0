"""Twilio's Messages resource as a fake with a memory: what it took it delivers, reports on and never forgets. Asked in
this process (`InProcess`) or over a real socket (`serve`)."""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

from tests.webhooks.fake_bot import ACCOUNT, BASE, TOKEN

API = "https://api.twilio.com"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
HTTP_STATUS = {20003: 401, 20429: 429}


@dataclass(frozen=True, slots=True)
class How:
    """How one request is met. `takes`: the text goes out; `says`: its answer, an error code, an HTTP status, or none
    at all: it hangs, or the connection breaks after or before the request was read. `fate`: what becomes of the text,
    `delivered` or the code for why it did not arrive."""

    takes: bool = True
    says: str | int = "accepted"
    fate: str | int = "delivered"


def refuses(code: int) -> How:
    return How(takes=False, says=code)


BUSY = refuses(20429)
HANGS = How(says="hangs")  # it took the text, and its answer comes too late
FAILS = How(says=500)
BREAKS = How(says="breaks")
BREAKS_BEFORE_READING = How(takes=False, says="breaks before reading")
UNREACHABLE = How(takes=False, says="unreachable")  # in this process only: no connection is made


@dataclass(frozen=True, slots=True)
class Sms:
    """One text that went out."""

    sid: str
    outbox: str
    to: str
    body: str
    fate: str | int


@dataclass
class FakeTwilio:
    """`script`: how the next requests are met; accepted and delivered when it is empty."""

    script: deque[How] = field(default_factory=deque)
    requests: list[dict[str, str]] = field(default_factory=list)
    taken: list[Sms] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def next(self) -> How:
        return self.script.popleft() if self.script else How()

    def meet(self, how: How, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Take the text or not; HTTP status and body of the answer."""
        self.requests.append(form)
        sid = f"SM{len(self.requests):032x}"
        if how.takes:
            url = urlsplit(form["StatusCallback"])
            assert f"{BASE}/webhooks/sms/status" == f"{url.scheme}://{url.netloc}{url.path}"
            [outbox] = parse_qs(url.query)["outbox"]
            self.taken.append(Sms(sid, outbox, form["To"], form["Body"], how.fate))
        if how.says == 500:
            return 500, {"code": 20500, "message": "Internal error", "status": 500}
        if isinstance(how.says, int):
            return HTTP_STATUS.get(how.says, 400), {"code": how.says, "message": "words that may change"}
        return 201, {"sid": sid, "status": "queued"}


def reports_on(sms: Sms) -> list[dict[str, str]]:
    """The status callbacks about a text, in the order in which things happened."""
    if sms.fate == "delivered":
        ends = {"MessageStatus": "delivered"}
    else:
        ends = {"MessageStatus": "undelivered", "ErrorCode": str(sms.fate)}
    about = {"MessageSid": sms.sid, "AccountSid": ACCOUNT, "To": sms.to, "ApiVersion": "2010-04-01"}
    return [{**about, **status} for status in ({"MessageStatus": "queued"}, {"MessageStatus": "sent"}, ends)]


class InProcess(HttpClient):
    """Twilio's client talks to the fake by a call; what would be lost on the way is lost."""

    def __init__(self, fake: FakeTwilio) -> None:
        self.fake = fake

    def request(self, method: str, uri: str, params=None, data=None, **_more) -> Response:  # type: ignore[no-untyped-def]
        assert ("POST", API + PATH) == (method, uri)
        how = self.fake.next()
        if how.says == "unreachable":
            raise requests.ConnectTimeout
        if how.says == "breaks before reading":
            raise requests.ConnectionError
        status, body = self.fake.meet(how, data)
        if how.says == "hangs":
            raise requests.ReadTimeout
        if how.says == "breaks":
            raise requests.ConnectionError
        return Response(status, json.dumps(body))


class Loopback(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's own HTTP client, to another address."""

    def __init__(self, base: str, **options: Any) -> None:
        super().__init__(pool_connections=False, **options)
        self.base = base

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Response:
        assert url.startswith(API + "/"), url
        return super().request(method, self.base + url.removeprefix(API), *rest, **more)


@contextmanager
def serve(fake: FakeTwilio) -> Iterator[str]:
    """Serve the fake on a port of this computer; its address."""

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            self.how = fake.next()
            if self.how.says != "breaks before reading":
                super().handle()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            password = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
            assert (PATH, f"Basic {password}") == (self.path, self.headers["Authorization"])
            status, answer = fake.meet(self.how, {name: value for name, [value] in parse_qs(body).items()})
            if self.how.says == "hangs":
                fake.released.wait(10)
            if self.how.says not in ("hangs", "breaks"):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        fake.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
