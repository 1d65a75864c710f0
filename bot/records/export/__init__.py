"""Writes records out for the plan's own systems, one JSON object a line. What leaves is PHI: the plan's to protect."""

from bot.records.export.kinds import KINDS, export
from bot.records.export.since import parse_since
from bot.records.export.write import write_export

__all__ = ["KINDS", "export", "parse_since", "write_export"]
