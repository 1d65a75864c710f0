"""Which risk rules a finished screening fires, and whether it is referred. The rules are data: flows/rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from bot.conditions import ConditionError, compile_condition
from bot.flow import Condition, Source
from nlu.understanding import Urgency

TIERS = ("INFO", "MED", "HIGH", "URGENT")

# A member with this many MED findings is referred as one HIGH finding is (domain notes 1.5).
_MED_FOR_REFERRAL = 3

# How often, of the PHQ and GAD: the form's ordinalValue of each answer.
FREQUENCY = {"not_at_all": 0, "several_days": 1, "more_than_half": 2, "nearly_every_day": 3}


class RulesRefused(ValueError):
    """A rule that cannot be run. `file` is where it stands, `reason` says which rule and why."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule at one tier. A rule with several tiers is several of these: R3.info, R3.high."""

    id: str
    version: str
    tier: str  # one of TIERS
    topic: str
    when: Condition
    condition: str  # as written
    citation: str
    due: str  # how soon staff act, in words; empty: no date
    source: Source


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired for a member."""

    rule: str
    version: str
    tier: str
    topic: str


def load_rules(doc: Mapping[str, Any], file: str) -> tuple[Rule, ...]:
    """The rules of a parsed rules file, in its order. Raises RulesRefused."""
    version = str(doc.get("version", ""))
    entries = doc.get("rules")
    if not version or not isinstance(entries, list) or not entries:
        raise RulesRefused(file, "a rules file needs a version and a list of rules")
    for entry in entries:
        if not isinstance(entry, Mapping):
            raise RulesRefused(file, f"rule {entry!r} is not an object")
    rules = tuple(_rule(entry, version, file) for entry in entries)
    twice = {rule.id for rule in rules if sum(other.id == rule.id for other in rules) > 1}
    if twice:
        raise RulesRefused(file, f"rule {min(twice)} is there twice")
    return rules


_NEEDED = ("id", "tier", "topic", "condition", "citation")


def _rule(entry: Mapping[str, Any], version: str, file: str) -> Rule:
    name = entry.get("id", "without id")
    wrong = [key for key in _NEEDED if not entry.get(key)] + sorted(entry.keys() - {*_NEEDED, "version", "due"})
    if wrong:
        raise RulesRefused(file, f"rule {name}: {', '.join(wrong)} is missing or unknown")
    if entry["tier"] not in TIERS:
        raise RulesRefused(file, f"rule {name}: tier {entry['tier']!r} is none of {', '.join(TIERS)}")
    try:
        when = compile_condition(entry["condition"])
    except ConditionError as problem:
        raise RulesRefused(file, f"rule {name}: {problem}") from problem
    return Rule(
        id=entry["id"],
        version=str(entry.get("version", version)),
        tier=entry["tier"],
        topic=entry["topic"],
        when=when,
        condition=entry["condition"],
        citation=entry["citation"],
        due=entry.get("due", ""),
        source=Source(file),
    )


def fired(rules: Iterable[Rule], facts: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings, in the order of the rules.

    `facts`: the answers by slot (null or missing: not asked, not answered, declined), person_age (whole years),
    person_sex ("F" or "M"), and crisis (an Urgency) when a text of this screening was urgent.
    """
    known = {**facts, **derived_facts(facts)}
    return tuple(Finding(rule.id, rule.version, rule.tier, rule.topic) for rule in rules if rule.when(known))


def derived_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the rules read beside the answers: phq2_score, gad2_score (0-6 or null), condition_count, in_crisis."""
    return {
        "phq2_score": pair_score(facts.get("a_phq1"), facts.get("a_phq2")),
        "gad2_score": pair_score(facts.get("a_gad1"), facts.get("a_gad2")),
        "condition_count": condition_count(facts.get("a_cond")),
        "in_crisis": facts.get("crisis") in get_args(Urgency),
    }


def pair_score(first: str | None, second: str | None) -> int | None:
    """The sum of a PHQ-2 or GAD-2 pair, 0-6; None unless both were answered."""
    scores = [FREQUENCY.get(answer) if answer else None for answer in (first, second)]
    return sum(score for score in scores if score is not None) if None not in scores else None


def condition_count(conditions: Collection[str] | None) -> int:
    """How many health problems were named."""
    return len(set(conditions or ()) - {"none"})


def referral_tier(findings: Iterable[Finding]) -> str | None:
    """URGENT or HIGH where a finding is, MED for three or more of them, else None: no referral."""
    tiers = [finding.tier for finding in findings]
    for tier in ("URGENT", "HIGH"):
        if tier in tiers:
            return tier
    return "MED" if tiers.count("MED") >= _MED_FOR_REFERRAL else None
