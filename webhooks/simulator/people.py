"""The sample people a newcomer can be, with what they answer when asked who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.bootstrap import Bot


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """What identifies a made-up person; `about` says what is special about them. `phone` is E.164 or empty."""

    name: str
    about: str
    member_id: str
    birth_date: str
    zip: str
    phone: str = ""


def sample_people(bot: Bot, language: str, today: date) -> list[SamplePerson]:
    return []
