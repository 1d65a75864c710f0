"""One conversation, told by every member of a storm; what it must leave behind, taken from an undisturbed run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import func, select

from bot.bootstrap import Bot
from bot.inputs import MessageReceived
from bot.loading import conversation_of
from bot.records import tables as t
from bot.records.database import reading
from bot.records.stored import load_conversation
from bot.turn import take_turn
from tests.faults import people
from tests.phone import OURS, new_sid

SCREENING = ("1", "2", "back", "2", "1", "1", "1 4", "skip", "2")


def words(number: int) -> tuple[str, ...]:
    """Verify, choose texts, begin the screening: with a step back, a list and a refusal."""
    verify = ("hi", "1", people.plan_id(number), "3/4/1985", "46204")
    return (*verify, "3", "yes", "no", "menu", "3", *SCREENING)


@dataclass(frozen=True, slots=True)
class Kept:
    """What SQL keeps of one conversation, without what differs by chance: ids and times."""

    version: int
    answers: tuple[tuple[Any, ...], ...]  # the log, in order: flow, question, status, slots
    counts: dict[str, int]
    completions: tuple[str, ...]
    runs: tuple[tuple[str, str], ...]
    inbound: dict[str, int]  # state -> messages


def tell(bot: Bot, number: int) -> tuple[tuple[str | None, ...], Kept]:
    """The replies to the story without any fault, and what is kept then."""
    said = []
    for text in words(number):
        message = MessageReceived(new_sid(), bot.clock(), people.phone(number), OURS, text)
        said.append(take_turn(bot, message).text)
    return tuple(said), kept(bot, number)


def conversation(bot: Bot, number: int) -> str:
    return conversation_of(bot, MessageReceived("", 0, people.phone(number), OURS, ""))


def kept(bot: Bot, number: int) -> Kept:
    """What SQL has of this member's conversation, and of the member."""
    talk = conversation(bot, number)
    with reading(bot.records) as conn:
        index = bot.vault.index("member_id", f"indiana:{people.plan_id(number)}")
        member = conn.execute(select(t.members.c.id).where(t.members.c.member_id_index == index)).scalar_one()
        stored = load_conversation(conn, talk)
        log = conn.execute(select(t.answers).where(t.answers.c.conversation == talk).order_by(t.answers.c.id)).all()
        tables = (t.preferences, t.consents, t.screenings, t.findings, t.referrals, t.rewards)
        counts = {
            table.name: conn.execute(
                select(func.count()).select_from(table).where(table.c.member == member)
            ).scalar_one()
            for table in tables
        }
        steps = conn.execute(select(t.completions.c.step).where(t.completions.c.member == member)).scalars().all()
        runs = conn.execute(select(t.runs.c.flow, t.runs.c.state).where(t.runs.c.member == member)).all()
        states = conn.execute(
            select(t.inbound.c.state, func.count()).where(t.inbound.c.conversation == talk).group_by(t.inbound.c.state)
        ).all()
    return Kept(
        version=stored.version if stored else 0,
        answers=tuple((row.flow, row.question, row.status, _slots(bot, row.value_sealed, member)) for row in log),
        counts=counts,
        completions=tuple(sorted(steps)),
        runs=tuple(sorted((row.flow, row.state) for row in runs)),
        inbound={row[0]: row[1] for row in states},
    )


def _slots(bot: Bot, sealed: bytes | None, member: str) -> str:
    """The slots of a mark, with our own random id of the member and the ID on the card made equal for all."""
    slots = msgspec.msgpack.decode(bot.vault.open(sealed, "answers.value")) if sealed else {}
    own = ("member_id", "verification_suspect")
    alike = {name: "the card" if name in own else value for name, value in sorted(slots.items())}
    return repr(alike).replace(member, "the member")
