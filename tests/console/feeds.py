"""What feeds bring about: a member whose provider is lost, a record that did not arrive."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select, update

from bot.bootstrap import Bot
from bot.members.roster import member_id_index
from bot.records import dispatches
from bot.records import tables as t
from bot.records.database import Database, reading
from bot.records.dispatches import Problem, Sink
from tests.phone import START, rows


def member_of(bot: Bot, member_id: str) -> str:
    """Our id of the member of Indiana with this ID."""
    (row,) = rows(bot, t.members, t.members.c.member_id_index == member_id_index(bot.vault, "indiana", member_id))
    return str(row.id)


def lose_provider(records: Database, member: str, reason: str = "closed", now: float = START) -> str:
    """The name of the member's provider on file, who is lost to them now."""
    with records.begin() as conn:
        id, name = conn.execute(select(t.providers.c.id, t.providers.c.name).order_by(t.providers.c.id)).first()
        conn.execute(update(t.members).where(t.members.c.id == member).values(pmp_provider=id))
        conn.execute(t.pmp_notices.insert().values(member=member, provider=id, reason=reason, at=now))
    return str(name)


def give_up(
    records: Database, about: str, problem: Problem = "unreachable", sink: Sink = "webhook", kind: str = "consents",
    now: float = START,
) -> int:  # fmt: skip
    """The id of a record that went to a sink for three days without arriving, or was refused."""
    written = now - dispatches.GIVE_UP_S
    with records.execution_options(deliver_to=(sink,)).begin() as conn:
        dispatches.note(conn, kind, uuid4().hex, about, written)
    with reading(records) as conn:
        id = dispatches.due(conn, sink, now)[-1]
    taken = dispatches.take(records, id, now)
    assert taken is not None
    dispatches.failed(records, taken, problem, now)
    return id
