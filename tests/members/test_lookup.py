"""Staff find a member by what they are told: an ID, a phone, a full name, the member's own or a guardian's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, event, update

from bot.members.household import GUARDIAN_PLACE, GuardianDetails
from bot.members.lookup import find
from bot.members.roster import Details, find_by_member_id, phone_index
from bot.records.tables import guardians
from tests.members.people import PLANS, VAULT, add_guardian, add_member, link
from tests.postgres import only_on_sqlite

ANN = Details("999900000001", "Ann", "Bell", "1990-05-04", phone="+13175550142")
JOSE = Details("999900000002", "José", "Peña-Ruiz", "1971-02-03", phone="+13175550143")
TIM = Details("999900000003", "Tim", "Bell", "2019-05-04")
KIM = Details("999900000004", "Kim", "Hill", "2020-05-04")


@pytest.fixture(autouse=True)
def people(conn: Connection) -> None:
    for id_, details in (("ann", ANN), ("jose", JOSE), ("tim", TIM), ("kim", KIM)):
        add_member(conn, id_, details)
    add_guardian(conn, "g-ann", "Ann", "Bell", "ann")
    add_guardian(conn, "g-rosa", "Rosa", "Hill")
    sealed = VAULT.seal(msgspec.msgpack.encode(GuardianDetails("Rosa", "Hill", "+13175550150")), GUARDIAN_PLACE)
    row = {"phone_index": phone_index(VAULT, "+13175550150"), "details_sealed": sealed}
    conn.execute(update(guardians).where(guardians.c.id == "g-rosa").values(row))
    link(conn, "tim", "g-ann")
    link(conn, "kim", "g-rosa")


def found(conn: Connection, what: str) -> list[str]:
    return [one.id for one in find(conn, VAULT, PLANS, what)]


@pytest.mark.parametrize(
    ("what", "who"),
    [
        ("999900000001", ["ann"]),
        (" 9999 0000-0001 ", ["ann"]),
        ("(317) 555-0143", ["jose"]),
        ("+1 317 555 0143", ["jose"]),
        ("1-317-555-0143", ["jose"]),
        ("317.555.0142", ["ann", "tim"]),  # her own, and her child's
        ("jose pena ruiz", ["jose"]),
        ("Peña-Ruiz, José", ["jose"]),
        ("ANN BELL", ["ann", "tim"]),
        ("tim bell", ["tim"]),
        ("Rosa Hill", ["kim"]),
        ("3175550150", ["kim"]),
    ],
)
def test_an_id_a_phone_or_a_full_name_finds_them(conn: Connection, what: str, who: list[str]) -> None:
    assert who == found(conn, what)


@pytest.mark.parametrize("what", ["", "  ", "Ann", "Bell", "99990000000", "317555", "%", "' or 1=1", ",", "x" * 5000])
def test_a_part_of_it_finds_nobody(conn: Connection, what: str) -> None:
    assert [] == found(conn, what)


def test_an_id_is_looked_for_in_each_plan_and_the_plans_given_only(conn: Connection) -> None:
    add_member(conn, "other", ANN, plan="ohio")
    assert {"ann", "other"} == set(found(conn, "999900000001"))
    only = {"ohio": PLANS["ohio"]}
    assert ["other"] == [one.id for one in find(conn, VAULT, only, "999900000001")]
    assert [] == [one.id for one in find(conn, VAULT, only, "jose pena ruiz")]
    assert () == find(conn, VAULT, {}, "999900000001")


def test_digits_are_an_id_and_a_phone(conn: Connection) -> None:
    add_member(conn, "ida", Details("13175550143", "Ida", "Lee", "1980-01-01"), plan="ohio")
    assert ["ida", "jose"] == found(conn, "13175550143")


@pytest.mark.parametrize(
    "look_up",
    [
        lambda conn: find(conn, VAULT, PLANS, "999900000001"),
        lambda conn: find(conn, VAULT, PLANS, "Ann Bell"),
        lambda conn: find_by_member_id(conn, VAULT, "indiana", "999900000001"),
    ],
)
def test_no_look_up_reads_everybody(conn: Connection, look_up: Callable[[Connection], object]) -> None:
    only_on_sqlite("reads its query plans; of a handful of rows PostgreSQL rightly reads all")
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(conn, "before_cursor_execute", note)
    look_up(conn)
    event.remove(conn, "before_cursor_execute", note)
    plans = [conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all() for statement, values in asked]
    steps = [row.detail for plan in plans for row in plan]
    assert any("member" in step for step in steps)
    assert not [step for step in steps if step.startswith(("SCAN members", "SCAN g")) or step.endswith("(plan=?)")]
