"""Dates and hours that rules depend on. Pure."""

from __future__ import annotations

from datetime import date, datetime

from bot.flow import Hours


def is_open(hours: Hours, local: datetime) -> bool:
    """Member Services answers at this time, given in the plan's zone."""
    if local.date() in hours.holidays:
        return False
    return any(start <= local.time() < end for start, end in hours.week.get(local.weekday(), ()))


def effective_date(today: date, rule: str, *, kept: bool) -> date:
    """When a PMP chosen today takes effect: "next_month" is the first of the next month, "today" at once. One that is
    kept is in effect already."""
    if kept or rule == "today":
        return today
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)
