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
from sqlalchemy import Engine, text

from bot.directory.importer import import_providers
from bot.directory.search import Criteria, search
from bot.records.database import open_engine, reading
from bot.records.migrate import upgrade
from webhooks.bench.directory_feed import CENTRE, NETWORK, STATE, Made, people, write_plan_net, zips_of
from webhooks.bench.failure import BenchFailed

SIZES = (10_000, 100_000, 1_000_000)
QUICK = (300,)
_TIMES = 300  # each question
_LONG = 3600.0  # seconds a statement may take: an import's, not a member's


class Asked(msgspec.Struct, frozen=True):
    """How long one kind of question took."""

    what: str
    p50_ms: float
    p99_ms: float
    found: float  # share of the questions that found who was meant; of "near" anybody


class Measured(msgspec.Struct, frozen=True):
    """One size on one database."""

    database: str
    providers: int
    records: int
    per_second: float
    questions: tuple[Asked, ...]


class DirectoryReport(msgspec.Struct, frozen=True):
    measured: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Question:
    criteria: Criteria
    meant: str = ""


def measure_directory(sizes: Sequence[int], postgres: str, say: Callable[[str], None]) -> DirectoryReport:
    """Every size on SQLite, and on PostgreSQL where a URL is given. Raises BenchFailed when nobody was found."""
    measured = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            feed = Path(folder) / f"{size}.ndjson"
            say(f"Writing {size:,} providers")
            records = write_plan_net(feed, size)
            for name, database in _databases(Path(folder) / f"{size}.db", postgres):
                with database as engine:
                    say(f"{name}: importing")
                    measured.append(_measure(name, engine, feed, size, records))
            feed.unlink()
    return DirectoryReport(tuple(measured))


def _databases(file: Path, postgres: str) -> Iterator[tuple[str, _Opened]]:
    yield "SQLite", _sqlite(file)
    if postgres:
        yield "PostgreSQL", _postgres(postgres)


_Opened = _GeneratorContextManager = __import__("contextlib").AbstractContextManager[Engine]


@contextmanager
def _sqlite(file: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{file}", seconds=_LONG)
    upgrade(engine)
    try:
        yield engine
    finally:
        engine.dispose()
        for leftover in file.parent.glob(file.name + "*"):
            leftover.unlink()


@contextmanager
def _postgres(url: str) -> Iterator[Engine]:
    """A schema of its own, gone afterwards."""
    schema = "carestart_bench_directory"
    outside = open_engine(url, seconds=_LONG)
    with outside.begin() as conn:
        conn.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        conn.execute(text(f"CREATE SCHEMA {schema}"))
    engine = open_engine(f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}", seconds=_LONG)
    try:
        upgrade(engine)
        yield engine
    finally:
        engine.dispose()
        with outside.begin() as conn:
            conn.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        outside.dispose()


def _measure(name: str, engine: Engine, feed: Path, size: int, records: int) -> Measured:
    started = time.perf_counter()
    report = import_providers(engine, feed)
    took = time.perf_counter() - started
    if report.providers.loaded != size:
        raise BenchFailed(f"{report.providers.loaded} of {size} providers were loaded")
    asked = tuple(_ask(engine, what, questions) for what, questions in _questions(size).items())
    return Measured(name, size, records, records / took, asked)


def _questions(size: int) -> dict[str, list[Question]]:
    random = Random(7)
    doctor = Criteria((NETWORK,), kinds=("family",), languages=("es",), zip=CENTRE, age=34, sex="F")
    anywhere = [msgspec.structs.replace(doctor) if False else doctor for _ in ()]
    places = random.choices(zips_of(STATE), k=_TIMES)
    anywhere = [Question(Criteria((NETWORK,), ("family",), "", code, ("es",), "", 34, "F")) for code in places]
    some = random.sample(range(size), min(size, _TIMES))
    meant = _chosen(size, set(some))
    return {
        "near 46204": [Question(doctor)] * _TIMES,
        "near any ZIP code": anywhere,
        "misspelled name": [_named(f"{one.given} {misspelled(one.family, random)}", one) for one in meant],
        "misspelled family name": [_named(f"Dr. {misspelled(one.family, random)}", one) for one in meant],
    }


def _chosen(size: int, numbers: set[int]) -> list[Made]:
    return [made for made in islice(people(size), max(numbers) + 1) if made.number in numbers]


def _named(name: str, meant: Made) -> Question:
    return Question(Criteria((NETWORK,), name=name, zip=meant.zip, age=None), meant.npi)


def misspelled(name: str, random: Random) -> str:
    """One slip: a letter left out, doubled, or changed places with the next."""
    at = random.randrange(1, len(name) - 1)
    slips = (name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:])
    return random.choice((*slips, name[:at] + name[at + 1] + name[at] + name[at + 2 :]))


def _ask(engine: Engine, what: str, questions: Sequence[Question]) -> Asked:
    taken, hits = [], 0
    for question in questions[:10]:  # what a served process has done long before
        with reading(engine) as conn:
            search(conn, question.criteria)
    for question in questions:
        with reading(engine) as conn:
            started = time.perf_counter()
            found = search(conn, question.criteria)
            taken.append((time.perf_counter() - started) * 1000)
        hits += any(question.meant in ("", match.provider) for match in found)
    taken.sort()
    return Asked(what, taken[len(taken) // 2], taken[min(len(taken) - 1, len(taken) * 99 // 100)], hits / len(taken))
