"""Brings in what another installation exported: the mirror of bot.records.export, record by record."""

from bot.records.reimport.importer import RecordsReport, import_records

__all__ = ["RecordsReport", "import_records"]
