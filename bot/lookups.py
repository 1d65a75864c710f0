"""What actions may look up, and nothing else: SQL read by bot.members, bot.directory and bot.records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.config import Settings
from bot.content import ContentFolder
from bot.flow import Plan
from bot.records.database import Connection, Database, reading
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class Lookups:
    settings: Settings
    engine: Database
    vault: Vault
    content: ContentFolder
    clock: Callable[[], float]

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with reading(self.engine) as conn:
            yield conn

    def plan(self, plan: str) -> Plan:
        return self.content.current.plans[plan]

    def today(self, slots: dict[str, object]) -> date:
        """The day where the plan is, as the turn sees it."""
        return date.fromisoformat(str(slots["today"]))

    def now(self, slots: dict[str, object]) -> float:
        """UTC seconds, of the turn's own day (the simulator may be days ahead)."""
        ahead = self.today(slots) - datetime.fromtimestamp(self.clock(), self.zone(slots)).date()
        return self.clock() + ahead.days * 86_400.0

    def zone(self, slots: dict[str, object]) -> ZoneInfo:
        return ZoneInfo(self.plan(str(slots["plan"])).hours.zone)
