"""What is wrong with content, told to its author: where, by which rule, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.flow import Source


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong. `rule` is a name of the rule table (bot.check.table); `remedy` says what to do about it."""

    file: str
    line: int  # 1 is the first; 0: the file as a whole
    rule: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{Source(self.file, self.line)}: {self.rule}: {self.message}. {self.remedy}"


class ContentRefused(Exception):
    """The content cannot be run; `problems` says why, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))
