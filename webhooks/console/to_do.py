"""What Member Services still has to do: call-backs in their calendar, and referrals from screenings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.records import callbacks, referrals
from bot.records.callbacks import Callback
from bot.records.database import reading
from webhooks.console.cases import in_audit, names
from webhooks.console.frame import bot, console, page, permitted, staff
from webhooks.console.masking import masked
from webhooks.console.queue_view import ago
from webhooks.console.words import CALLED, CHANNELS, ENDINGS, LANGUAGES

DAY_S = 86_400.0
TOLD: Mapping[str, str] = {"done": "Kept.", "already": "A colleague has done that already."}


@dataclass(frozen=True, slots=True)
class Appointment:
    """A call-back at the time that the member was told, there."""

    id: int
    at: datetime
    state: str
    late: str  # "20 min late", or ""
    language: str
    channel: str
    phone: str  # masked
    conversation: str
    member: str | None
    tries: int
    done_by: str


@console.get("/call-backs")
@permitted("callbacks")
def show_callbacks() -> Response:
    """What is due and overdue first, then the days to come, then what was done of late."""
    now = bot().clock()
    with reading(bot().records) as conn:
        listed = callbacks.callback_list(conn, bot().vault, now - 7 * DAY_S, now + 30 * DAY_S)
    in_audit("read_callbacks", "callbacks", f"listed: {len(listed)}")
    shown = [_appointment(one, now) for one in listed]
    return page(
        "callbacks.html",
        due=[one for one in shown if one.state in ("booked", "missed")],
        done=[one for one in shown if one.state not in ("booked", "missed")],
        outcomes=CALLED,
        told=_told(),
    )


def _told() -> str:
    """What came of the form that led here."""
    return TOLD.get(request.args.get("said", ""), "")


def _appointment(one: Callback, now: float) -> Appointment:
    late = now - one.due_at
    return Appointment(
        id=one.id,
        at=datetime.fromtimestamp(one.due_at, ZoneInfo(one.zone)),
        state=one.state,
        late=f"{ago(late)} late" if late > 0 and one.state == "booked" else "",
        language=LANGUAGES.get(one.language, one.language),
        channel=CHANNELS.get(one.how, one.how),
        phone=masked(one.phone, "phone"),
        conversation=one.conversation,
        member=one.member,
        tries=one.tries,
        done_by=names().get(one.done_by, ""),
    )


@console.post("/call-backs/<int(max=2147483647):callback>")
@permitted("callbacks")
def mark_called(callback: int) -> BaseResponse:
    """How the call went."""
    outcome, tries = request.form.get("outcome", ""), request.form.get("tries", type=int)
    chosen = next((one for one in callbacks.OUTCOMES if one == outcome), None)
    if chosen is None or tries is None or not 0 <= tries < 2**31:
        abort(400)
    with reading(bot().records) as conn:
        if not callbacks.is_there(conn, callback):
            abort(404)
    won = callbacks.mark_called(bot().records, callback, staff().by, chosen, bot().clock(), tries=tries)
    in_audit("callback", str(callback), outcome if won else "refused: done already")
    return redirect(url_for("console.show_callbacks", said="done" if won else "already"), 303)


@console.get("/referrals")
@permitted("see_answers")
def show_referrals() -> Response:
    with reading(bot().records) as conn:
        listed = referrals.open_referrals(conn)
    in_audit("read_answers", "referrals", f"listed: {len(listed)}")
    now = bot().clock()
    return page(
        "referrals.html",
        listed=[(one, ago(now - one.at)) for one in listed],
        names=names(),
        endings=ENDINGS,
        told=_told(),
    )


@console.post("/referrals/<int(max=2147483647):referral>")
@permitted("see_answers")
def move_referral(referral: int) -> BaseResponse:
    """Take one, or say how it ended."""
    outcome = request.form.get("outcome", "")
    ending = next((one for one in get_args(referrals.Outcome) if one == outcome), None)
    if outcome and ending is None:
        abort(400)
    with reading(bot().records) as conn:
        if not referrals.is_there(conn, referral):
            abort(404)
    now, by = bot().clock(), staff().by
    won = (
        referrals.close_referral(bot().records, referral, by, ending, now)
        if ending is not None
        else referrals.take_referral(bot().records, referral, by, now)
    )
    in_audit("referral", str(referral), (outcome or "taken") if won else "refused: done already")
    return redirect(url_for("console.show_referrals", said="done" if won else "already"), 303)
