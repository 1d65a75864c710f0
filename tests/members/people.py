"""Made-up people and a plan, for tests of the roster and the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, insert

from bot.flow import Hours, Plan, RewardWindow
from bot.members.household import GUARDIAN_PLACE, GuardianDetails
from bot.members.roster import Details, member_id_index, name_index, phone_index, seal_details
from bot.records.database import open_engine
from bot.records.tables import completions, guardian_links, guardians, members, metadata
from bot.vault import Vault
from tests.postgres import url_of

VAULT = Vault({1: b"k" * 32}, b"lookup" * 6)
TODAY = date(2026, 6, 15)

INDIANA = Plan(
    id="indiana",
    names={"en": "Plan"},
    phone="1-317-555-0100",
    tty="711",
    hours=Hours("America/Indiana/Indianapolis", {}),
    hours_text={},
    numbers=(),
    member_id_pattern=r"\d{12}",
    member_id_hint={},
    identity_keys=("member_id", "birth_date", "zip"),
    networks=(),
    pmp_kinds=(),
    reward_name={},
    reward_windows=(RewardWindow(3000),),
    languages=("en", "es"),
    questionnaires={},
)
OHIO = replace(
    INDIANA,
    id="ohio",
    member_id_pattern=r"\d{11}",
    reward_windows=(RewardWindow(5000, 0, 30), RewardWindow(2500, 31, 90)),
)
PLANS = {"indiana": INDIANA, "ohio": OHIO}


def at(year: int, month: int, day: int, hour: int = 16) -> float:
    """UTC seconds; 16:00 UTC is about noon in Indiana."""
    return datetime(year, month, day, hour, tzinfo=UTC).timestamp()


def file_engine(path: Path) -> Engine:
    """A database of its own in a folder, opened as the product does."""
    engine = open_engine(url_of(path / "records.db"), "normal")
    metadata.create_all(engine)
    return engine


def add_member(conn: Connection, id_: str, details: Details, plan: str = "indiana", **columns: object) -> None:
    row = {
        "id": id_,
        "plan": plan,
        "member_id_index": member_id_index(VAULT, plan, details.member_id),
        "phone_index": phone_index(VAULT, details.phone) if details.phone else None,
        "name_index": name_index(VAULT, details.first, details.last),
        "details_sealed": seal_details(VAULT, details),
        "language": "en",
        "benefits_begin": date(2026, 1, 1),
        "version": 0,
        "updated_at": 0.0,
    }
    conn.execute(insert(members).values(row | columns))


def add_guardian(conn: Connection, id_: str, first: str, last: str, member: str | None = None) -> None:
    sealed = VAULT.seal(msgspec.msgpack.encode(GuardianDetails(first, last)), GUARDIAN_PLACE)
    row = {"id": id_, "name_index": name_index(VAULT, first, last), "details_sealed": sealed, "member": member}
    conn.execute(insert(guardians).values(row))


def link(conn: Connection, child: str, guardian: str, expires: date | None = None) -> None:
    row = {"member": child, "guardian": guardian, "relationship": "parent", "expires": expires}
    conn.execute(insert(guardian_links).values(row))


def complete(conn: Connection, member: str, step: str, when: float, reference: str = "m1") -> int:
    row = {"member": member, "step": step, "source": "carestart", "reference": reference, "at": when}
    inserted = conn.execute(insert(completions).values(row)).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])
