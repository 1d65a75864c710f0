"""Compiles a plan file: what differs by plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.flow import Hours, Plan, RewardWindow, Roster, Source

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class PlanError(ValueError):
    """A plan file cannot be used; `path` leads to what is wrong in it."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


def compile_plan(data: Mapping[str, Any], source: Source) -> Plan:
    """The plan of a file that keeps bot/schemas/plans.json. Raises PlanError for what a schema cannot see."""
    return Plan(
        id=data["id"],
        names=data["names"],
        phone=data["phone"],
        tty=data["tty"],
        hours=_hours(data["hours"]),
        hours_text=data["hours_text"],
        numbers=tuple(data["numbers"]),
        member_id_pattern=_pattern(data["member_id_pattern"]),
        member_id_hint=data["member_id_hint"],
        identity_keys=tuple(data["identity_keys"]),
        networks=tuple(data["networks"]),
        pmp_kinds=tuple(data["pmp_kinds"]),
        reward_name=data["reward_name"],
        reward_windows=_windows(data["reward_windows"]),
        languages=tuple(data["languages"]),
        questionnaires=data["questionnaires"],
        claim_minutes=data.get("claim_minutes", 10),
        facts=data.get("facts", {}),
        approval=data.get("approval", {}),
        roster=_roster(data.get("roster", {})),
        member_id_system=data.get("fhir", {}).get("member_id_system", ""),
        source=source,
    )


def _roster(data: Mapping[str, Any]) -> Roster:
    listed = {name: tuple(data[name]) for name in ("payer_ids", "sender_ids", "member_id") if name in data}
    return Roster(**listed, dependents_follow=data.get("dependents_follow", False))


def _hours(data: Mapping[str, Any]) -> Hours:
    try:
        ZoneInfo(data["zone"])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise PlanError(f"there is no time zone {data['zone']!r}", "hours", "zone") from error
    week = {day: _intervals(name, data["week"].get(name, ())) for day, name in enumerate(_WEEKDAYS)}
    return Hours(data["zone"], week, tuple(_day(text, place) for place, text in enumerate(data.get("holidays", ()))))


def _intervals(day: str, written: list[str]) -> tuple[tuple[time, time], ...]:
    intervals = []
    for place, text in enumerate(written):
        try:
            opens, closes = map(time.fromisoformat, text.split("-"))
        except ValueError as error:
            raise PlanError(f"{text!r} is no opening time", "hours", "week", day, place) from error
        if opens >= closes:
            raise PlanError(f"{text!r} closes before it opens", "hours", "week", day, place)
        intervals.append((opens, closes))
    return tuple(intervals)


def _day(text: str, place: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PlanError(f"{text!r} is no date", "hours", "holidays", place) from error


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise PlanError(f"{text!r} is not a regular expression: {error}", "member_id_pattern") from error
    return text


def _windows(written: list[Mapping[str, Any]]) -> tuple[RewardWindow, ...]:
    windows = tuple(RewardWindow(each["cents"], each.get("start_day", 0), each.get("end_day")) for each in written)
    last: int | None = -1
    for place, window in enumerate(windows):
        if (
            last is None
            or window.start_day <= last
            or (window.end_day is not None and window.end_day < window.start_day)
        ):
            raise PlanError("reward windows follow each other and do not overlap", "reward_windows", place)
        last = window.end_day
    return windows
