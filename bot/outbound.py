"""Where texts of the outbox go: the port, what may become of a text, and the simulator's phone."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Protocol

from bot.records.outbox import Due

FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 900.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is on its way; `sid` is what the other side calls it, where it has a name for it."""

    sid: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """It surely was not taken, and may be after so many seconds. `code` is Twilio's; 0: nobody was reached."""

    seconds: float
    code: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken: never sent again."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It surely was not taken, and never will be."""

    code: int


Outcome = Accepted | Later | Unknown | Refused


class Outlet(Protocol):
    """A way out. `repeatable`: a text sent twice arrives once, so one whose sender died may be sent again; without it
    such a text's fate is unknown, and it is not repeated."""

    @property
    def repeatable(self) -> bool: ...

    def send(self, text: Due) -> Outcome:
        """Send a text, within less time than bot.worker.SENDING_S. What became of it."""
        ...


class Simulator:
    """The simulator's phone shows every text marked sent, so that marking it is sending it."""

    repeatable = True

    def send(self, text: Due) -> Outcome:
        return Accepted()


def backoff(text: Due) -> float:
    """How long a text waits after this attempt: longer each time, and not all texts at the same moment."""
    longest = min(FIRST_WAIT_S * 2.0 ** (text.attempt - 1), LONGEST_WAIT_S)
    return longest * Random(f"{text.id}{text.attempt}").uniform(0.5, 1.0)
