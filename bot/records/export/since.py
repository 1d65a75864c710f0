"""Times as people write them for `--since`, and as exports write them."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_since(text: str) -> float:
    """An ISO date or time as UTC seconds; without an offset it is UTC. Raises ValueError saying what is expected."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
    except (ValueError, OverflowError) as error:  # OverflowError: no year of ours in UTC
        raise ValueError("expected a date or time such as 2026-06-01 or 2026-06-01T14:30:00-04:00") from error


def iso(at: float) -> str:
    """UTC seconds as 2026-06-15T16:00:00Z; parts of a second are dropped."""
    return datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")
