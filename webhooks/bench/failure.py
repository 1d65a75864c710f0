"""What ends a measurement: a benchmark of errors is worth nothing."""

from __future__ import annotations


class BenchFailed(Exception):
    """Something was not as expected; the message says what was expected and what came."""
