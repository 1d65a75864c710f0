"""The queue as the console shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.bootstrap import Bot
from bot.calendar import open_around, open_seconds
from bot.flow import Plan
from bot.ownership import is_agent
from bot.records.database import reading
from bot.records.queue import Waiting, set_aside, waiting
from webhooks.console.words import CHANNELS, LANGUAGES, holder, reason


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation that waits or is being helped."""

    conversation: str
    reason: str
    urgent: bool
    language: str
    channel: str
    plan: str
    waits: str  # "4 min"
    promise: str  # "6 min left", "2 min late", "closed now", ""
    late: bool
    holder: str
    held: bool
    owes: str  # "the member has waited 3 min for an answer", or ""


@dataclass(frozen=True, slots=True)
class QueueView:
    """What waits, what staff have, and what nobody waits for but somebody should look at."""

    open: Sequence[Row]
    mine: Sequence[Row]
    others: Sequence[Row]
    aside: Sequence[Row]
    reasons: Mapping[str, int]  # code -> how many wait
    languages: Mapping[str, int]


_Around = tuple[float, float] | None  # since when and until when Member Services is open now


def queue_view(
    bot: Bot, me: str, names: Mapping[str, str], wanted_reason: str = "", wanted_language: str = ""
) -> QueueView:
    """`me` is agent:<id>; `names` are those of staff by agent:<id>. Of the open ones only those that are wanted."""
    with reading(bot.records) as conn:
        all_of_them, aside = waiting(conn), set_aside(conn)
    now, plans = bot.clock(), bot.content.current.plans
    unclaimed = [one for one in all_of_them if one.state == "open"]
    shown = [
        one
        for one in unclaimed
        if wanted_reason in ("", one.reason) and wanted_language in ("", one.language)
    ]  # fmt: skip
    claimed = [one for one in all_of_them if one.state == "claimed"]

    around = {plan.id: open_around(plan.hours, now) for plan in plans.values()}

    def rows(some: Sequence[Waiting]) -> list[Row]:
        return [_row(one, plans.get(one.plan), names, now, around.get(one.plan)) for one in some]

    return QueueView(
        open=rows(shown),
        mine=rows([one for one in claimed if one.claimed_by == me]),
        others=rows([one for one in claimed if one.claimed_by != me]),
        aside=rows(aside),
        reasons=Counter(one.reason for one in unclaimed),
        languages=Counter(one.language for one in unclaimed),
    )


def _row(one: Waiting, plan: Plan | None, names: Mapping[str, str], now: float, around: _Around) -> Row:
    promise, late = _promise(one, plan, now, around)
    owed = one.waiting_since if is_agent(one.owner) else None
    return Row(
        conversation=one.conversation,
        reason=reason(one.reason),
        urgent=one.urgent,
        language=LANGUAGES.get(one.language, one.language),
        channel=CHANNELS.get(one.how, "Text"),
        plan=plan.names["en"] if plan else one.plan,
        waits=ago(now - one.at),
        promise=promise,
        late=late,
        holder=holder(one.claimed_by or one.owner, names),
        held=one.state == "claimed",
        owes=f"the member has waited {ago(now - owed)} for an answer" if owed else "",
    )


def _promise(one: Waiting, plan: Plan | None, now: float, around: _Around) -> tuple[str, bool]:
    """How long is left until somebody should have come. The clock stands still out of hours."""
    if one.due_at is None or plan is None or one.state != "open":
        return "", False
    late = one.due_at <= now
    if around is None and not late:
        return "closed now", False
    first, last = sorted((one.due_at, now))
    today = around is not None and around[0] <= first and last <= around[1]  # most are: no calendar is needed for them
    span = last - first if today else open_seconds(plan.hours, first, last)
    return f"{ago(span)} {'late' if late else 'left'}", late


def ago(seconds: float) -> str:
    """A span of time, to be read at a glance."""
    minutes = int(max(seconds, 0) // 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
