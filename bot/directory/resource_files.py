"""FHIR resources out of files, one at a time: NDJSON, Bundles, single resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import IO

import msgspec

from bot.directory.feed_files import BROKEN, LINES, FeedFile
from bot.directory.loose_json import Record, record, records, text
from bot.directory.report import Ledger, Where

Progress = Callable[[str, int, int], None]  # ("read" or "store", how far, of how much)

_LONGEST_LINE = 64 * 1024**2
_LARGEST_WHOLE = 1024**3  # of a Bundle, which has to be held in memory


def read_resources(
    files: Sequence[FeedFile], ledger: Ledger, progress: Progress | None = None
) -> Iterator[tuple[Where, Record]]:
    """Every resource of the files, with where it stands. Broken ones are noted in the ledger and left out.

    An NDJSON file is read line by line, any other whole."""
    total, done = sum(file.size for file in files), 0
    for file in files:
        for where, size, value in _values(file, ledger):
            done += size
            if progress:
                progress("read", min(done, total), total)
            yield from _resources(where, value, ledger)


def read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream; one that is longer than any record can be comes in pieces, none of which can be read."""
    while line := stream.readline(_LONGEST_LINE):
        yield line


def _values(file: FeedFile, ledger: Ledger) -> Iterator[tuple[Where, int, object]]:
    try:
        if file.ending in LINES or _holds_lines(file):
            yield from _lines(file, ledger)
        else:
            yield from _whole(file, Where(file.name, 1), ledger)
    except BROKEN:
        ledger.note("unreadable_file", Where(file.name, 0))


def _holds_lines(file: FeedFile) -> bool:
    """Whether a .json file is in truth NDJSON: its first lines hold a resource by itself, or several Bundles."""
    with file.open() as stream:
        kinds = [_kind_of(line) for line in islice(read_lines(stream), 5)]
    return any(kind not in ("", "Bundle") for kind in kinds) or kinds.count("Bundle") > 1


def _kind_of(line: bytes) -> str:
    """The type of the resource that a line is; "" where it is none."""
    try:
        return text(record(msgspec.json.decode(line.decode("utf-8-sig", errors="replace"))).get("resourceType"))
    except (msgspec.DecodeError, RecursionError):
        return ""


def _whole(file: FeedFile, where: Where, ledger: Ledger) -> Iterator[tuple[Where, int, object]]:
    with file.open() as stream:
        data = stream.read(_LARGEST_WHOLE + 1)
    if len(data) > _LARGEST_WHOLE:
        ledger.note("too_large", where)
        return
    try:
        yield where, len(data), msgspec.json.decode(_utf8(data, where, ledger))
    except (msgspec.DecodeError, RecursionError):
        ledger.note("unreadable_file", where)


def _lines(file: FeedFile, ledger: Ledger) -> Iterator[tuple[Where, int, object]]:
    with file.open() as stream:
        for number, line in enumerate(read_lines(stream), start=1):
            where = Where(file.name, number)
            if not line.strip():
                continue
            try:
                yield where, len(line), msgspec.json.decode(_utf8(line, where, ledger))
            except (msgspec.DecodeError, RecursionError):
                ledger.note("unreadable_line", where)
                if ledger.on_unreadable:
                    ledger.on_unreadable(line)


def _utf8(data: bytes, where: Where, ledger: Ledger) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        ledger.note("bad_encoding", where)
        return data.decode("cp1252", errors="replace")


def _resources(where: Where, value: object, ledger: Ledger) -> Iterator[tuple[Where, Record]]:
    if isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _resources(Where(where.file, number), item, ledger)
        return
    resource = record(value)
    kind = text(resource.get("resourceType"))
    if kind == "Bundle":
        for number, entry in enumerate(records(resource.get("entry")), start=1):
            yield from _entry(Where(where.file, number), entry, ledger)
    elif not kind:
        ledger.note("not_a_resource", where)
    elif not text(resource.get("id")):
        ledger.note("no_id", Where(where.file, where.line, kind))
    else:
        yield Where(where.file, where.line, f"{kind}/{text(resource['id'])}"), resource


def _entry(where: Where, entry: Record, ledger: Ledger) -> Iterator[tuple[Where, Record]]:
    resource = record(entry.get("resource"))
    url = text(entry.get("fullUrl"))
    if url.startswith("urn:uuid:") and resource:  # others in the Bundle refer to it by this
        resource = {**resource, "id": url.removeprefix("urn:uuid:")}
    yield from _resources(where, resource, ledger)
