"""What waits for a person, and who has what: the console's lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from bot.ownership import ON_THE_SIDE, QUEUE
from bot.records import tables as t

_h = t.handoffs.c
_c = t.conversations.c
nobody_waits = or_(*(_h.reason.startswith(kind) for kind in ON_THE_SIDE))  # staff can see these hand-offs, that is all
_TO_LOOK_AT = or_(
    *(_h.reason.startswith(kind) for kind in ON_THE_SIDE if kind != "callback")
)  # that is in the calendar
_WAITING: Select[*tuple[Any, ...]] = (  # what Waiting holds, in its order
    select(
        _h.id, _h.conversation, _h.reason, _h.urgent, _h.state, _h.at, func.coalesce(_h.language, "en"),
        func.coalesce(_h.how, ""), func.coalesce(_h.plan, ""), _h.member, _h.due_at, _h.told_at,
        func.coalesce(_h.claimed_by, ""), _c.owner, _c.waiting_since,
    )
    .join(t.conversations, _c.id == _h.conversation)
    .where(_h.state.in_(("open", "claimed")))
    .order_by(_h.urgent.desc(), _h.at, _h.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hand-off that is not closed. Times in UTC seconds."""

    id: int
    conversation: str
    reason: str  # asked, misses, verification, finding, minor, crisis_medical...
    urgent: bool
    state: str  # open | claimed
    at: float  # since when
    language: str
    how: str  # sms, voice, relay
    plan: str
    member: str | None  # whom it is about, where known
    due_at: float | None  # when somebody should have come
    told_at: float | None  # when the member was told that nobody could
    claimed_by: str  # agent:<id>, or ""
    owner: str  # of the conversation
    waiting_since: float | None  # since when the member waits for an answer of the agent who has it


def waiting(conn: Connection, *, limit: int = 500) -> list[Waiting]:
    """What is open or claimed, urgent first, then oldest; a conversation once."""
    first: dict[str, Waiting] = {}
    for one in _list(conn, ~nobody_waits, limit):
        first.setdefault(one.conversation, one)
    return list(first.values())


def set_aside(conn: Connection, *, limit: int = 100) -> list[Waiting]:
    """What nobody waits for, and staff should look at: something sounded like danger, or went wrong."""
    return _list(conn, _TO_LOOK_AT, limit)


def handoffs_of(conn: Connection, conversation: str) -> list[Waiting]:
    """The open and claimed hand-offs of one conversation."""
    return _list(conn, _h.conversation == conversation, 50)


def claimer(conn: Connection, conversation: str) -> str:
    """agent:<id> of who has taken what waits in this conversation; "" where nobody has."""
    mine = and_(_h.conversation == conversation, _h.state == "claimed", ~nobody_waits)
    return conn.execute(select(_h.claimed_by).where(mine).order_by(_h.id.desc()).limit(1)).scalar() or ""


def _list(conn: Connection, which: ColumnElement[bool], limit: int) -> list[Waiting]:
    return [Waiting(*row) for row in conn.execute(_WAITING.where(which).limit(limit))]


def to_be_told(conn: Connection, now: float, limit: int = 100) -> Sequence[str]:
    """Conversations whose member is to learn that nobody came in time. One whom we will call, or called since,
    knows better."""
    c, k = t.conversations.c, t.callbacks.c
    late = and_(_h.state == "open", _h.tell_at <= now, _h.told_at.is_(None), c.owner == QUEUE)
    call = exists().where(k.conversation == _h.conversation, or_(k.state == "booked", k.done_at >= _h.at))
    query = select(_h.conversation).join(t.conversations, c.id == _h.conversation).where(late, ~call).distinct()
    return list(conn.execute(query.limit(limit)).scalars())


def unanswered_by_agents(conn: Connection, limit: int = 100) -> Sequence[tuple[str, str, float]]:
    """Where a member waits for the agent who has the conversation: (conversation, plan, since when), longest first."""
    c = t.conversations.c
    plan = select(func.max(_h.plan)).where(_h.conversation == c.id).scalar_subquery()
    query = select(c.id, plan.label("plan"), c.waiting_since).where(c.waiting_since.is_not(None))
    return [
        (row.id, row.plan or "", row.waiting_since)
        for row in conn.execute(query.order_by(c.waiting_since).limit(limit))
    ]
