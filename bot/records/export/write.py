"""Streams an export to a file and puts it on the audit."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, BinaryIO

import msgspec
from sqlalchemy import Connection, Engine, text

from bot.flow import Content, Plan
from bot.records import audit
from bot.records.database import reading
from bot.records.export.flat import csv_line
from bot.records.export.funnel import COLUMNS, funnel_records
from bot.records.export.kinds import KINDS, export, export_cells
from bot.records.export.since import iso
from bot.records.funnel import Entries, count_funnel
from bot.vault import Vault


def write_export(
    engine: Engine,
    vault: Vault,
    plans: Mapping[str, Plan],
    kind: str,
    since: float | None,
    out: BinaryIO,
    *,
    as_csv: bool = False,
    actor: str = "cli",
    now: float | None = None,
) -> int:
    """Write one JSON object a line, or a table with its header, and return how many rows. The audit row tells how many,
    also when it broke off."""
    written = 0
    line: Callable[[Any], bytes] = csv_line if as_csv else _as_json
    try:
        if as_csv:
            out.write(csv_line(KINDS[kind].columns))
        with reading(engine) as conn:
            _take_your_time(conn)
            told = export_cells if as_csv else export
            with closing(told(conn, vault, plans, kind, since)) as records:
                for record in records:
                    out.write(line(record))
                    written += 1
    finally:
        _audit(engine, kind, since, written, as_csv, actor, time.time() if now is None else now)
    return written


def _take_your_time(conn: Connection) -> None:
    """Sorting a million rows may take longer than a turn may."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET LOCAL statement_timeout = 0"))


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
    if as_csv:
        out.write(csv_line(COLUMNS))
    for record in records:
        out.write(csv_line([str(record[column]) for column in COLUMNS]) if as_csv else _as_json(record))
    _audit(engine, "funnel", since, len(records), as_csv, actor, at)
    return len(records)


def _as_json(record: dict[str, Any]) -> bytes:
    return msgspec.json.encode(record) + b"\n"


def _audit(engine: Engine, kind: str, since: float | None, written: int, as_csv: bool, actor: str, now: float) -> None:
    detail = {"rows" if as_csv else "records": written, "since": None if since is None else iso(since)}
    with engine.begin() as conn:
        audit.note(conn, now, actor, "export", kind, json.dumps(detail))
