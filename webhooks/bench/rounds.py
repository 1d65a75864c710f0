"""Floor and product in turns, on the same connections of the same processes; a long conversation beside a young one."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Callable, Sequence

import msgspec

from webhooks.bench.conversations import Conversations, Talker
from webhooks.bench.failure import BenchFailed
from webhooks.bench.load import Lines, Sample, Source, lines, undisturbed
from webhooks.bench.report import Level, LongConversation, Round, Speed, Worker, at_percentile, level
from webhooks.bench.stack import Server
from webhooks.bench.texts import WORKER, Exchange

_LOOKS = 400  # connections tried until every worker has answered one
_EDGE = 100  # turns at each end of a long conversation that are compared
_GENEROUS = 1.5


class WorkerSeen(msgspec.Struct, frozen=True):
    """What a web process says of itself."""

    pid: int
    cpu_s: float
    rss_bytes: int


class Rounds:
    """Measures servers with floor requests and conversations."""

    def __init__(self, server: Server, relaxed: Server | None, floor: Exchange, talk: Conversations) -> None:
        self._server, self._relaxed, self._floor, self._talk = server, relaxed, floor, talk
        self._fastest = 300.0  # turns per second, to know how many conversations to have ready

    def warm_up(self, members: int, seconds: float) -> None:
        """Everything once on every worker; not measured."""
        asyncio.run(self._warm_up(members, seconds))

    async def _warm_up(self, members: int, seconds: float) -> None:
        for server in (self._server, self._relaxed):
            if server is not None:
                self._have_ready(members, seconds)
                async with lines(server.port, members) as open_lines:
                    await open_lines.run(self._floors(members), seconds / 4)
                    await open_lines.run(self._talkers(members), seconds)

    def level(self, members: int, rounds: int, seconds: float, told: Callable[[], None]) -> Level:
        """`rounds` times the floor, then the product, and the other way round the next time."""
        talkers, relaxed_talkers = self._talkers(members), self._talkers(members)
        taken = []
        for number in range(rounds):
            self._have_ready(2 * members, 2 * seconds)
            taken.append(asyncio.run(self._round(talkers, relaxed_talkers, seconds, product_first=number % 2 == 1)))
            told()
        return level(members, taken)

    async def _round(
        self, talkers: Sequence[Talker], relaxed_talkers: Sequence[Talker], seconds: float, *, product_first: bool
    ) -> Round:
        async with lines(self._server.port, len(talkers)) as ours:
            speeds = {}
            for name in ("product", "floor") if product_first else ("floor", "product"):
                sources = talkers if name == "product" else self._floors(len(talkers))
                speeds[name] = await self._speed(self._server, ours, sources, seconds)
        relaxed = None
        if self._relaxed is not None:
            async with lines(self._relaxed.port, len(talkers)) as theirs:
                relaxed = await self._speed(self._relaxed, theirs, relaxed_talkers, seconds)
        self._fastest = max(self._fastest, *(one.per_second for one in (speeds["product"], relaxed) if one))
        return Round(speeds["floor"], speeds["product"], relaxed)

    async def _speed(self, server: Server, open_lines: Lines, sources: Sequence[Source], seconds: float) -> Speed:
        before = {worker.pid: worker.cpu_s for worker in workers_of(server)}
        with undisturbed():
            sample = await open_lines.run(sources, seconds)
        spent = sum(worker.cpu_s - before[worker.pid] for worker in workers_of(server))
        return _speed(sample, spent)

    def _have_ready(self, members: int, seconds: float) -> None:
        turns = self._fastest * seconds * _GENEROUS
        self._talk.prepare(members + int(turns / len(self._talk.play.lines)))

    def _talkers(self, members: int) -> list[Talker]:
        return [Talker(self._talk) for _ in range(members)]

    def _floors(self, members: int) -> list[Source]:
        return [lambda: self._floor] * members

    def long_conversation(self, turns: int, told: Callable[[], None]) -> LongConversation:
        """One member answers a question and takes it back, `turns` times in all; at the end a young one beside."""
        return asyncio.run(self._long_conversation(turns, told))

    async def _long_conversation(self, turns: int, told: Callable[[], None]) -> LongConversation:
        edge = min(_EDGE, turns // 4)
        async with lines(self._server.port, 1) as one:
            long, young = await _at_the_middle(one, self._talk), await _at_the_middle(one, self._talk)
            times: list[float] = []
            young_times: list[float] = []
            for number in range(turns):
                times.append(await one.once(long))
                if number >= turns - edge:
                    young_times.append(await one.once(young))
                told()
        first, last = at_percentile(times[:edge], 50), at_percentile(times[-edge:], 50)
        fresh = at_percentile(young_times, 50)
        return LongConversation(turns, first * 1e3, last * 1e3, last / first, fresh * 1e3, last / fresh)


def at_the_middle(server: Server, talk: Conversations) -> Source:
    """A new member in the middle of the conversation, who can go on without end."""

    async def go_there() -> Source:
        async with lines(server.port, 1) as one:
            return await _at_the_middle(one, talk)

    return asyncio.run(go_there())


async def _at_the_middle(one: Lines, talk: Conversations) -> Source:
    way, endless = talk.to_the_middle()
    while not way.over:
        await one.once(way.next)
    return endless


def workers_of(server: Server) -> list[WorkerSeen]:
    """Every web process, each asked on a connection of its own: which one answers is the system's choice."""
    seen: dict[int, WorkerSeen] = {}
    for _ in range(_LOOKS):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", WORKER)
        worker = msgspec.convert(json.loads(connection.getresponse().read()), WorkerSeen)
        connection.close()
        seen[worker.pid] = worker
        if len(seen) == server.workers:
            return list(seen.values())
    raise BenchFailed(f"only {len(seen)} of {server.workers} web processes answered")


def memory_of(server: Server) -> tuple[Worker, ...]:
    return tuple(Worker(one.pid, one.rss_bytes / 1e6) for one in workers_of(server))


def _speed(sample: Sample, cpu_s: float) -> Speed:
    count = len(sample.times)
    return Speed(
        turns=count,
        per_second=count / sample.elapsed,
        p50_ms=at_percentile(sample.times, 50) * 1e3,
        p99_ms=at_percentile(sample.times, 99) * 1e3,
        cpu_ms=cpu_s / count * 1e3,
    )
