"""Writes records out for the plan's own systems: FHIR R4 where it has a resource, else plain JSON, one a line; and all
of them as tables (CSV). What leaves is PHI: the plan's to protect."""

from bot.records.export.fhir.member import member_resource
from bot.records.export.kinds import KINDS, export, record
from bot.records.export.since import parse_since
from bot.records.export.write import write_export, write_funnel

__all__ = ["KINDS", "export", "member_resource", "parse_since", "record", "write_export", "write_funnel"]
