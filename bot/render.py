"""Turns what was said into what is sent: picks the wording, fills it, numbers the options. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.events import Said
from bot.flow import Choice, Content, Plan, RewardWindow, Variation

VARIABLE = re.compile(r"\{(\w+)\}")


def render(content: Content, plan: Plan, language: str, channel: str, said: Sequence[Said]) -> str:
    """One message out of everything a turn said, a line each."""
    return "\n".join(filter(None, (_part(content, plan, language, channel, one) for one in said)))


def _part(content: Content, plan: Plan, language: str, channel: str, said: Said) -> str:
    slots = {**plan_variables(plan, language), **said.slots}
    variation = choose(content.responses[said.response], slots, channel)
    if variation is None:
        return ""
    text = fill(variation.text.get(language) or variation.text["en"], slots, language)
    lines = [f"{choice.key} {fill(title(choice, language), slots, language)}" for choice in said.choices]
    return "\n".join([text, *lines])


def choose(variations: Sequence[Variation], slots: Mapping[str, Any], channel: str) -> Variation | None:
    """The first wording whose channel and condition fit: the same state always says the same."""
    fitting = (v for v in variations if v.channel in ("", channel) and (v.when is None or v.when(slots)))
    return next(fitting, None)


def variables_of(content: Content, plan: Plan, language: str, channel: str, said: Said) -> Iterator[tuple[str, str]]:
    """What a response says that is not its own wording: (variable, text) of each, in order."""
    slots = {**plan_variables(plan, language), **said.slots}
    variation = choose(content.responses[said.response], slots, channel)
    if variation is not None:
        text = variation.text.get(language) or variation.text["en"]
        yield from ((name, spoken(slots.get(name), language)) for name in VARIABLE.findall(text))


def title(choice: Choice, language: str) -> str:
    return choice.titles.get(language) or choice.titles.get("en") or choice.value


def fill(text: str, slots: Mapping[str, Any], language: str) -> str:
    """Put slots into `{slot}`. An empty one leaves nothing, never "None"."""
    return VARIABLE.sub(lambda found: spoken(slots.get(found[1]), language), text)


def spoken(value: Any, language: str) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, Mapping):
        return str(value.get(language) or value.get("en") or "")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def plan_variables(plan: Plan, language: str) -> dict[str, str]:
    """What a response may say of the plan: {plan_name}, {plan_phone}... and {plan_<fact>} for each further fact."""

    def in_language(texts: Mapping[str, str]) -> str:
        return texts.get(language) or texts.get("en", "")

    return {
        "plan_name": in_language(plan.names),
        "plan_phone": plan.phone,
        "plan_tty": plan.tty,
        "plan_hours": in_language(plan.hours_text),
        "reward_name": in_language(plan.reward_name),
        **_reward(plan.reward_windows),
        "member_id_hint": in_language(plan.member_id_hint),
        "claim_minutes": str(plan.claim_minutes),
        **{f"plan_{name}": str(value) for name, value in plan.facts.items()},
    }


def _reward(windows: Sequence[RewardWindow]) -> dict[str, str]:
    """{reward_most}: what a member can earn at most; {reward_until}: for how many days from when benefits begin."""
    most = {"reward_most": f"${max(window.cents for window in windows) // 100}"} if windows else {}
    ends = [window.end_day for window in windows if window.end_day is not None]
    return most | ({"reward_until": str(max(ends))} if windows and len(ends) == len(windows) else {})
