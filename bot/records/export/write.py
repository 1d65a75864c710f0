"""Streams an export to a file and puts it on the audit."""

from __future__ import annotations

import json
import time
from typing import BinaryIO

import msgspec
from sqlalchemy import Engine

from bot.records import audit
from bot.records.database import reading
from bot.records.export.kinds import export
from bot.records.export.since import iso
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
                out.write(msgspec.json.encode(record) + b"\n")
                written += 1
    finally:
        _audit(engine, kind, since, written, actor, time.time() if now is None else now)
    return written


def _audit(engine: Engine, kind: str, since: float | None, written: int, actor: str, now: float) -> None:
    detail = {"records": written, "since": None if since is None else iso(since)}
    with engine.begin() as conn:
        audit.note(conn, now, actor, "export", kind, json.dumps(detail))
