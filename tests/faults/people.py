"""Made-up members, as many as a storm needs, all alike but for their number: their conversations can be compared."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import uuid4

from bot.bootstrap import Bot, Records, open_records
from bot.config import ensure_keys, load_settings
from bot.members.import_csv import import_members
from bot.members.roster import Details, member_id_index, seal_details
from bot.records import tables as t
from bot.records.migrate import upgrade
from tests.postgres import database_of


def folder_with_members(data: Path, how_many: int) -> Path:
    """A data folder with keys and a migrated database that has members 0 to `how_many`."""
    ensure_keys(data)
    records = open_records(load_settings({"SAMPLE_DATA": "no", **database_of(data)}, data))
    try:
        upgrade(records.engine)
        with records.engine.begin() as conn:
            conn.execute(t.members.insert(), [_member(records, number) for number in range(how_many)])
    finally:
        records.engine.dispose()
    return data


def plan_id(number: int) -> str:
    """The ID on the card of member `number`."""
    return f"{999_900_000_000 + number}"


def phone(number: int) -> str:
    return f"+1317555{number + 1000:04}"


def _member(records: Records, number: int) -> dict[str, object]:
    details = Details(
        plan_id(number), "Pat", "Sample", "1985-03-04", "F", "46204", "123 Oak St", "Indianapolis", "IN",
        email="pat@example.org",
    )  # fmt: skip
    return {
        "id": uuid4().hex,
        "plan": "indiana",
        "member_id_index": member_id_index(records.vault, "indiana", plan_id(number)),
        "details_sealed": seal_details(records.vault, details),
        "language": "en",
        "benefits_begin": date(2026, 1, 1),
        "version": 0,
        "updated_at": 0.0,
    }


FAMILY = """\
plan,member_id,first_name,last_name,birth_date,sex,zip,benefits_begin,guardian_first_name,guardian_last_name,relationship
indiana,999911110001,Robin,Sample,2019-05-06,F,46204,2026-01-01,Dana,Sample,parent
indiana,999911110001,Robin,Sample,2019-05-06,F,46204,2026-01-01,Kim,Sample,parent
"""


def add_family(bot: Bot, folder: Path) -> None:
    """A child with two parents on file, through the importer."""
    file = folder / "family.csv"
    file.write_text(FAMILY)
    report = import_members(bot.records, bot.vault, bot.content.current.plans, file)
    assert not report.rejected, report.problems
