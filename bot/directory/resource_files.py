"""FHIR resources out of files, one at a time: NDJSON, a Bundle, a single resource, or a folder of any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from bot.directory.loose_json import Record, record, records, text
from bot.directory.report import Ledger, Where

Progress = Callable[[str, int, int], None]  # ("read" or "store", how far, of how much)

_LINES = (".ndjson", ".jsonl")
_ENDINGS = (*_LINES, ".json")


class DirectoryUnreadable(Exception):
    """The path holds nothing to import; the message says what to do."""


def read_resources(path: Path, ledger: Ledger, progress: Progress | None = None) -> Iterator[tuple[Where, Record]]:
    """Every resource under the path, with where it stands. Broken ones are noted in the ledger and left out.

    Raises DirectoryUnreadable when there is nothing to read. An NDJSON file is read line by line, any other whole."""
    files = _files(path)
    total, done = sum(file.stat().st_size for file in files), 0
    for file in files:
        name = str(file.relative_to(path)) if path.is_dir() else file.name
        for where, size, value in _values(file, name, ledger):
            done += size
            if progress:
                progress("read", done, total)
            yield from _resources(where, value, ledger)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise DirectoryUnreadable(f"{path}: there is no such file or folder. Check the path.")
    try:
        files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.suffix.lower() in _ENDINGS)
        for file in files[:1]:
            file.open("rb").close()
    except OSError as problem:
        raise DirectoryUnreadable(f"{path}: {problem.strerror}. Check the path and its permissions.") from problem
    if not files:
        wanted = "a folder with .ndjson or .json files, one such file, or a FHIR Bundle"
        raise DirectoryUnreadable(f"{path}: nothing to import here. Give {wanted} of Plan-Net resources.")
    return files


def _values(file: Path, name: str, ledger: Ledger) -> Iterator[tuple[Where, int, object]]:
    try:
        if file.suffix.lower() in _LINES or _holds_lines(file):
            yield from _lines(file, name, ledger)
        else:
            yield from _whole(file, Where(name, 1), ledger)
    except OSError:
        ledger.note("unreadable_file", Where(name, 0))


def _holds_lines(file: Path) -> bool:
    """Whether a .json file is in truth NDJSON: one of its first lines is a resource by itself."""
    with file.open("rb") as stream:
        return any(_is_resource(line) for line in islice(stream, 5))


def _is_resource(line: bytes) -> bool:
    try:
        return "resourceType" in record(msgspec.json.decode(line.decode("utf-8-sig", errors="replace")))
    except (msgspec.DecodeError, RecursionError):
        return False


def _whole(file: Path, where: Where, ledger: Ledger) -> Iterator[tuple[Where, int, object]]:
    data = file.read_bytes()
    try:
        yield where, len(data), msgspec.json.decode(_utf8(data, where, ledger))
    except (msgspec.DecodeError, RecursionError):
        ledger.note("unreadable_file", where)


def _lines(file: Path, name: str, ledger: Ledger) -> Iterator[tuple[Where, int, object]]:
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            where = Where(name, number)
            if not line.strip():
                continue
            try:
                yield where, len(line), msgspec.json.decode(_utf8(line, where, ledger))
            except (msgspec.DecodeError, RecursionError):
                ledger.note("unreadable_line", where)


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
