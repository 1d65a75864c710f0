"""Who is on file and active but in no loop of a full file: counted, listed, or ended where that was asked for."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, func, or_, select, update
from sqlalchemy import Row as SqlRow

from bot.members.rejects import open_rejects
from bot.members.roster import open_details
from bot.members.seen import Seen
from bot.records.tables import members
from bot.vault import Vault

_PAGE = 500
_Row = SqlRow[str, str, bytes]


def count_active(conn: Connection, plan: str, on: date) -> int:
    active = select(func.count()).select_from(members).where(members.c.plan == plan, _active(on))
    return conn.scalar(active) or 0


def count_missing(conn: Connection, seen: Seen, plan: str, on: date) -> int:
    return sum(len(page) for page in _pages(conn, seen, plan, on))


def list_missing(conn: Connection, vault: Vault, seen: Seen, whole: Mapping[str, date], path: Path) -> None:
    """Their member IDs as CSV, in a file only its owner can read. Raises Unreadable."""
    with open_rejects(path) as file:
        sheet = csv.writer(file)
        sheet.writerow(("plan", "member_id"))
        for plan, day in whole.items():
            for page in _pages(conn, seen, plan, day):
                sheet.writerows((plan, open_details(vault, row.details_sealed).member_id) for row in page)


def end_missing(conn: Connection, seen: Seen, plan: str, on: date, now: float) -> None:
    """Their benefits end on that day."""
    for page in _pages(conn, seen, plan, on):
        these = members.c.id.in_([row.id for row in page])
        conn.execute(
            update(members).where(these).values(benefits_end=on, version=members.c.version + 1, updated_at=now)
        )


def _pages(conn: Connection, seen: Seen, plan: str, on: date) -> Iterator[list[_Row]]:
    after = ""
    columns = (members.c.id, members.c.member_id_index, members.c.details_sealed)
    while True:
        # In the order of the index that begins with the plan: no page is sorted.
        rest = (members.c.plan == plan, _active(on), members.c.member_id_index > after)
        page = conn.execute(select(*columns).where(*rest).order_by(members.c.member_id_index).limit(_PAGE)).all()
        if not page:
            return
        unnamed = seen.unnamed([row.member_id_index for row in page])
        yield [row for row in page if row.member_id_index in unnamed]
        after = page[-1].member_id_index


def _active(on: date) -> ColumnElement[bool]:
    """Whose benefits go on beyond that day."""
    return or_(members.c.benefits_end.is_(None), members.c.benefits_end > on)
