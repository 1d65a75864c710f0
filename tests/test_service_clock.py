"""The service-level clock: it runs while Member Services is open, and stands still while it is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.calendar import closes, is_open, open_seconds, open_until
from bot.flow import Hours
from tests.test_callback_times import CLOCK, HOLIDAYS, NOW, WEEKDAYS, ZONES

DAY_S = 86_400
SPAN = st.integers(0, 4 * DAY_S)
WAIT = st.integers(1, DAY_S // 2)


# Nobody opens or closes within the hours that are skipped or come twice.
TIMES = CLOCK.filter(lambda at: at.hour not in (1, 2) or at.minute == 0)


@st.composite
def apart(draw: st.DrawFn) -> tuple[tuple[time, time], ...]:
    """One or two times of a day that do not overlap."""
    ends = sorted(draw(st.lists(TIMES, min_size=2, max_size=4, unique=True)))
    return tuple(zip(ends[::2], ends[1::2], strict=False))


SOUND_HOURS = st.builds(Hours, ZONES, st.dictionaries(st.integers(0, 6), apart()), HOLIDAYS)
# Around the Sundays on which the clocks are put forward and back, and whatever else there is.
NEAR_A_CHANGE = st.sampled_from(
    [datetime(2027, *day, 5, tzinfo=UTC).timestamp() for day in ((3, 14), (11, 7))]
).flatmap(lambda at: st.integers(int(at) - DAY_S, int(at) + DAY_S))
MOMENT = (NOW | NEAR_A_CHANGE).map(lambda at: at - at % 60)


def local(hours: Hours, at: float) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(hours.zone))


def open_minutes(hours: Hours, start: int, end: int) -> int:
    """Counted one by one."""
    return sum(is_open(hours, local(hours, at)) for at in range(start, end, 60))


@given(SOUND_HOURS, MOMENT, SPAN.map(lambda span: span - span % 60))
def test_it_counts_every_minute_in_which_somebody_is_there(hours: Hours, start: int, span: int) -> None:
    assert 60 * open_minutes(hours, start, start + span) == open_seconds(hours, start, start + span)


@given(SOUND_HOURS, MOMENT, SPAN, SPAN)
def test_what_it_shows_adds_up(hours: Hours, start: int, one: int, other: int) -> None:
    parts = open_seconds(hours, start, start + one) + open_seconds(hours, start + one, start + one + other)
    assert parts == open_seconds(hours, start, start + one + other)
    assert 0 <= parts <= one + other


@given(SOUND_HOURS, MOMENT, WAIT)
def test_when_a_wait_is_over_it_has_run_for_that_long_and_not_before(hours: Hours, start: int, wait: int) -> None:
    until = open_until(hours, start, wait)
    assume(until is not None)
    assert until is not None
    assert wait == pytest.approx(open_seconds(hours, start, until))
    assert open_seconds(hours, start, until - 1) == pytest.approx(wait - 1), "it ends while somebody is there"


@given(SOUND_HOURS, MOMENT, WAIT)
def test_a_wait_that_never_ends_is_longer_than_a_fortnight_holds(hours: Hours, start: int, wait: int) -> None:
    assume(open_until(hours, start, wait) is None)
    assert open_seconds(hours, start, start + 14 * DAY_S) < wait


@given(SOUND_HOURS, MOMENT)
def test_it_runs_until_closing_time_and_stands_still_while_closed(hours: Hours, at: int) -> None:
    closing = closes(hours, at)
    assert is_open(hours, local(hours, at)) == (closing is not None)
    if closing is None:
        assert 0 == open_seconds(hours, at, at + 60)
    else:
        assert closing - at == open_seconds(hours, at, closing) > 0


@given(SOUND_HOURS, MOMENT)
def test_a_plan_that_is_closed_for_good_keeps_nobody_to_anything(hours: Hours, at: int) -> None:
    shut = Hours(hours.zone, {}, hours.holidays)
    assert 0 == open_seconds(shut, at, at + 30 * DAY_S)
    assert None is open_until(shut, at, 60)


@pytest.mark.parametrize(("day", "hours_long"), [(date(2027, 3, 14), 23), (date(2027, 11, 7), 25)])
def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is(day: date, hours_long: int) -> None:
    always = Hours("America/New_York", {day.weekday(): ((time(0), time(23, 59)),)})
    start = datetime.combine(day, time(0), ZoneInfo(always.zone)).timestamp()
    assert hours_long * 3600 - 60 == open_seconds(always, start, start + 2 * DAY_S)


def test_over_a_weekend_and_a_holiday_ten_minutes_are_ten_minutes() -> None:
    friday = datetime(2027, 2, 12, 19, 55, tzinfo=ZoneInfo(WEEKDAYS.zone)).timestamp()
    until = open_until(WEEKDAYS, friday, 600)
    assert until is not None
    assert "Tue 16 08:05" == f"{local(WEEKDAYS, until):%a %d %H:%M}"
