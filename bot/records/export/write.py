"""Streams an export to a file and puts it on the audit."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any, BinaryIO

import msgspec
from sqlalchemy import Engine

from bot.flow import Content
from bot.records import audit
from bot.records.database import reading
from bot.records.export.funnel import COLUMNS, funnel_records
from bot.records.export.kinds import export
from bot.records.export.since import iso
from bot.records.funnel import Entries, count_funnel
from bot.vault import Vault


def write_export(
    engine: Engine,
    vault: Vault,
    kind: str,
    since: float | None,
    out: BinaryIO,
    *,
    actor: str = "cli",
    now: float | None = None,
) -> int:
    """Write one JSON object a line and return how many. The audit row tells how many, also when it broke off."""
    written = 0
    try:
        with reading(engine) as conn:
            for record in export(conn, vault, kind, since):
                out.write(_as_json(record))
                written += 1
    finally:
        _audit(engine, kind, since, written, actor, time.time() if now is None else now)
    return written


def write_funnel(
    engine: Engine,
    content: Content,
    since: float | None,
    out: BinaryIO,
    *,
    as_csv: bool = False,
    actor: str = "cli",
    now: float | None = None,
) -> int:
    """Write the funnel of the entries that started from `since` on, one number a line, and return how many."""
    at = time.time() if now is None else now
    with reading(engine) as conn:
        records = list(funnel_records(count_funnel(conn, content, at, Entries(since=since))))
    line = _as_csv if as_csv else _as_json
    if as_csv:
        out.write(_as_csv(dict(zip(COLUMNS, COLUMNS, strict=True))))
    for record in records:
        out.write(line(record))
    _audit(engine, "funnel", since, len(records), actor, at)
    return len(records)


def _as_json(record: dict[str, Any]) -> bytes:
    return msgspec.json.encode(record) + b"\n"


def _as_csv(record: dict[str, Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(record[column] for column in COLUMNS)
    return text.getvalue().encode()


def _audit(engine: Engine, kind: str, since: float | None, written: int, actor: str, now: float) -> None:
    detail = {"records": written, "since": None if since is None else iso(since)}
    with engine.begin() as conn:
        audit.note(conn, now, actor, "export", kind, json.dumps(detail))
