"""Where the rows of each kind are, when each last changed, and their order: oldest change first, then by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, select

from bot.records import tables as t


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one kind. They come with `changed_at` (UTC seconds)."""

    query: Select[*tuple[Any, ...]]
    changed: ColumnElement[float]
    key: ColumnElement[Any]  # breaks ties, so that the order is total
    name: ColumnElement[str] | None = None  # the name of a row outside, where it has one

    def from_(self, since: float | None) -> Select[*tuple[Any, ...]]:
        """What changed from `since` (included) on, in order."""
        rows = self._changes().order_by(self.changed, self.key)
        return rows if since is None else rows.where(self.changed >= since)

    def named(self, name: str) -> Select[*tuple[Any, ...]]:
        """The one row of this name. Raises LookupError where rows of this kind have no names."""
        if self.name is None:
            raise LookupError(name)
        return self._changes().where(self.name == name)

    def _changes(self) -> Select[*tuple[Any, ...]]:
        return self.query.add_columns(self.changed.label("changed_at"))


def written_once(table: Table) -> Rows:
    """Rows that nothing changes any more."""
    return Rows(select(table), table.c.at, table.c.id, table.c.get("uid"))


_s = t.screenings.c
PMP_NOTICES = Rows(select(t.pmp_notices), func.coalesce(t.pmp_notices.c.settled_at, t.pmp_notices.c.at),
                   t.pmp_notices.c.id)  # fmt: skip
SCREENINGS = Rows(  # those without an answer yet have nothing to export
    select(t.screenings).where(_s.response_sealed.is_not(None)),
    func.coalesce(_s.updated_at, _s.completed_at, _s.started_at),
    _s.run,
    _s.run,
)
ACCOMMODATIONS = Rows(select(t.accommodations), t.accommodations.c.at,
                      t.accommodations.c.speaker + ":" + t.accommodations.c.kind)  # fmt: skip


def _latest(*times: ColumnElement[float | None]) -> ColumnElement[float]:
    """The greatest of these that is not null; the first never is. (SQLite and PostgreSQL call it by other names.)"""
    latest: ColumnElement[Any] = times[0]
    for one in times[1:]:
        latest = case((and_(one.is_not(None), one > latest), one), else_=latest)
    return latest


REFERRALS = Rows(
    select(t.referrals),
    _latest(t.referrals.c.at, t.referrals.c.taken_at, t.referrals.c.closed_at),
    t.referrals.c.id,
    t.referrals.c.uid,
)
CALL_BACKS = Rows(select(t.callbacks), _latest(t.callbacks.c.at, t.callbacks.c.done_at), t.callbacks.c.id)
