"""Records on their way to the plan's other systems: what waits, and what did not arrive, to be sent again or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.members.roster import Member, members_among
from bot.records import dispatches
from bot.records.database import Database, reading
from bot.records.dispatches import Dispatch, Sink
from webhooks.console.cases import in_audit
from webhooks.console.frame import bot, console, page, permitted
from webhooks.console.masking import masked
from webhooks.console.words import PROBLEMS, RECORDS, SINKS

ROWS = 200  # on the page; what is seen to makes room for the rest
_ID = re.compile(r"\d{1,9}", re.ASCII)
_NO_PROBLEM = ("Was given up.", "Send it again.")

DO: Mapping[str, Callable[[Database, Sequence[int], float], int]] = {
    "resend": dispatches.resend,
    "drop": dispatches.drop,
}
TOLD: Mapping[str, str] = {
    "resend": "On their way again.",
    "drop": "They will not be sent any more.",
    "partly": "Done. A colleague was faster with some of them: those were left as they are.",
    "already": "A colleague was faster. Nothing was changed.",
    "nothing": "Select something first.",
}


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A record that was given up, as staff see it."""

    id: int
    record: str  # its name, by which the receiver knows it
    kind: str
    sink: Sink
    since: float
    tries: int
    happened: str
    next: str  # what to do
    member: str  # our id, or "" where it is about nobody on file
    name: str  # masked


@console.get("/deliveries")
@permitted("deliveries")
def show_deliveries() -> Response:
    """How each sink stands, and what did not arrive, the oldest first; `select` checks the boxes of all or one sink."""
    with reading(bot().records) as conn:
        standings, dead = dispatches.standings(conn), dispatches.dead(conn, ROWS)
        known = members_among(conn, bot().vault, {one.about for one in dead})
    in_audit("read_deliveries", "deliveries", f"listed: {len(dead)}")
    said = request.args.get("said", "")
    return page(
        "deliveries.html",
        standings=standings,
        dead=[_undelivered(one, known.get(one.about)) for one in dead],
        count=sum(one.dead for one in standings),
        sinks=SINKS,
        receivers=bot().settings.deliver_to,
        selected=_selected(),
        told=TOLD.get(said, ""),
        done=said in DO,
    )


def _selected() -> Sequence[str]:
    """The sinks of which everything is to be selected."""
    asked = request.args.get("select", "")
    return tuple(sink for sink in get_args(Sink) if asked in ("all", sink))


def _undelivered(one: Dispatch, about: Member | None) -> Undelivered:
    happened, then = PROBLEMS[one.problem] if one.problem else _NO_PROBLEM
    return Undelivered(
        id=one.id,
        record=one.record,
        kind=RECORDS.get(one.kind, one.kind),
        sink=one.sink,
        since=one.at,
        tries=one.attempts,
        happened=f"{happened[:-1]} (HTTP {one.status})." if one.status else happened,
        next=then,
        member=about.id if about else "",
        name=masked(f"{about.details.first} {about.details.last}", "name") if about else "",
    )


@console.post("/deliveries")
@permitted("deliveries")
def change_deliveries() -> BaseResponse:
    """Send what is selected again, or give it up for good."""
    what, ids = request.form.get("do", ""), _chosen()
    if what not in DO:
        abort(400)
    if not ids:
        return _back("nothing")
    changed = DO[what](bot().records, ids, bot().clock())
    in_audit(what, "deliveries", f"{changed} of {len(ids)}: {' '.join(map(str, ids))}")
    return _back(what if changed == len(ids) else "partly" if changed else "already")


def _chosen() -> Sequence[int]:
    """Ids of dispatches, each once. 400 for what cannot be one."""
    given = request.form.getlist("id")
    if not all(_ID.fullmatch(one) for one in given):
        abort(400)
    return sorted({int(one) for one in given})


def _back(said: str) -> BaseResponse:
    return redirect(url_for("console.show_deliveries", said=said), 303)
