"""Members whose primary provider has closed, left their plan's network or takes nobody new: helped to another one."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.directory.chosen import ClosedChoice, closed_choices, is_noted, settle
from bot.members.roster import Member, members_among
from bot.records.database import reading
from webhooks.console.cases import in_audit
from webhooks.console.frame import bot, console, page, permitted
from webhooks.console.masking import masked
from webhooks.console.to_do import TOLD
from webhooks.console.words import LOST

ROWS = 200  # on the page; who is helped makes room for others


@dataclass(frozen=True, slots=True)
class Lost:
    """A member without a provider, as staff see them."""

    notice: int
    member: str
    name: str  # masked
    plan: str
    provider: str
    why: str
    since: float


@console.get("/providers-closed")
@permitted("lost_providers")
def show_lost_providers() -> Response:
    """The latest first. Who has chosen another provider since is not listed any more."""
    with reading(bot().records) as conn:
        everybody = closed_choices(conn)
        listed = everybody[:ROWS]
        known = members_among(conn, bot().vault, {one.member for one in listed})
    in_audit("read_lost_providers", "lost_providers", f"listed: {len(listed)}")
    return page(
        "lost_providers.html",
        listed=[_lost(one, known[one.member]) for one in listed],
        count=len(everybody),
        told=TOLD.get(request.args.get("said", ""), ""),
    )


def _lost(one: ClosedChoice, who: Member) -> Lost:
    plan = bot().content.current.plans.get(one.plan)
    return Lost(
        notice=one.notice,
        member=one.member,
        name=masked(f"{who.details.first} {who.details.last}", "name"),
        plan=plan.names["en"] if plan else one.plan,
        provider=one.provider_name,
        why=LOST[one.reason],
        since=one.at,
    )


@console.post("/providers-closed/<int(max=2147483647):notice>")
@permitted("lost_providers")
def settle_lost_provider(notice: int) -> BaseResponse:
    """Somebody has seen to it."""
    with reading(bot().records) as conn:
        if not is_noted(conn, notice):
            abort(404)
    won = settle(bot().records, notice, bot().clock())
    in_audit("lost_provider", str(notice), "settled" if won else "refused: done already")
    return redirect(url_for("console.show_lost_providers", said="done" if won else "already"), 303)
