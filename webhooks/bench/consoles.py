"""Open consoles as their browsers are to the server: signed in over HTTP, then htmx asking again and again."""

from __future__ import annotations

import asyncio
import html
import http.client
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from bot import passwords
from bot.bootstrap import Bot
from bot.records import staff as accounts
from webhooks.bench.failure import BenchFailed
from webhooks.bench.texts import FORM

QUEUE, NOT_THEIRS = "/console/queue", "/console/users"  # an agent may open the first
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_POLLED = re.compile(r'id="now"[^>]* hx-get="([^"]+)"')
_WAITING = re.compile(rb'<h2 id="open">Waiting <span class="badge">(\d+)</span>')

Check = Callable[[bytes], bool]  # of the body


@dataclass(frozen=True, slots=True)
class Asked:
    """What one console asks, and what must answer it."""

    request: bytes
    status: int
    check: Check


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody of staff at a browser of theirs: the cookie it sends."""

    port: int
    cookie: str

    def get(self, target: str, status: int, check: Check) -> Asked:
        """As htmx asks for a part of the page it is on."""
        head = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\nHX-Request: true\r\n\r\n"
        return Asked(head.encode(), status, check)

    def refresh(self, waiting: int) -> Asked:
        """The queue, of which every conversation must be there."""
        return self.get(f"{QUEUE}?reason=&language=", 200, lambda body: shows(body, waiting))

    def floor(self) -> Asked:
        """The least a page for somebody signed in can cost: who it is, and that they may not open it."""
        return self.get(NOT_THEIRS, 403, lambda body: b"Your role does not allow this" in body)

    def open_case(self, conversation: str) -> Asked:
        """Open a conversation; what its page then asks for, which nothing answers while nothing changes."""
        page = self._page(f"/console/c/{conversation}")
        polled = _POLLED.search(page)
        if polled is None:
            raise BenchFailed("the page of a conversation does not ask for what is new")
        return self.get(html.unescape(polled[1]), 204, lambda body: not body)

    def open_queue(self) -> None:
        self._page(QUEUE)

    def _page(self, target: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", target, headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        if answer.status != 200:
            raise BenchFailed(f"{target.rpartition('/')[0]} answered {answer.status}")
        return body


def shows(body: bytes, waiting: int) -> bool:
    """Whether this is the queue with so many that wait, each a link."""
    counted = _WAITING.search(body)
    return counted is not None and int(counted[1]) == waiting <= body.count(b'<a href="/console/c/')


def sign_in(bot: Bot, port: int, count: int, told: Callable[[], None]) -> list[Signed]:
    """Accounts for so many agents, and each signed in as a browser does it. Raises BenchFailed."""
    password = secrets.token_urlsafe(16)
    stored = passwords.hashed(password)
    signed = []
    for number in range(1, count + 1):
        name = f"bench{number}"
        with bot.records.begin() as conn:
            accounts.add(conn, name, f"Bench {number}", "agent", stored, bot.clock())
        signed.append(Signed(port, _cookie(port, name, password)))
        told()
    return signed


def _cookie(port: int, name: str, password: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    form = urlencode({"sign_in": name, "password": password, "next": ""})
    connection.request("POST", "/console/sign-in", form, {"Content-Type": FORM})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
    if answer.status != 303 or not cookie:
        raise BenchFailed(f"signing in was answered with {answer.status}")
    return cookie


# --- connections ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection that is kept open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, asked: Asked) -> int:
        """How many bytes came. Raises BenchFailed where the answer is not the expected one."""
        self.writer.write(asked.request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await self.reader.readexactly(int(length[1])) if length is not None else b""
        if not head.startswith(b"HTTP/1.1 %d " % asked.status) or not asked.check(body):
            line = head.split(b"\r\n", 1)[0].decode()
            raise BenchFailed(f"the console should have answered {asked.status}, and as expected; it said {line}")
        return len(head) + len(body)

    async def every(self, period: float, asked: Asked, first: float, until: float, times: list[float]) -> None:
        """Ask at `first` (performance counter) and then every `period` seconds until `until`. What is asked late,
        because the answer before it was, counts from when it was due."""
        due = first
        while due < until:
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            began = time.perf_counter() if early > 0 else due
            await self.ask(asked)
            times.append(time.perf_counter() - began)
            due += period

    async def again_and_again(self, asked: Asked, until: float, times: list[float]) -> None:
        """Ask whenever there is an answer."""
        began = time.perf_counter()
        while began < until:
            await self.ask(asked)
            times.append((now := time.perf_counter()) - began)
            began = now


def answer_bytes(port: int, asked: Asked) -> int:
    """How many bytes one answer has, its head included."""

    async def ask() -> int:
        async with connections(port, 1) as one:
            return await one[0].ask(asked)

    return asyncio.run(ask())


@asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[list[Connection]]:
    opened = [Connection(*await asyncio.open_connection("127.0.0.1", port, limit=2**20)) for _ in range(count)]
    try:
        yield opened
    finally:
        for one in opened:
            one.writer.close()
