"""Loading a provider directory: read, put together, written in batches. The same feed again changes nothing."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from bot.directory.assembly import Provider, clinics, person
from bot.directory.plan_net import read_plan_net
from bot.directory.plan_net_records import Practitioner, Role
from bot.directory.report import ImportReport, Ledger
from bot.directory.resource_files import DirectoryUnreadable, Progress
from bot.directory.rows import Written, write_networks, write_providers
from bot.directory.shelf import Shelf
from bot.directory.surroundings import Surroundings

__all__ = ["DirectoryUnreadable", "ImportReport", "import_providers"]

_BATCH = 500  # providers in one transaction: other writers wait no longer than that takes


def import_providers(
    engine: Engine,
    path: Path,
    *,
    networks: Collection[str] | None = None,
    progress: Progress | None = None,
    now: float | None = None,
) -> ImportReport:
    """Load Plan-Net FHIR (a folder, an NDJSON file or a Bundle) into the directory.

    networks: only these ids (None: all that occur). progress: called with "read" (bytes) or "store" (providers).
    Records already there are updated; within the networks of the feed, places a provider no longer names are removed.
    Broken resources are repaired or passed over, and reported. Raises DirectoryUnreadable: nothing to read."""
    now = time.time() if now is None else now
    ledger = Ledger()
    around = Surroundings(ledger, frozenset(networks) if networks is not None else None)
    with Shelf() as shelf:
        _read(path, shelf, around, now, progress)
        written = _store(engine, shelf, around, now, progress)
    return ImportReport(
        read=dict(ledger.read),
        providers=written.providers(),
        sites=written.sites(),
        problems=tuple(ledger.problems),
        rules=dict(ledger.rules),
        passed_over=dict(ledger.passed_over),
        networks=dict(around.networks),
    )


def _read(path: Path, shelf: Shelf, around: Surroundings, now: float, progress: Progress | None) -> None:
    today = datetime.fromtimestamp(now, UTC).date()
    for record in read_plan_net(Path(path), around.ledger, today, progress):
        if isinstance(record, Practitioner | Role):
            known = shelf.put_role(record) if isinstance(record, Role) else shelf.put_practitioner(record)
            if known:
                around.ledger.note("duplicate_id", record.where)
        else:
            around.keep(record)
    around.settle()


def _store(engine: Engine, shelf: Shelf, around: Surroundings, now: float, progress: Progress | None) -> Written:
    written, total, done = Written(), shelf.count(), 0
    for batch in _batched(_providers(shelf, around)):
        with engine.begin() as conn:
            write_networks(conn, around.networks)
            write_providers(conn, batch, frozenset(around.networks), now, written)
        done += len(batch)
        if progress:
            progress("store", min(done, total), total)
    with engine.begin() as conn:
        write_networks(conn, around.networks)
    return written


def _providers(shelf: Shelf, around: Surroundings) -> Iterator[Provider]:
    for known_as, practitioners, roles in shelf.people():
        if (provider := person(known_as, practitioners, roles, around)) is not None:
            yield provider
    yield from clinics(shelf.orphans(), around)


def _batched(providers: Iterator[Provider]) -> Iterator[list[Provider]]:
    while batch := list(islice(providers, _BATCH)):
        yield batch
