"""The sample people one can be, and the numbers that are somebody's."""

from __future__ import annotations

from bot.bootstrap import Bot
from bot.members.sample import SAMPLE_IDENTITIES, SampleIdentity


def sample_people(bot: Bot, plan: str) -> list[SampleIdentity]:
    """The made-up members of a plan; none where sample data is not wanted."""
    wanted = bot.settings.sample_data
    return [person for person in SAMPLE_IDENTITIES if person.plan == plan] if wanted else []


def our_numbers(bot: Bot) -> list[str]:
    """Every number that members text, the first plan's first."""
    return [number for plan in bot.content.current.plans.values() for number in plan.numbers]


def numbers_in_use(bot: Bot) -> set[str]:
    """Ours and the sample people's: a stranger's phone has none of these."""
    return {*our_numbers(bot), *(person.phone for person in SAMPLE_IDENTITIES)}
