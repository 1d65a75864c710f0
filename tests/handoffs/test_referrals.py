"""Referrals: the gravest first, taken by one, closed by whoever has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from bot.records import tables as t
from bot.records.database import reading
from bot.records.referrals import Referral, close_referral, open_referrals, take_referral
from tests.members.people import file_engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = file_engine(tmp_path)
    rows = [("HIGH", 30.0), ("MED", 10.0), ("URGENT", 40.0), ("HIGH", 20.0)]
    with engine.begin() as conn:
        for number, (tier, at) in enumerate(rows, 1):
            row = {"screening": f"run{number}", "tier": tier, "rules": json.dumps(["R-1", "R-2"]), "state": "open"}
            conn.execute(insert(t.referrals).values(row | {"at": at}))
    yield engine
    engine.dispose()


def waiting(engine: Engine) -> list[Referral]:
    with reading(engine) as conn:
        return open_referrals(conn)


def test_the_gravest_come_first_then_the_oldest(engine: Engine) -> None:
    assert ["run3", "run4", "run1", "run2"] == [one.screening for one in waiting(engine)]
    assert ("R-1", "R-2") == waiting(engine)[0].rules


def test_one_takes_it_and_closes_it(engine: Engine) -> None:
    assert take_referral(engine, 3, "agent:ana", 50.0)
    [first, *_] = waiting(engine)
    assert ("taken", "agent:ana", 50.0) == (first.state, first.taken_by, first.taken_at)
    assert not close_referral(engine, 3, "agent:ben", "helped", 60.0)
    assert close_referral(engine, 3, "agent:ana", "helped", 60.0)
    assert [4, 1, 2] == [one.id for one in waiting(engine)]
    assert not close_referral(engine, 3, "agent:ana", "declined", 70.0)
    assert not take_referral(engine, 3, "agent:ben", 70.0)


def test_of_all_who_take_it_at_once_one_has_it(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as at_once:
        takes = at_once.map(lambda staff: take_referral(engine, 1, f"agent:{staff}", 50.0), "abcdef")
        won = [staff for staff, first in zip("abcdef", takes, strict=True) if first]
    assert [f"agent:{staff}" for staff in won] == [one.taken_by for one in waiting(engine) if one.id == 1]


def test_it_is_taken_over_only_from_whoever_still_has_it(engine: Engine) -> None:
    take_referral(engine, 1, "agent:ana", 50.0)
    assert not take_referral(engine, 1, "agent:lea", 60.0)
    assert take_referral(engine, 1, "agent:lea", 60.0, from_="agent:ana")
    assert not take_referral(engine, 1, "agent:ben", 61.0, from_="agent:ana")
    assert close_referral(engine, 1, "agent:lea", "not_reached", 70.0)


def test_what_nobody_has_taken_nobody_closes(engine: Engine) -> None:
    assert not close_referral(engine, 1, "agent:ana", "helped", 60.0)
    with pytest.raises(ValueError, match="no outcome"):
        close_referral(engine, 1, "agent:ana", "gone", 60.0)  # type: ignore[arg-type]
