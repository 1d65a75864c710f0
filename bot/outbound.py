"""Where texts of the outbox go. The simulator's phone reads them from SQL; Twilio's REST API comes with the console."""

from __future__ import annotations

from typing import Protocol

from bot.records.outbox import Due


class Outlet(Protocol):
    """A way out. `repeatable`: a text sent twice arrives once, so one whose sender died may be sent again; without it
    such a text's fate is unknown, and it is not repeated."""

    @property
    def repeatable(self) -> bool: ...

    def send(self, text: Due) -> str:
        """Send a text; the state it is in then: sent, dropped, unknown."""
        ...


class Simulator:
    """The simulator's phone shows every text marked sent, so that marking it is sending it."""

    repeatable = True

    def send(self, text: Due) -> str:
        return "sent"
