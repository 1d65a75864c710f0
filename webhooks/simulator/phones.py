"""The phones of one browser: made-up numbers, each with its own calendar, kept in a signed cookie."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, MutableMapping
from dataclasses import asdict, dataclass, replace
from typing import Any

MOST_PHONES = 12  # what a cookie holds with ease; the oldest makes room
DAY = 24 * 60 * 60


class NoSuchPhone(LookupError):
    """This browser has no phone of that key."""


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` texts `ours`. `days` is how far its calendar runs ahead; `last_id`, `last_at` its last message."""

    key: int
    number: str
    ours: str
    days: int = 0
    last_id: str = ""
    last_at: float = 0.0

    @property
    def ahead(self) -> float:
        """How many seconds its calendar runs ahead."""
        return float(self.days * DAY)

    def time(self, clock: float) -> float:
        """What this phone takes for now, in UTC seconds."""
        return clock + self.ahead


class Phones:
    """The phones in a cookie's data, oldest first."""

    def __init__(self, cookie: MutableMapping[str, Any]) -> None:
        self._cookie = cookie

    def all(self) -> list[Phone]:
        return [Phone(**each) for each in self._cookie.get("phones", [])]

    def get(self, key: int | None) -> Phone:
        """The phone of that key. Raises NoSuchPhone."""
        for phone in self.all():
            if phone.key == key:
                return phone
        raise NoSuchPhone(key)

    def add(self, ours: str, number: str) -> Phone:
        """A phone with that number that texts `ours`: the one there is, or a new one."""
        phones = self.all()
        for phone in phones:
            if (phone.number, phone.ours) == (number, ours):
                return phone
        phone = Phone(max((each.key for each in phones), default=0) + 1, number, ours)
        self._keep([*phones, phone][-MOST_PHONES:])
        return phone

    def new_number(self, but_not: Iterable[str]) -> str:
        """A made-up number that no phone here has, and none of these."""
        return made_up_number({*but_not, *(phone.number for phone in self.all())})

    def change(self, phone: Phone, **changed: Any) -> Phone:
        """Keep this phone with some of its fields changed."""
        new = replace(phone, **changed)
        self._keep([new if each.key == new.key else each for each in self.all()])
        return new

    def _keep(self, phones: list[Phone]) -> None:
        self._cookie["phones"] = [asdict(phone) for phone in phones]


def made_up_number(taken: set[str]) -> str:
    """A number from the hundred set aside for fiction in Indianapolis: +1 317 555 01xx."""
    free = [number for last in range(100) if (number := f"+131755501{last:02}") not in taken]
    return secrets.choice(free)


def readable(number: str) -> str:
    """+13175550123 as (317) 555-0123; any other number as it is."""
    digits = number.removeprefix("+1")
    if number.startswith("+1") and len(digits) == 10 and digits.isdigit():
        return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    return number
