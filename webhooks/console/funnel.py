"""The funnel page: what is asked for, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from bot.bootstrap import Bot
from bot.records.database import reading
from bot.records.funnel import CHANNELS, LANGUAGES, UNKNOWN, Entries, count_funnel
from webhooks.console import chart
from webhooks.console.frame import bot, console, page, permitted

_DAY = 86_400.0
PERIODS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 12 months", "all": "Since the beginning"}
_DEFAULT_PERIOD = "90"


def shown_funnel(at: Bot, args: Mapping[str, str]) -> dict[str, Any]:
    """What funnel.html shows of the entries that `period`, `language` and `channel` ask for; what is none of the
    choices does not narrow."""
    now = at.clock()
    period = args.get("period", "")
    period = period if period in PERIODS else _DEFAULT_PERIOD
    counted = Entries(
        since=None if period == "all" else now - int(period) * _DAY,
        language=_one_of(args.get("language"), LANGUAGES),
        channel=_one_of(args.get("channel"), CHANNELS),
    )
    with reading(at.records) as conn:
        funnel = count_funnel(conn, at.content.current, now, counted)
    return {
        "funnel": funnel,
        "chart": chart,
        "names": chart.GROUP_NAMES,
        "period": period,
        "periods": PERIODS,
        "languages": (*LANGUAGES, UNKNOWN),
        "channels": (*CHANNELS, UNKNOWN),
    }


def _one_of(asked: str | None, known: tuple[str, ...]) -> str | None:
    return asked if asked in (*known, UNKNOWN) else None


@console.get("/funnel")
@permitted("read_funnel")
def funnel() -> Response:
    """How far people come. Counts only: of nobody in particular."""
    return page("funnel.html", **shown_funnel(bot(), request.args))
