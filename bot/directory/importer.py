"""Loading a provider directory: read, put together, written in batches. The same feed again changes nothing.

Each batch is one transaction, so that nobody waits long for the lock: a load that was killed has left whole providers,
and the same load again brings the rest."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine

from bot.directory.assembly import Provider, Source, clinics, person
from bot.directory.chosen import note_losses, watch
from bot.directory.feed_files import DirectoryUnreadable, FeedFile, feed_files
from bot.directory.kept import batched, complete, forget_vanished, keep, packed_around, packed_people
from bot.directory.nppes import Ended, Wanted, is_nppes, read_nppes
from bot.directory.plan_net import read_plan_net
from bot.directory.plan_net_records import Practitioner, Role
from bot.directory.rejects import RejectsFile, write_rejected_resources
from bot.directory.report import ImportReport, Ledger, Where
from bot.directory.resource_files import Progress
from bot.directory.rows import Written, end_providers, providers_within, write_networks, write_providers
from bot.directory.shelf import Packed, Shelf
from bot.directory.surroundings import Surroundings
from bot.directory.upkeep import refresh

__all__ = ["DirectoryUnreadable", "ImportReport", "Load", "import_providers"]

_BATCH = 500  # providers in one transaction: other writers wait no longer than that takes
_ROWS = 4_000  # and rows of NPPES that are of nobody to be chosen
_ONE_NETWORK = "NPPES names no networks: say with --network or --plan which one these providers belong to."

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Load:
    """How a directory is loaded.

    networks: only these ids (None: all that occur); into these, where the file names none. states: only places in these
    (NPPES). feed: whose directory, where several are loaded. full: close who is not in the file. plans: plan id -> its
    networks, to know whom a loss concerns. rejects: a file for the records that were not loaded."""

    networks: Collection[str] | None = None
    states: Collection[str] = ()
    feed: str = "plan-net"
    full: bool = False
    dry_run: bool = False
    plans: Mapping[str, Collection[str]] = field(default_factory=dict)
    rejects: Path | None = None
    progress: Progress | None = None


def import_providers(
    engine: Engine,
    path: Path,
    *,
    networks: Collection[str] | None = None,
    progress: Progress | None = None,
    now: float | None = None,
    load: Load | None = None,
) -> ImportReport:
    """Load Plan-Net FHIR or an NPPES file into the directory: a file, a folder, or either packed.

    Records already there are updated, never by older ones; within the networks of the feed, places a provider no longer
    names are removed. Broken records are repaired or passed over, and reported. Raises DirectoryUnreadable: nothing to
    read."""
    load = load or Load(networks=networks, progress=progress)
    files = feed_files(Path(path))
    tables = [file for file in files if file.ending == ".csv"]
    if is_nppes(files) and len(tables) < len(files):
        raise DirectoryUnreadable(f"{path}: holds both FHIR resources and .csv files. Give one kind at a time.")
    with Shelf() as shelf:
        loading = _Loading(engine, load, time.time() if now is None else now, shelf)
        if tables:
            loading.nppes(files)
        else:
            loading.plan_net(files)
        report = loading.report()
    if not load.dry_run:
        refresh(engine)
    return report


class _Loading:
    """One load while it goes on."""

    def __init__(self, engine: Engine, load: Load, now: float, shelf: Shelf) -> None:
        self._engine, self._load, self._now, self._shelf = engine, load, now, shelf
        self._ledger = Ledger(on_skip=self._skipped)
        self._written = Written()
        self._networks: Mapping[str, str] = {}

    @property
    def _today(self) -> date:
        return datetime.fromtimestamp(self._now, UTC).date()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._engine.connect() as conn, conn.begin() as transaction:
            yield conn
            if self._load.dry_run:
                transaction.rollback()

    def _skipped(self, where: Where, rule: str) -> None:
        self._shelf.skip(where.file, where.line, rule)
        if where.resource.startswith("NPI/"):  # broken, but in the file
            self._shelf.see([where.resource.removeprefix("NPI/")])

    # --- Plan-Net ---

    def plan_net(self, files: list[FeedFile]) -> None:
        only = frozenset(self._load.networks) if self._load.networks is not None else None
        around = Surroundings(self._ledger, only)
        for record in read_plan_net(files, self._ledger, self._today, self._load.progress):
            if isinstance(record, Practitioner | Role):
                put = self._shelf.put_role if isinstance(record, Role) else self._shelf.put_practitioner
                if put(record):  # type: ignore[arg-type]
                    self._ledger.note("duplicate_id", record.where)
            else:
                around.keep(record)
        with self._engine.connect() as conn:
            self._written.older += complete(conn, self._load.feed, self._shelf, around, self._load.full)
        around.settle()
        self._networks = around.networks
        self._keep(chain(packed_around(around), packed_people((), self._shelf.orphans())))
        self._store(_people(self._shelf, around), around)
        if self._may_close():
            self._close_unseen("plan_net", around.networks)
            if not self._load.dry_run:
                forget_vanished(self._engine, self._load.feed, self._shelf, around)
        if self._load.rejects and self._ledger.skipped:
            write_rejected_resources(self._load.rejects, files, self._shelf)

    def _keep(self, records: Iterable[Packed]) -> None:
        for batch in batched(iter(records)):
            with self._transaction() as conn:
                keep(conn, self._load.feed, batch)

    def _store(self, found: Iterator[tuple[Provider | None, list[Packed]]], around: Surroundings) -> None:
        total, done = self._shelf.count(), 0
        for batch in _batches(found, _BATCH):
            providers = [provider for provider, _ in batch if provider]
            with self._transaction() as conn:
                keep(conn, self._load.feed, (one for _, packed in batch for one in packed))
                write_networks(conn, around.networks)
                self._write(conn, providers, frozenset(around.networks))
            done += len(batch)
            if self._load.progress:
                self._load.progress("store", min(done, total), total)
        with self._transaction() as conn:
            write_networks(conn, around.networks)

    # --- NPPES ---

    def nppes(self, files: list[FeedFile]) -> None:
        wanted = Wanted(tuple(self._load.networks or ()), frozenset(self._load.states))
        self._networks = {network: network for network in wanted.networks}
        with RejectsFile(self._load.rejects) as rejects:
            rows = read_nppes(
                files, wanted, self._ledger, self._today, reject=rejects.row, progress=self._load.progress
            )
            for providers, ended in _nppes_batches(rows):
                if providers and not wanted.networks:
                    raise DirectoryUnreadable(_ONE_NETWORK)
                self._write_nppes(providers, ended, wanted.networks)
        if self._may_close():
            self._close_unseen("nppes", wanted.networks)

    def _write_nppes(self, providers: list[Provider], ended: dict[str, str], networks: Collection[str]) -> None:
        with self._transaction() as conn:
            write_networks(conn, self._networks, rename=False)
            self._write(conn, providers, networks)
            watched = watch(conn, sorted(ended), self._load.plans)
            end_providers(conn, ended, self._now, self._written)
            self._written.notices += note_losses(watched, self._now)
        self._shelf.see(ended)

    # --- both ---

    def _write(self, conn: Connection, providers: list[Provider], networks: Collection[str]) -> None:
        ids = [provider.id for provider in providers]
        watched = watch(conn, ids, self._load.plans)
        write_providers(conn, providers, networks, self._now, self._written)
        self._written.notices += note_losses(watched, self._now)
        self._shelf.see(ids)

    def _may_close(self) -> bool:
        """A full file closes nobody when some of it could not be read: it may have spoken of them."""
        return self._load.full and not self._ledger.unknown

    def _close_unseen(self, source: Source, networks: Collection[str]) -> None:
        after = ""
        while True:
            with self._transaction() as conn:
                ids = providers_within(conn, networks, source, after, _BATCH)
                gone = self._shelf.unseen(ids)
                self._write(conn, [Provider(one, source=source) for one in gone], networks)
            if not ids:
                return
            after = ids[-1]

    def report(self) -> ImportReport:
        ledger, written = self._ledger, self._written
        return ImportReport(
            read=dict(ledger.read),
            providers=written.providers(),
            sites=written.sites(),
            problems=tuple(ledger.problems),
            rules=dict(ledger.rules),
            passed_over=dict(ledger.passed_over),
            networks=dict(self._networks),
            older=written.older,
            notices=written.notices,
            kept_open=ledger.unknown if self._load.full else 0,
            dry_run=self._load.dry_run,
        )


def _people(shelf: Shelf, around: Surroundings) -> Iterator[tuple[Provider | None, list[Packed]]]:
    for known_as, practitioners, roles in shelf.people():
        provider = person(known_as, practitioners, roles, around)
        if provider is None:
            shelf.see([known_as])  # broken, but in the file
        yield provider, list(packed_people(practitioners, roles))
    for clinic in clinics(shelf.orphans(), around):
        yield clinic, []


def _nppes_batches(rows: Iterator[Provider | Ended]) -> Iterator[tuple[list[Provider], dict[str, str]]]:
    """Batches of few providers to write, or of many rows of nobody."""
    providers: list[Provider] = []
    ended: dict[str, str] = {}
    live = 0
    for row in rows:
        if isinstance(row, Ended):
            ended[row.id] = max(row.on, ended.get(row.id, ""))
        else:
            providers.append(row)
            live += bool(row.sites)
        if live >= _BATCH or len(providers) + len(ended) >= _ROWS:
            yield _last_of_each(providers), ended
            providers, ended, live = [], {}, 0
    if providers or ended:
        yield _last_of_each(providers), ended


def _last_of_each(providers: list[Provider]) -> list[Provider]:
    return list({provider.id: provider for provider in sorted(providers, key=lambda p: p.updated)}.values())


def _batches(items: Iterator[_T], size: int) -> Iterator[list[_T]]:
    while batch := list(islice(items, size)):
        yield batch
