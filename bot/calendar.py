"""Dates and hours that rules depend on. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.flow import Hours

WAKING = (time(8), time(21))  # 47 CFR 64.1200(c)(1): nothing unasked goes out at night, where the called party is


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


def waking(at: float, zone: str) -> float:
    """The same time where it is day in `zone`, else eight in the morning after it; UTC seconds both."""
    local = datetime.fromtimestamp(at, ZoneInfo(zone))
    if WAKING[0] <= local.time() < WAKING[1]:
        return at
    day = local.date() + timedelta(days=local.time() >= WAKING[1])
    return datetime.combine(day, WAKING[0], ZoneInfo(zone)).timestamp()


def reminder_at(when: str, now: float, zone: str) -> float:
    """When to remind: "hours" is in three hours, "tomorrow" and "days" are at ten in the morning. Never at night."""
    local = datetime.fromtimestamp(now, ZoneInfo(zone))
    if when == "hours":
        return waking(now + 3 * 3600, zone)
    day = local.date() + timedelta(days={"tomorrow": 1, "days": 3}[when])
    return datetime.combine(day, time(10), ZoneInfo(zone)).timestamp()
