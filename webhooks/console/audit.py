"""The audit, for those who look after it: newest first, of one person or about one subject; as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime

from flask import Response, abort, request

from bot.records import audit as records
from bot.records import staff as accounts
from bot.records.audit import ACTIONS, Entry
from bot.records.database import Connection, reading
from webhooks.console.frame import bot, console, page, permitted, staff

ROWS = 50  # on a page
_ID = re.compile(r"[\w:.-]{0,64}", re.ASCII)
_COLUMNS = ("id", "time (UTC)", "actor", "name", "action", "subject", "detail")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet's formula begins


@console.get("/audit")
@permitted("read_audit")
def audit() -> Response:
    actor, subject = _asked("actor"), _asked("subject")
    before = request.args.get("before", type=int)
    if before is not None and not 0 <= before < 2**63:
        abort(400)
    with reading(bot().records) as conn:
        rows = list(records.entries(conn, actor=actor, subject=subject, before=before, limit=ROWS + 1))
        names = _names(conn)
    return page(
        "audit.html",
        entries=rows[:ROWS],
        older=rows[ROWS - 1].id if len(rows) > ROWS else None,
        newest=before is None,
        names=names,
        meanings=ACTIONS,
        actor=actor,
        subject=subject,
    )


@console.post("/audit/export")
@permitted("read_audit")
def export_audit() -> Response:
    """All that the filter leaves, as CSV; that it was written out is in the audit too."""
    actor, subject = _asked("actor"), _asked("subject")
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(_COLUMNS)
    lines = 0
    with reading(bot().records) as conn:
        names = _names(conn)
        for entry in records.entries(conn, actor=actor, subject=subject, limit=None):
            table.writerow([_harmless(cell) for cell in _cells(entry, names)])
            lines += 1
    with bot().records.begin() as conn:
        told = json.dumps({"records": lines, "actor": actor, "subject": subject})
        records.note(conn, bot().clock(), staff().by, "export", "audit", told)
    disposition = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(written.getvalue(), headers=disposition, content_type="text/csv; charset=utf-8")


def _asked(name: str) -> str:
    """An id of ours to filter by. 400 for what cannot be one."""
    given = request.values.get(name, "").strip()
    if not _ID.fullmatch(given):
        abort(400)
    return given


def _names(conn: Connection) -> dict[str, str]:
    """Of everybody of staff, under the id of the account and as the audit has them as actor."""
    everyone = accounts.everyone(conn)
    return {account.staff.by: account.name for account in everyone} | {one.id: one.name for one in everyone}


def _cells(entry: Entry, names: dict[str, str]) -> list[str]:
    at = datetime.fromtimestamp(entry.at, UTC).isoformat(" ", "seconds").removesuffix("+00:00")
    name = names.get(entry.actor, "")
    return [str(entry.id), at, entry.actor, name, entry.action, entry.subject, entry.detail]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
