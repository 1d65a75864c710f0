"""The words of the simulator's page, from strings.yml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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

    def day(self, moment: datetime) -> str:
        """Monday, November 23."""
        words = catalogue()
        weekday = words["weekdays"][self.language][moment.weekday()]
        return self("day", weekday=weekday, month=words["months"][self.language][moment.month - 1], date=moment.day)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every string by name and language."""
    words: Mapping[str, Mapping[str, str]] = YAML(typ="safe").load(_FILE)
    return words
