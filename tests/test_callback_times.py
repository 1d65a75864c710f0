"""When a person could call back: whatever a plan's hours are, only while somebody is there, soon, and apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import APART_S, CALL_S, CALLBACKS_OFFERED, NOTICE_S, callback_times, is_open
from bot.flow import Hours
from bot.spoken_dates import spoken_appointment

INDIANA = "America/Indiana/Indianapolis"
WEEKDAYS = Hours(INDIANA, {day: ((time(8), time(20)),) for day in range(5)}, (date(2027, 2, 15),))
ZONES = st.sampled_from((INDIANA, "America/Chicago", "Pacific/Honolulu", "America/Puerto_Rico", "America/New_York"))
NOW = st.integers(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2030, 1, 1, tzinfo=UTC).timestamp()))
CLOCK = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
INTERVAL = st.tuples(CLOCK, CLOCK).filter(lambda pair: pair[0] < pair[1])
WEEK = st.dictionaries(st.integers(0, 6), st.lists(INTERVAL, min_size=1, max_size=2).map(tuple))
HOLIDAYS = st.lists(st.dates(date(2026, 1, 1), date(2030, 1, 1)), max_size=9).map(tuple)
HOURS = st.builds(Hours, ZONES, WEEK, HOLIDAYS)


def local(hours: Hours, at: float) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(hours.zone))


def offered(year: int, month: int, day: int, hour: int, minute: int = 0) -> list[str]:
    now = datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(INDIANA)).timestamp()
    return [f"{local(WEEKDAYS, at):%a %d %H:%M}" for at in callback_times(WEEKDAYS, now)]


def test_in_the_morning_in_an_hour_then_this_afternoon_then_tomorrow() -> None:
    assert ["Tue 02 09:30", "Tue 02 14:00", "Wed 03 10:00", "Wed 03 14:00"] == offered(2027, 2, 2, 8, 10)


def test_shortly_before_closing_only_the_days_to_come() -> None:
    assert ["Wed 03 10:00", "Wed 03 14:00", "Thu 04 10:00", "Thu 04 14:00"] == offered(2027, 2, 2, 18, 50)


def test_a_weekend_and_a_holiday_are_passed_over() -> None:
    assert ["Tue 16 10:00", "Tue 16 14:00", "Wed 17 10:00", "Wed 17 14:00"] == offered(2027, 2, 12, 22)


def test_nobody_is_offered_a_time_of_a_plan_that_never_opens() -> None:
    assert () == callback_times(Hours(INDIANA, {}), 1801584000.0)


@given(HOURS, NOW)
def test_only_while_somebody_is_there_until_the_call_is_over(hours: Hours, now: float) -> None:
    for at in callback_times(hours, now):
        begins = local(hours, at)
        assert is_open(hours, begins) and is_open(hours, begins + timedelta(seconds=CALL_S))


@given(HOURS, NOW)
def test_with_notice_in_order_and_apart(hours: Hours, now: float) -> None:
    times = callback_times(hours, now)
    assert all(at >= now + NOTICE_S for at in times)
    assert all(later - earlier >= APART_S for earlier, later in pairwise(times))
    assert len(times) <= CALLBACKS_OFFERED


@given(NOW)
def test_there_are_four_wherever_the_week_has_working_days(now: float) -> None:
    assert CALLBACKS_OFFERED == len(callback_times(WEEKDAYS, now))


def test_a_time_is_said_with_its_day() -> None:
    at = datetime(2027, 2, 3, 13, 30, tzinfo=ZoneInfo(INDIANA)).timestamp()
    assert {
        "en": "Wednesday, February 3 at 1:30 p.m.",
        "es": "miércoles, 3 de febrero a la 1:30 p. m.",
    } == spoken_appointment(at, INDIANA)
