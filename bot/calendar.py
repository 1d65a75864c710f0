"""Dates and hours that rules depend on. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.flow import Hours

WAKING = (time(8), time(21))  # 47 CFR 64.1200(c)(1): nothing unasked goes out at night, where the called party is

CALLBACKS_OFFERED = 4
MIDDLES = (time(10), time(14))  # of the morning, of the afternoon
NOTICE_S = 3600.0  # before a call back, for staff to see that it is due
CALL_S = 1800.0  # what a call takes
APART_S = 7200.0  # two times offered
LOOK_AHEAD_DAYS = 16


def is_open(hours: Hours, local: datetime) -> bool:
    """Member Services answers at this time, given in the plan's zone."""
    if local.date() in hours.holidays:
        return False
    return any(start <= local.time() < end for start, end in hours.week.get(local.weekday(), ()))


def open_until(hours: Hours, start: float, seconds: float) -> float | None:
    """When Member Services will have been open for this long since `start` (UTC seconds): the service-level clock,
    which stands still out of hours. None where that is not within a fortnight or so."""
    zone = ZoneInfo(hours.zone)
    day = datetime.fromtimestamp(start, zone).date()
    left = seconds
    for ahead in range(LOOK_AHEAD_DAYS + 1):
        for opens, closes in _open_times(hours, day + timedelta(days=ahead)):
            begins = max(start, opens)
            if closes - begins >= left:
                return begins + left
            left -= max(closes - begins, 0.0)
    return None


def closes(hours: Hours, at: float) -> float | None:
    """When Member Services closes, being open `at` this time (UTC seconds); None where it is closed."""
    around = open_around(hours, at)
    return around[1] if around else None


def open_around(hours: Hours, at: float) -> tuple[float, float] | None:
    """Since when and until when Member Services is open `at` this time, UTC seconds; None where it is closed."""
    day = datetime.fromtimestamp(at, ZoneInfo(hours.zone)).date()
    return next(((begins, ends) for begins, ends in _open_times(hours, day) if begins <= at < ends), None)


def open_seconds(hours: Hours, start: float, end: float) -> float:
    """For how long Member Services was open between two times (UTC seconds)."""
    zone = ZoneInfo(hours.zone)
    day, last = datetime.fromtimestamp(start, zone).date(), datetime.fromtimestamp(end, zone).date()
    days = (day + timedelta(days=ahead) for ahead in range((last - day).days + 1))
    spans = (span for each in days for span in _open_times(hours, each))
    return sum(max(min(closes, end) - max(opens, start), 0.0) for opens, closes in spans)


def _open_times(hours: Hours, day: date) -> list[tuple[float, float]]:
    """When it opens and closes on this day, in UTC seconds."""
    if day in hours.holidays:
        return []
    zone = ZoneInfo(hours.zone)
    spans = hours.week.get(day.weekday(), ())
    return [tuple(datetime.combine(day, at, zone).timestamp() for at in span) for span in spans]  # type: ignore[misc]


def callback_times(hours: Hours, now: float) -> tuple[float, ...]:
    """When a person could call back, UTC seconds: in an hour or two while there is room, then in the middle of the
    mornings and afternoons to come. Never close together, and always with time left for the call. None where Member
    Services does not open within a fortnight or so."""
    zone = ZoneInfo(hours.zone)
    soonest = _half_hour_from(now + NOTICE_S)
    today = datetime.fromtimestamp(now, zone).date()
    days = (today + timedelta(days=ahead) for ahead in range(LOOK_AHEAD_DAYS))
    times = [datetime.combine(day, at, zone).timestamp() for day in days for at in _good_times(hours, day)]
    found: list[float] = []
    for at in sorted({soonest, *times}):
        apart = not found or at - found[-1] >= APART_S
        if at >= soonest and apart and _room_for_a_call(hours, datetime.fromtimestamp(at, zone)):
            found.append(at)
    return tuple(found[:CALLBACKS_OFFERED])


def _half_hour_from(at: float) -> float:
    return -(-at // 1800) * 1800.0


def _good_times(hours: Hours, day: date) -> list[time]:
    """The middle of the morning and of the afternoon; on a day without either, when it opens."""
    opened = hours.week.get(day.weekday(), ())
    good = [at for at in MIDDLES if _room_for_a_call(hours, datetime.combine(day, at))]
    return good or [start for start, _ in opened]


def _room_for_a_call(hours: Hours, local: datetime) -> bool:
    """It is open then, and still will be when the call is over."""
    return is_open(hours, local) and is_open(hours, local + timedelta(seconds=CALL_S))


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
