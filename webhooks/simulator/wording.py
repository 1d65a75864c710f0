"""The words of the simulator's page, from strings.yml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

LANGUAGES = ("en", "es")
_FILE = Path(__file__).with_name("strings.yml")


class Wording:
    """The page's words in one language: `wording("segments_many", n=2)`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, name: str, /, **values: object) -> str:
        return str(catalogue()[name][self.language]).format_map(values)

    def count(self, name: str, n: int) -> str:
        """The singular or the plural of a counted thing."""
        return self(f"{name}_{'one' if n == 1 else 'many'}", n=n)

    def day(self, day: date) -> str:
        """Monday, November 23."""
        return self("day", weekday=catalogue()["weekdays"][self.language][day.weekday()], **self._parts(day))

    def born(self, day: str) -> str:
        """An ISO date as March 4, 1985."""
        return self("date", **self._parts(date.fromisoformat(day)))

    def _parts(self, day: date) -> dict[str, object]:
        month = catalogue()["months"][self.language][day.month - 1]
        return {"month": month, "date": day.day, "year": day.year}


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every string by name and language."""
    words: Mapping[str, Mapping[str, str]] = YAML(typ="safe").load(_FILE)
    return words
