"""How fast a directory is read in and searched, at growing sizes, on SQLite and on PostgreSQL."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import msgspec

from bot.directory.importer import import_providers
from bot.directory.search import Criteria, search
from bot.records.database import Database, open_engine, reading
from bot.records.migrate import upgrade
from webhooks.bench.directory_feed import (
    CENTRE,
    NETWORK,
    STATE,
    Made,
    people,
    write_nppes,
    write_plan_net,
    zips_of,
)
from webhooks.bench.failure import BenchFailed
from webhooks.bench.stack import own_schema

SIZES = (10_000, 100_000, 1_000_000)
QUICK = (300,)
_NPPES_ROWS = 100_000  # at most
_TIMES = 300  # each question
_WARM_UP = 20  # questions asked before: a served process has long been asked
_LONG = 3600.0  # seconds that an import's statement may take


class Asked(msgspec.Struct, frozen=True):
    """How long one kind of question took: by the clock, and in processor time of this process (SQLite: all of it)."""

    what: str
    p50_ms: float
    p99_ms: float
    cpu_p50_ms: float
    cpu_p99_ms: float
    found: float  # the share of the questions whose first three answers held who was meant; or anybody


class Measured(msgspec.Struct, frozen=True):
    """One size on one database."""

    database: str
    providers: int
    records: int
    seconds: float
    questions: tuple[Asked, ...]

    @property
    def per_second(self) -> float:
        return self.records / self.seconds


class DirectoryReport(msgspec.Struct, frozen=True):
    """Every size on every database; and how long it took to load an NPPES file of primary providers only, on SQLite."""

    measured: tuple[Measured, ...]
    nppes_rows: int
    nppes_seconds: float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the provider who is meant; "": anybody."""

    criteria: Criteria
    meant: str = ""


def measure_directory(sizes: Sequence[int], postgres: str, say: Callable[[str], None]) -> DirectoryReport:
    """Every size on SQLite, and on PostgreSQL where a URL is given. Raises BenchFailed when not everybody is loaded."""
    measured = []
    with tempfile.TemporaryDirectory(prefix="carestart-bench-") as folder:
        for size in sizes:
            feed = Path(folder) / f"{size}.ndjson"
            say(f"{size:,} providers: writing the feed")
            records = write_plan_net(feed, size)
            for name in ("SQLite", "PostgreSQL") if postgres else ("SQLite",):
                say(f"{size:,} providers: {name}")
                with _database(Path(folder), postgres if name == "PostgreSQL" else "") as database:
                    measured.append(_measure(name, database, feed, size, records))
            feed.unlink()
        rows = min(sizes[-1], _NPPES_ROWS)
        say(f"{rows:,} rows of NPPES")
        return DirectoryReport(tuple(measured), rows, _nppes_seconds(Path(folder), rows))


@contextmanager
def _database(folder: Path, postgres: str) -> Iterator[Database]:
    """An empty database with the product's schema, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=folder) as place, own_schema(postgres) as url:
        database = open_engine(url or f"sqlite:///{place}/directory.db", seconds=_LONG)
        try:
            upgrade(database)
            yield database
        finally:
            database.dispose()


def _measure(name: str, database: Database, feed: Path, size: int, records: int) -> Measured:
    started = time.perf_counter()
    report = import_providers(database, feed)
    seconds = time.perf_counter() - started
    if report.providers.loaded != size:
        raise BenchFailed(f"{report.providers.loaded} of {size} providers were loaded")
    asked = tuple(_ask(database, what, questions) for what, questions in _questions(size).items())
    return Measured(name, size, records, seconds, asked)


def _nppes_seconds(folder: Path, rows: int) -> float:
    write_nppes(file := folder / "npidata.csv", rows)
    with _database(folder, "") as database:
        started = time.perf_counter()
        report = import_providers(database, file, networks=[NETWORK])
        seconds = time.perf_counter() - started
    if report.providers.loaded != rows:
        raise BenchFailed(f"{report.providers.loaded} of {rows} rows were loaded")
    return seconds


def _questions(size: int) -> dict[str, list[Question]]:
    random = Random(7)
    some = set(random.sample(range(size), min(size, _TIMES * 2)))
    meant = [made for made in islice(people(size), max(some) + 1) if made.number in some and _takes_new(made)][:_TIMES]
    return {
        "near 46204": [_doctor(CENTRE)] * _TIMES,
        "near any ZIP code": [_doctor(code) for code in random.choices(zips_of(STATE), k=_TIMES)],
        "misspelled name": [_named(f"{one.given} {misspelled(one.family, random)}", one) for one in meant],
        "misspelled family name": [_named(f"Dr. {misspelled(one.family, random)}", one) for one in meant],
    }


def _takes_new(made: Made) -> bool:
    return made.accepting in ("newpt", "")


def _doctor(zip_code: str) -> Question:
    """ "Family doctor near ..., speaks Spanish", of a woman of 34."""
    return Question(Criteria((NETWORK,), kinds=("family",), languages=("es",), zip=zip_code, age=34, sex="F"))


def _named(name: str, meant: Made) -> Question:
    return Question(Criteria((NETWORK,), name=name, zip=meant.zip), meant.npi)


def misspelled(name: str, random: Random) -> str:
    """One slip: a letter left out, doubled, or changed places with the next."""
    at = random.randrange(1, len(name) - 1)
    before, letter, after = name[:at], name[at], name[at + 1 :]
    return random.choice((before + after, before + letter + letter + after, before + after[0] + letter + after[1:]))


def _ask(database: Database, what: str, questions: Sequence[Question]) -> Asked:
    taken, worked, hits = [], [], 0
    with reading(database) as conn:
        for question in questions[-_WARM_UP:]:
            search(conn, question.criteria)
        for question in questions:
            clock, work = time.perf_counter(), time.thread_time()
            found = search(conn, question.criteria)
            worked.append((time.thread_time() - work) * 1000)
            taken.append((time.perf_counter() - clock) * 1000)
            hits += any(question.meant in ("", match.provider) for match in found)
    (p50, p99), (cpu_p50, cpu_p99) = _percentiles(taken), _percentiles(worked)
    return Asked(what, p50, p99, cpu_p50, cpu_p99, hits / len(questions))


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
