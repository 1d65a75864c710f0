"""Made-up members and providers, so that an empty store outside production can be tried at once."""

from __future__ import annotations

from collections.abc import Callable

from bot import passwords
from bot.config import ROOT, Settings, open_vault, sample_password
from bot.directory.importer import import_providers
from bot.flow import Content
from bot.members.import_csv import import_members
from bot.members.sample import SAMPLE_ROSTER
from bot.records import staff
from bot.records.counts import count_members, count_providers
from bot.records.database import Database, reading
from bot.staff import SAMPLE_STAFF

PROVIDERS = ROOT / "bot" / "directory" / "sample"


def load_sample(database: Database, settings: Settings, content: Content, say: Callable[[str], None]) -> None:
    """Fill what is empty, through the same importers as real data: providers first, members name them."""
    if not count_providers(database):
        say("Loading sample providers")
        import_providers(database, PROVIDERS)
    if not count_members(database):
        say("Loading sample members")
        import_members(database, open_vault(settings), content.plans, SAMPLE_ROSTER)


def load_sample_staff(database: Database, settings: Settings, now: float) -> str | None:
    """Staff to be, where there is nobody yet. The password of them all, while it is still theirs."""
    with reading(database) as conn:
        anybody = staff.everyone(conn)
    if anybody and not any(account.sign_in in SAMPLE_STAFF for account in anybody):
        return None
    password = sample_password(settings.data)
    if anybody:
        first = next(account for account in anybody if account.sign_in in SAMPLE_STAFF)
        return password if passwords.matches(first.password_hash, password) else None
    hashed = passwords.hashed(password)
    with database.begin() as conn:
        for sign_in, role in SAMPLE_STAFF.items():
            staff.add(conn, sign_in, sign_in.title(), role, hashed, now)
    return password
