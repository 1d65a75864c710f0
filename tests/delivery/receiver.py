"""The plan's side of a webhook, over a real socket: checks signatures with the specification's own library, and
answers, or does not, as a script has it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from standardwebhooks import Webhook

SECRET = "whsec_" + "c2l4dGVlbiBvciBtb3JlIHNlY3JldCBieXRlcw=="
OLD_SECRET = "whsec_" + "YW5vdGhlciBvbmUsIG9mIGJlZm9yZSBpdCB3YXMgY2hhbmdlZA=="

# What becomes of one request: a status; nothing is ever answered; the connection breaks before it is taken, after it,
# or in the middle of the answer; the answer comes a byte at a time.
Fault = int | Literal["hang", "drop_before", "drop_after", "midway", "trickle", "redirect"]


@dataclass
class Received:
    """One request that was taken: its id, and what it says."""

    id: str
    event: dict[str, Any]


@dataclass
class Receiver:
    """What arrived, in order, repeats too; `faults` are used up, one a request."""

    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    requests: int = 0
    headers: dict[str, str] = field(default_factory=dict)  # of the last request
    retry_after: str = ""
    secret: str = SECRET
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def first_arrivals(self) -> list[Received]:
        """Without repeats: what a receiver does that knows them by their id."""
        return list({one.id: one for one in reversed(self.received)}.values())[::-1]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.requests += 1
        receiver.headers = dict(self.headers)
        fault = receiver.faults.pop(0) if receiver.faults else 200
        if fault == "drop_before":
            return self._drop()
        if fault == "hang":
            receiver.over.wait(60)
            return self._drop()
        if fault in (200, "drop_after", "midway", "trickle"):
            event = Webhook(receiver.secret).verify(body, dict(self.headers))
            receiver.received.append(Received(self.headers["webhook-id"], event))
        if fault == "drop_after":
            return self._drop()
        self._answer(fault)

    def do_GET(self) -> None:
        self._answer(404)

    def _answer(self, fault: Fault) -> None:
        receiver = self.server.receiver
        status = fault if isinstance(fault, int) else 302 if fault == "redirect" else 200
        self.send_response(status)
        if receiver.retry_after:
            self.send_header("Retry-After", receiver.retry_after)
        if fault == "redirect":
            self.send_header("Location", receiver.url)
        self.send_header("Content-Length", "9")
        self.end_headers()
        if fault == "midway":
            self.wfile.write(b"half")
            return self._drop()
        if fault == "trickle":
            for _ in range(8):
                self.wfile.write(b".")
                self.wfile.flush()
                receiver.over.wait(0.2)
            return self._drop()
        self.wfile.write(json.dumps({"a": 1}).encode().ljust(9))

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_args: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    receiver: Receiver
    daemon_threads = True

    def handle_error(self, *_args: object) -> None:
        """Connections broken on purpose."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver while it is needed."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.receiver = Receiver(f"http://127.0.0.1:{server.server_port}/records")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.receiver
        finally:
            server.receiver.over.set()
            server.shutdown()
            thread.join()
