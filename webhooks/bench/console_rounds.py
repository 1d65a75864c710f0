"""A member's turns, the consoles, and both at once, in turns on the same servers, so that drift cancels out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from time import perf_counter

from webhooks.bench.console_report import ConsoleRound, FullRound, Times, times_of
from webhooks.bench.consoles import Asked, Connection, connections
from webhooks.bench.load import Lines, Source, lines, undisturbed
from webhooks.bench.rounds import workers_of
from webhooks.bench.stack import Server

REFRESH_S, POLL_S = 5.0, 3.0  # as the pages say to htmx
_Part = str  # of a round


@dataclass(frozen=True, slots=True)
class Open:
    """What the open consoles ask: each the queue and the floor, some an open conversation."""

    refreshes: Sequence[Asked]
    floors: Sequence[Asked]
    polls: Sequence[Asked]


@dataclass(slots=True)
class _Heard:
    refresh: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    poll: list[float] = field(default_factory=list)


class ConsoleRounds:
    """Measures one server with one member who writes and the consoles that are open."""

    def __init__(self, server: Server, consoles: Open, member: Source) -> None:
        self._server, self._open, self._member = server, consoles, member
        self._chance = Random(5)  # when each console was opened

    def round(self, seconds: float, number: int) -> ConsoleRound:
        """Three stretches; in every other round the other way about."""
        return asyncio.run(self._round(seconds, backwards=number % 2 == 1))

    async def _round(self, seconds: float, *, backwards: bool) -> ConsoleRound:
        parts: list[_Part] = ["alone", "beside", "consoles"]
        members: dict[_Part, Times] = {}
        heard: dict[_Part, _Heard] = {}
        wires = 2 * len(self._open.refreshes) + len(self._open.polls)
        async with lines(self._server.port, 1) as one, connections(self._server.port, wires) as opened:
            for part in reversed(parts) if backwards else parts:
                with undisturbed():
                    tasks = []
                    if part != "consoles":
                        tasks.append(self._write(one, seconds, members, part))
                    if part != "alone":
                        heard[part] = _Heard()
                        tasks.append(self._watch(opened, seconds, heard[part], floor=part == "consoles"))
                    await asyncio.gather(*tasks)
        beside, consoles = heard["beside"], heard["consoles"]
        return ConsoleRound(
            member_alone=members["alone"],
            member_beside=members["beside"],
            refresh=times_of(consoles.refresh),
            floor=times_of(consoles.floor),
            poll=times_of(consoles.poll),
            refresh_beside=times_of(beside.refresh),
            poll_beside=times_of(beside.poll),
        )

    async def _write(self, one: Lines, seconds: float, members: dict[_Part, Times], part: _Part) -> None:
        members[part] = times_of((await one.run([self._member], seconds)).times)

    async def _watch(self, opened: Sequence[Connection], seconds: float, heard: _Heard, *, floor: bool) -> None:
        """The consoles were opened at any time, so they ask at any time. The floor is asked half a period after."""
        began = perf_counter()
        until, count = began + seconds, len(self._open.refreshes)
        phases = [began + self._chance.uniform(0, min(REFRESH_S, seconds)) for _ in range(count)]
        middles = [began + (phase - began + REFRESH_S / 2) % min(REFRESH_S, seconds) for phase in phases]
        asking = [
            opened[n].every(REFRESH_S, asked, phases[n], until, heard.refresh)
            for n, asked in enumerate(self._open.refreshes)
        ]
        asking += [
            opened[2 * count + n].every(POLL_S, asked, phases[n], until, heard.poll)
            for n, asked in enumerate(self._open.polls)
        ]
        if floor:
            asking += [
                opened[count + n].every(REFRESH_S, asked, middles[n], until, heard.floor)
                for n, asked in enumerate(self._open.floors)
            ]
        await asyncio.gather(*asking)

    def full(self, seconds: float, number: int) -> FullRound:
        """Queue, conversation and floor back to back, from as many consoles as are open."""
        return asyncio.run(self._full(seconds, backwards=number % 2 == 1))

    async def _full(self, seconds: float, *, backwards: bool) -> FullRound:
        kinds = {"refresh": self._open.refreshes, "poll": self._open.polls, "floor": self._open.floors}
        speeds: dict[str, tuple[float, float]] = {}
        async with connections(self._server.port, len(self._open.refreshes)) as opened:
            for kind in reversed(kinds) if backwards else kinds:
                speeds[kind] = await self._speed(opened, kinds[kind], seconds)
        return FullRound(
            refreshes_per_second=speeds["refresh"][0],
            floors_per_second=speeds["floor"][0],
            polls_per_second=speeds["poll"][0],
            refresh_cpu_ms=speeds["refresh"][1],
            floor_cpu_ms=speeds["floor"][1],
            poll_cpu_ms=speeds["poll"][1],
        )

    async def _speed(self, opened: Sequence[Connection], asked: Sequence[Asked], seconds: float) -> tuple[float, float]:
        """Answers per second, and processor time of the web processes for each, in milliseconds."""
        before = {worker.pid: worker.cpu_s for worker in workers_of(self._server)}
        times: list[float] = []
        with undisturbed():
            began = perf_counter()
            asking = [
                one.again_and_again(asked[n % len(asked)], began + seconds, times) for n, one in enumerate(opened)
            ]
            await asyncio.gather(*asking)
            took = perf_counter() - began
        spent = sum(worker.cpu_s - before[worker.pid] for worker in workers_of(self._server))
        return len(times) / took, spent / len(times) * 1e3
