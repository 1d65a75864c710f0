"""ZIP codes and their places, distances and the grid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory.distance import AREA, CELL, miles_between, square, squares_within
from bot.directory.zips import place

LATITUDES = st.floats(24, 60)
LONGITUDES = st.floats(-150, -67)


def test_a_zip_code_has_a_place_and_a_time_zone():
    downtown = place("46204")
    assert downtown is not None
    assert ("Indianapolis", "IN", "America/Indiana/Indianapolis") == (downtown.city, downtown.state, downtown.zone)


@pytest.mark.parametrize("wrong", ["", "4620", "462041", "00000", "abcde", "46204-1234", "４６２０４"])
def test_anything_else_has_none(wrong: str):
    assert place(wrong) is None


def test_miles_are_right():
    gary, indianapolis = place("46402"), place("46204")
    assert gary is not None and indianapolis is not None
    miles = miles_between(gary.latitude, gary.longitude, indianapolis.latitude, indianapolis.longitude)
    assert 130 < miles < 145


@given(LATITUDES, LONGITUDES, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.sampled_from([(2.0, CELL), (30.0, AREA)]))
def test_whatever_is_within_the_circle_is_within_its_squares(latitude, longitude, up, across, circle):
    miles, size = circle
    there = (latitude + up, longitude + across)
    if miles_between(latitude, longitude, *there) < miles * 0.99:
        assert square(*there, size) in squares_within(latitude, longitude, miles, size)
