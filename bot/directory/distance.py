"""Miles between places, and the grid that lets an index find what is near.

The earth is cut into squares of degrees, numbered; `CELL` is about 0.7 miles high, `AREA` about seven."""

from __future__ import annotations

from math import asin, cos, floor, radians, sin, sqrt

CELL = 0.01
AREA = 0.1
MILES_PER_DEGREE = 69.0
_EARTH_RADIUS_MILES = 3958.8
_ROW = 100_000  # more squares than fit round the equator at either size


def miles_between(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance in miles (haversine); all arguments in degrees."""
    up = sin(radians(other_latitude - latitude) / 2) ** 2
    across = sin(radians(other_longitude - longitude) / 2) ** 2
    shrunk = cos(radians(latitude)) * cos(radians(other_latitude))
    return 2 * _EARTH_RADIUS_MILES * asin(min(1.0, sqrt(up + shrunk * across)))


def square(latitude: float, longitude: float, size: float) -> int:
    """The number of the square of `size` degrees that holds the point."""
    return floor((latitude + 90) / size) * _ROW + floor((longitude + 180) / size)


def squares_within(latitude: float, longitude: float, miles: float, size: float) -> list[int]:
    """The squares that a circle of `miles` round the point may touch."""
    up = miles / MILES_PER_DEGREE
    across = up / max(0.1, cos(radians(min(89.0, abs(latitude) + up))))
    rows = range(floor((latitude - up + 90) / size), floor((latitude + up + 90) / size) + 1)
    columns = range(floor((longitude - across + 180) / size), floor((longitude + across + 180) / size) + 1)
    return [row * _ROW + column for row in rows for column in columns]
