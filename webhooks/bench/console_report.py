"""What was measured of the console, as records; `--json` writes them as they are."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from webhooks.bench.report import Spread, at_percentile, spread


class Times(msgspec.Struct, frozen=True):
    """How long so many answers took."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class ConsoleRound(msgspec.Struct, frozen=True):
    """A member alone, the member while the consoles are open, the consoles alone with the floor between them."""

    member_alone: Times
    member_beside: Times
    refresh: Times
    floor: Times
    poll: Times  # of an open conversation that is unchanged
    refresh_beside: Times  # while the member writes
    poll_beside: Times


class FullRound(msgspec.Struct, frozen=True):
    """Every console asks again once it is answered. `cpu_ms` is processor time of the web processes for each."""

    refreshes_per_second: float
    floors_per_second: float
    polls_per_second: float
    refresh_cpu_ms: float
    floor_cpu_ms: float
    poll_cpu_ms: float


class Compared(msgspec.Struct, frozen=True):
    """Ratios, each within a round."""

    refresh_p50: Spread  # queue refresh / floor
    refresh_p95: Spread
    poll_p95: Spread  # unchanged poll / floor
    member_p50: Spread  # a member's turn beside the consoles / alone
    member_p95: Spread
    member_turns: Spread  # turns in a stretch, beside / alone
    refresh_cpu: Spread  # processor time, queue refresh / floor
    poll_cpu: Spread
    refreshes_per_second: Spread  # back to back, queue refresh / floor


class ConsoleReport(msgspec.Struct, frozen=True):
    """All of `carestart bench console`."""

    at: str
    python: str
    processors: int
    load: float  # of the machine before anything was started, of the last minute
    database: str
    web_workers: int
    waiting: int
    consoles: int
    polling: int
    seconds: float
    refresh_bytes: int
    floor_bytes: int
    open_now: bool  # Member Services: the service-level clock runs
    rounds: tuple[ConsoleRound, ...]
    full: tuple[FullRound, ...]
    compared: Compared


def times_of(seconds: Sequence[float]) -> Times:
    """`seconds` is not empty."""
    p50, p95, p99 = (at_percentile(seconds, percent) * 1e3 for percent in (50, 95, 99))
    return Times(len(seconds), p50, p95, p99)


def compared(rounds: Sequence[ConsoleRound], full: Sequence[FullRound]) -> Compared:
    return Compared(
        refresh_p50=spread([one.refresh.p50_ms / one.floor.p50_ms for one in rounds]),
        refresh_p95=spread([one.refresh.p95_ms / one.floor.p95_ms for one in rounds]),
        poll_p95=spread([one.poll.p95_ms / one.floor.p95_ms for one in rounds]),
        member_p50=spread([one.member_beside.p50_ms / one.member_alone.p50_ms for one in rounds]),
        member_p95=spread([one.member_beside.p95_ms / one.member_alone.p95_ms for one in rounds]),
        member_turns=spread([one.member_beside.count / one.member_alone.count for one in rounds]),
        refresh_cpu=spread([one.refresh_cpu_ms / one.floor_cpu_ms for one in full]),
        poll_cpu=spread([one.poll_cpu_ms / one.floor_cpu_ms for one in full]),
        refreshes_per_second=spread([one.refreshes_per_second / one.floors_per_second for one in full]),
    )
