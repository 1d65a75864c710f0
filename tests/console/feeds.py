"""What feeds bring about: a member whose provider is lost, a record that did not arrive."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import update

from bot.bootstrap import Bot
from bot.members.roster import member_id_index
from bot.records import dispatches
from bot.records import tables as t
from bot.records.database import reading
from bot.records.dispatches import Problem, Sink
from tests.phone import rows


def member_of(bot: Bot, member_id: str) -> str:
    """Our id of the member of Indiana with this ID."""
    (row,) = rows(bot, t.members, t.members.c.member_id_index == member_id_index(bot.vault, "indiana", member_id))
    return str(row.id)


def lose_provider(bot: Bot, member: str, reason: str = "closed") -> str:
    """The name of the member's provider on file, who is lost to them now."""
    provider = rows(bot, t.providers)[0]
    with bot.records.begin() as conn:
        conn.execute(update(t.members).where(t.members.c.id == member).values(pmp_provider=provider.id))
        conn.execute(t.pmp_notices.insert().values(member=member, provider=provider.id, reason=reason, at=bot.clock()))
    return str(provider.name)


def give_up(
    bot: Bot, about: str, problem: Problem = "unreachable", sink: Sink = "webhook", kind: str = "consents"
) -> int:
    """The id of a record that went to a sink for three days without arriving, or was refused."""
    written = bot.clock() - dispatches.GIVE_UP_S
    with bot.records.begin() as conn:
        dispatches.note(conn, (sink,), kind, uuid4().hex, about, written)
    with reading(bot.records) as conn:
        id = dispatches.due(conn, sink, written)[-1]
    taken = dispatches.take(bot.records, id, bot.clock())
    assert taken is not None
    dispatches.failed(bot.records, taken, problem, bot.clock())
    return id
