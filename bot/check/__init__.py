"""Checks content: everything load_content refuses, and what is unwise besides."""

from __future__ import annotations

from pathlib import Path

from bot.check.table import LINT, RULE_NAMES
from bot.content.load import draft_content
from bot.content.problem import Problem
from bot.content.rule import broken

__all__ = ["RULE_NAMES", "check_content"]


def check_content(folder: Path) -> list[Problem]:
    """Everything wrong with the content under `folder`, sorted by place; wording only once the rest can be read."""
    draft, problems = draft_content(folder)
    if draft is not None:
        problems = [*problems, *broken(LINT, draft)]
    return sorted(set(problems))
