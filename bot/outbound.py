"""Where texts of the outbox go. The simulator's phone reads them from SQL; Twilio's REST API comes with the console."""

from __future__ import annotations

from collections.abc import Callable

from bot.records.outbox import Due

Send = Callable[[Due], str]  # returns the state the text is in then: sent, dropped, unknown


def to_simulator(_text: Due) -> str:
    """The simulator's phone shows every text marked sent."""
    return "sent"
