"""Writes records out for the plan's own systems, one JSON object a line, the funnel as CSV too. What leaves is PHI: the
plan's to protect."""

from bot.records.export.kinds import KINDS, export
from bot.records.export.since import parse_since
from bot.records.export.write import write_export, write_funnel

__all__ = ["KINDS", "export", "parse_since", "write_export", "write_funnel"]
