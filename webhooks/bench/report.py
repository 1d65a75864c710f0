"""What was measured, as records; `--json` writes them as they are."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec


class Spread(msgspec.Struct, frozen=True):
    """The median of the rounds, with the least and the most."""

    median: float
    least: float
    most: float


class Speed(msgspec.Struct, frozen=True):
    """One stretch of load. `cpu_ms` is the processor time of the web processes for each request."""

    turns: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


class Round(msgspec.Struct, frozen=True):
    """Floor and product on the same connections, one after the other; `relaxed` is SQLite with synchronous=normal."""

    floor: Speed
    product: Speed
    relaxed: Speed | None = None

    @property
    def ratio(self) -> float:
        return self.product.per_second / self.floor.per_second


class Level(msgspec.Struct, frozen=True):
    """So many members writing at once."""

    members: int
    rounds: tuple[Round, ...]
    ratio: Spread  # product / floor in turns per second, of the rounds
    cpu_ratio: Spread  # processor time of a floor request / of a turn
    relaxed_gain: Spread | None  # turns per second with synchronous=normal / with full

    def spread(self, of: str, what: str) -> Spread:
        return spread([getattr(getattr(one, of), what) for one in self.rounds])


class LongConversation(msgspec.Struct, frozen=True):
    """One member's conversation of many turns. `beside` compares its last turns with a young conversation's at the
    same moment, which other load on the machine changes little."""

    turns: int
    first_p50_ms: float
    last_p50_ms: float
    ratio: float  # last / first
    young_p50_ms: float
    beside: float  # last / young


class Seam(msgspec.Struct, frozen=True):
    """One part of a turn, without the parts inside it: mean over all turns, microseconds."""

    name: str
    us: float
    share: float


class Breakdown(msgspec.Struct, frozen=True):
    """One turn in process, from the WSGI call to the end of the response."""

    turns: int
    mean_us: float
    p50_us: float
    seams: tuple[Seam, ...]
    fsync_p50_us: float  # of the disk under the data folder
    fsync_p99_us: float


class Worker(msgspec.Struct, frozen=True):
    """Memory of one web process after the load."""

    pid: int
    rss_mb: float


class TurnsReport(msgspec.Struct, frozen=True):
    """All of `carestart bench turns`."""

    at: str
    python: str
    processors: int
    database: str
    web_workers: int
    seconds: float
    levels: tuple[Level, ...]
    long: LongConversation
    breakdown: Breakdown
    session_bytes_p50: int
    session_bytes_max: int
    conversations: int
    workers: tuple[Worker, ...]


def spread(values: Sequence[float]) -> Spread:
    return Spread(median(values), min(values), max(values))


def level(members: int, rounds: Sequence[Round]) -> Level:
    relaxed = [one.relaxed.per_second / one.product.per_second for one in rounds if one.relaxed]
    return Level(
        members,
        tuple(rounds),
        ratio=spread([one.ratio for one in rounds]),
        cpu_ratio=spread([one.floor.cpu_ms / one.product.cpu_ms for one in rounds]),
        relaxed_gain=spread(relaxed) if relaxed else None,
    )


def at_percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of them lie; `values` is not empty."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
