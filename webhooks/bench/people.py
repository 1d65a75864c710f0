"""Made-up members to measure with: the same person under many member IDs, so that each is answered the same words."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from bot.bootstrap import Bot
from bot.flow import Plan
from bot.members.import_csv import import_members
from webhooks.bench.failure import BenchFailed

BIRTH_DATE, ZIP = "1990-05-17", "46204"
_AREAS = ("317", "219", "260", "463", "574", "765", "812", "930")
_COLUMNS = ("plan", "member_id", "first_name", "last_name", "birth_date", "sex", "zip", "benefits_begin")


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up member and the phone they text from (E.164)."""

    member_id: str
    phone: str


@dataclass(frozen=True, slots=True)
class Town:
    """The plan that the made-up members belong to, and the number they text."""

    plan: str
    number: str


def town_of(bot: Bot) -> Town:
    """The first plan whose member IDs are twelve digits and that has a number of its own."""
    plans = bot.content.current.plans.values()
    fitting = next((plan for plan in plans if plan.numbers and _takes_our_ids(plan)), None)
    if fitting is None:
        raise BenchFailed("no plan has both a number and member IDs of twelve digits, which the made-up members have")
    return Town(fitting.id, fitting.numbers[0])


@dataclass(slots=True)
class Newcomers:
    """New members without end, imported as many at a time as are asked for."""

    bot: Bot
    town: Town
    folder: Path
    count: int = 0

    def bring(self, number: int) -> list[Person]:
        people = [_person(self.count + one) for one in range(number)]
        self.count += number
        _import(self.bot, self.town, self.folder, people)
        return people


def _takes_our_ids(plan: Plan) -> bool:
    return re.fullmatch(plan.member_id_pattern, _person(0).member_id) is not None


def _person(number: int) -> Person:
    area, line = divmod(number, 10_000)
    return Person(f"{990_000_000_000 + number}", f"+1{_AREAS[area % len(_AREAS)]}555{line:04d}")


def _import(bot: Bot, town: Town, folder: Path, people: list[Person]) -> None:
    file = folder / "members.csv"
    with file.open("w", newline="") as out:
        sheet = csv.writer(out)
        sheet.writerow(_COLUMNS)
        for one in people:
            sheet.writerow((town.plan, one.member_id, "Pat", "Sample", BIRTH_DATE, "M", ZIP, "2020-01-01"))
    report = import_members(bot.records, bot.vault, bot.content.current.plans, file)
    if report.added != len(people):
        raise BenchFailed(f"{report.added} of {len(people)} made-up members were imported: {report.problems[:3]}")
