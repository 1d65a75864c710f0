"""The plan files say what the plan's public page says, and differ where plans do."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from tests.screening.conftest import FLOWS, read_yaml

PLANS = ("indiana", "ohio")


def plan(name: str) -> dict[str, Any]:
    return read_yaml(FLOWS / "plans" / f"{name}.yml")


def test_indiana_has_the_phones_and_hours_of_the_quick_start_page() -> None:
    indiana = plan("indiana")
    assert ("1-844-607-2829", "1-800-743-3333") == (indiana["phone"], indiana["tty"])
    assert "America/Indiana/Indianapolis" == indiana["hours"]["zone"]
    days = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    assert {day: ["08:00-20:00"] for day in days} == indiana["hours"]["week"]


def test_indiana_pays_30_dollars_without_a_deadline_and_ohio_by_day() -> None:
    assert [{"cents": 3000, "start_day": 0}] == plan("indiana")["reward_windows"]
    first, second = plan("ohio")["reward_windows"]
    assert {"cents": 5000, "start_day": 0, "end_day": 30} == first
    assert {"cents": 2500, "start_day": 31, "end_day": 90} == second


@pytest.mark.parametrize(("name", "good", "bad"), [("indiana", "1" * 12, "1" * 11), ("ohio", "1" * 11, "1" * 12)])
def test_a_member_id_has_the_form_of_its_plan(name: str, good: str, bad: str) -> None:
    pattern = re.compile(plan(name)["member_id_pattern"])
    assert pattern.fullmatch(good)
    assert not pattern.fullmatch(bad)


@pytest.mark.parametrize("name", PLANS)
def test_holidays_are_weekdays_of_2026_and_2027_in_order(name: str) -> None:
    holidays: list[date] = plan(name)["hours"]["holidays"]
    assert sorted(set(holidays)) == holidays
    assert {2026, 2027} == {day.year for day in holidays}
    assert all(day.weekday() < 5 for day in holidays)
    assert {date(2026, 12, 25), date(2027, 7, 5)} <= set(holidays)


def test_no_two_plans_share_a_number_or_a_network() -> None:
    for key in ("numbers", "networks"):
        values = [value for name in PLANS for value in plan(name)[key]]
        assert len(set(values)) == len(values)
    assert (["net-in-hhw"], ["net-oh-a"]) == (plan("indiana")["networks"], plan("ohio")["networks"])


@pytest.mark.parametrize("name", PLANS)
def test_what_members_read_is_there_in_every_language_of_the_plan(name: str) -> None:
    spoken = ("names", "hours_text", "member_id_hint", "reward_name")
    assert {tuple(plan(name)["languages"])} == {tuple(plan(name)[key]) for key in spoken}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_asks_with_the_shipped_forms(name: str) -> None:
    assert {"adult": "hns_adult", "child": "hns_child"} == plan(name)["questionnaires"]
