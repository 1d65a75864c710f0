"""`carestart bench roster`: how fast an enrolment file is loaded, and in how much memory, as it grows.

Each size is loaded by a process of its own, so that its highest memory is its own: twice, as new members and again; on
SQLite, and on PostgreSQL where a URL is given."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bot.config import ROOT
from bot.content import load_content
from bot.flow import Plan, Roster
from bot.members.import_834 import EnrolmentReport, import_834
from bot.members.x12_loops import read_loops
from bot.records.database import Database, open_engine
from bot.records.migrate import upgrade
from bot.vault import Vault
from webhooks.bench.enrolment import Envelope, as_834, families
from webhooks.bench.failure import BenchFailed
from webhooks.bench.stack import own_schema

SIZES = (1_000, 10_000, 100_000)
QUICK = (200, 400)
_PAYER = "BENCH"


class Load(msgspec.Struct, frozen=True):
    """One run over the file. `cpu_per_second`: members by processor time, which other programs change less."""

    per_second: float
    cpu_per_second: float


class Size(msgspec.Struct, frozen=True):
    """One size of file on one database: read only, loaded as new, loaded again."""

    database: str
    members: int
    file_mb: float
    read: Load
    new: Load
    again: Load
    start_mb: float  # memory before the first member
    peak_mb: float


class RosterReport(msgspec.Struct, frozen=True):
    """All of `carestart bench roster`."""

    processors: int
    load_before: float  # of the machine, over the minute before
    sizes: tuple[Size, ...]


def measure_roster(sizes: tuple[int, ...], postgres: str, step: Callable[[], None]) -> RosterReport:
    """Raises BenchFailed where not every member was loaded."""
    before = os.getloadavg()[0]
    measured = []
    for size in sizes:
        for url in ("", postgres) if postgres else ("",):
            measured.append(_in_a_process(size, url))
            step()
    return RosterReport(os.cpu_count() or 0, before, tuple(measured))


def _in_a_process(size: int, postgres: str) -> Size:
    command = [sys.executable, "-m", __name__, str(size)]
    # The URL by standard input: who lists processes must not read a password.
    done = subprocess.run(command, input=postgres.encode(), capture_output=True, check=False)
    if done.returncode:
        raise BenchFailed(f"{size:,} members were not loaded: {done.stderr.decode(errors='replace').strip()[-300:]}")
    return msgspec.json.decode(done.stdout, type=Size)


def measure_size(count: int, postgres: str = "") -> Size:
    """In this process; on PostgreSQL in a schema of its own, dropped at the end. Raises BenchFailed."""
    with TemporaryDirectory() as folder, own_schema(postgres) as url:
        engine = open_engine(url or f"sqlite:///{Path(folder) / 'records.db'}")
        try:
            return _measure(Path(folder), engine, count)
        finally:
            engine.dispose()


def _measure(folder: Path, engine: Database, count: int) -> Size:
    plan = next(iter(load_content(ROOT / "flows").plans.values()))
    plans = {plan.id: replace(plan, roster=Roster(payer_ids=(_PAYER,)))}
    file = folder / "enrolment.834"
    vault = Vault({1: os.urandom(32)}, os.urandom(32))
    upgrade(engine)
    with file.open("w", encoding="utf-8") as out:
        out.writelines(as_834(families(count, plan.id), Envelope(_PAYER, whole=True)))
    _forget_peak()
    start = _memory_mb("VmRSS")
    read = _timed(count, lambda: sum(1 for _ in read_loops(file)))
    loads = []
    for expected in ({"added": count, "unchanged": 0}, {"added": 0, "unchanged": count}):
        reports: list[EnrolmentReport] = []
        loads.append(_timed(count, partial(_import, reports, engine, vault, plans, file)))
        if any(getattr(reports[0], name) != number for name, number in expected.items()):
            raise BenchFailed(f"expected {expected}, came {reports[0]}")
    new, again = loads
    database = "SQLite" if engine.dialect.name == "sqlite" else "PostgreSQL"
    return Size(database, count, file.stat().st_size / 1e6, read, new, again, start, _memory_mb("VmHWM"))


def _import(reports: list[EnrolmentReport], engine: Database, vault: Vault, plans: dict[str, Plan], file: Path) -> None:
    reports.append(import_834(engine, vault, plans, file))


def _timed(count: int, work: Callable[[], object]) -> Load:
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return Load(count / (time.perf_counter() - clock), count / (time.process_time() - cpu))


def _memory_mb(which: str) -> float:
    """VmRSS is what this process has now, VmHWM the most since `_forget_peak`. Not on Linux: the most it ever had."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts in bytes
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(which)) / 1e3


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


if __name__ == "__main__":
    try:
        sys.stdout.buffer.write(msgspec.json.encode(measure_size(int(sys.argv[1]), sys.stdin.read())))
    except BenchFailed as failed:
        sys.exit(str(failed))
