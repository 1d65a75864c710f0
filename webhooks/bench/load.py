"""The load generator: members on keep-alive connections who write once they are answered; every answer is checked."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from webhooks.bench.failure import BenchFailed
from webhooks.bench.texts import Exchange

Source = Callable[[], Exchange]  # the next thing one member sends
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What one stretch of load took: every answer's time in seconds, and the stretch's own."""

    times: list[float]
    elapsed: float


@dataclass(slots=True)
class Lines:
    """Open connections, one a member; the same ones carry the floor and the product."""

    members: Sequence[Member]

    async def run(self, sources: Sequence[Source], seconds: float) -> Sample:
        """Let every member write until `seconds` are over. Raises BenchFailed at the first unexpected answer."""
        times: list[float] = []
        began = time.perf_counter()
        turns = [
            member.write(source, began + seconds, times) for member, source in zip(self.members, sources, strict=True)
        ]
        async with asyncio.timeout(seconds + _ANSWER_SECONDS):
            await asyncio.gather(*turns)
        return Sample(times, time.perf_counter() - began)

    async def once(self, source: Source) -> float:
        """One exchange of the first member; seconds."""
        times: list[float] = []
        await self.members[0].write(source, 0.0, times)
        return times[0]


@asynccontextmanager
async def lines(port: int, count: int) -> AsyncIterator[Lines]:
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(Member, "127.0.0.1", port) for _ in range(count)]
    try:
        yield Lines([member for _, member in opened])
    finally:
        for transport, _ in opened:
            transport.close()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without pauses of our own garbage collector, which would be measured as the server's."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


class Member(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, compares it, sends the next."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._stretch: _Stretch | None = None
        self._received = b""

    def write(self, source: Source, until: float, times: list[float]) -> asyncio.Future[None]:
        """Send at least one request, and go on until the performance counter says `until`."""
        self._stretch = _Stretch(source, until, times, asyncio.get_running_loop().create_future())
        self._send(self._stretch)
        return self._stretch.done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the server closed the connection: {exc or 'no reason'}")

    def data_received(self, data: bytes) -> None:
        self._received += data
        stretch, body = self._stretch, self._whole_answer()
        if body is None or stretch is None or stretch.done.done():
            return
        now = time.perf_counter()
        stretch.times.append(now - stretch.sent)
        if body != stretch.exchange.expected or not self._received.startswith(b"HTTP/1.1 200"):
            self._fail(_difference(stretch.exchange, self._received))
        elif now >= stretch.until:
            self._received = b""
            stretch.done.set_result(None)
        else:
            self._send(stretch)

    def _send(self, stretch: _Stretch) -> None:
        self._received = b""
        stretch.exchange = stretch.source()
        assert self._transport is not None
        stretch.sent = time.perf_counter()
        self._transport.write(stretch.exchange.request)

    def _whole_answer(self) -> bytes | None:
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return None
        length = _LENGTH.search(head)
        if length is None:
            self._fail(f"an answer without Content-Length: {head.decode('latin-1')}")
            return None
        return body if len(body) >= int(length[1]) else None

    def _fail(self, reason: str) -> None:
        if self._stretch is not None and not self._stretch.done.done():
            self._stretch.done.set_exception(BenchFailed(reason))


@dataclass(slots=True)
class _Stretch:
    source: Source
    until: float
    times: list[float]
    done: asyncio.Future[None]
    sent: float = 0.0
    exchange: Exchange = field(default=Exchange(b"", b""))


def _difference(exchange: Exchange, received: bytes) -> str:
    return (
        "an answer was not the expected one\n"
        f"sent:     {exchange.request.decode()}\n"
        f"expected: {exchange.expected.decode()}\n"
        f"came:     {received.decode(errors='replace')}"
    )
