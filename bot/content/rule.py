"""A rule of content: its name, what to do when it is broken, and the function that finds where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.content.draft import Draft
from bot.content.problem import Problem
from bot.flow import Source

Finding = tuple[Source, str]  # where, and the message


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    remedy: str
    find: Callable[[Draft], Iterator[Finding]]


def broken(rules: Iterable[Rule], draft: Draft) -> list[Problem]:
    """Everything the rules find in the draft."""
    return [
        Problem(source.file, source.line, rule.name, message, rule.remedy)
        for rule in rules
        for source, message in rule.find(draft)
    ]
