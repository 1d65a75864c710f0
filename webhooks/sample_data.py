"""Made-up members and providers, so that an empty store outside production can be tried at once."""

from __future__ import annotations

from collections.abc import Callable

from bot.config import ROOT, Settings, open_vault
from bot.directory.importer import import_providers
from bot.flow import Content
from bot.members.import_csv import import_members
from bot.members.sample import SAMPLE_ROSTER
from bot.records.counts import count_members, count_providers
from bot.records.database import Database

PROVIDERS = ROOT / "bot" / "directory" / "sample"


def load_sample(database: Database, settings: Settings, content: Content, say: Callable[[str], None]) -> None:
    """Fill what is empty, through the same importers as real data: providers first, members name them."""
    if not count_providers(database):
        say("Loading sample providers")
        import_providers(database, PROVIDERS)
    if not count_members(database):
        say("Loading sample members")
        import_members(database, open_vault(settings), content.plans, SAMPLE_ROSTER)
