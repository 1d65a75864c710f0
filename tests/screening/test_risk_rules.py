"""Every risk rule of the domain page fires where the page says and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from bot.conditions import condition_slots
from bot.flow import Collect
from bot.scoring import (
    FREQUENCY,
    Finding,
    Rule,
    RulesRefused,
    condition_count,
    fired,
    load_rules,
    pair_score,
    referral_tier,
)
from nlu.understanding import Urgency
from tests.screening.conftest import Compiled

MOST = "more_than_half"
PREGNANT = {"a_preg": "pregnant", "p_visit": "yes", "p_past": ("none",), "p_multi": "no", "person_age": 30.0}

# rule, tier, facts that fire it, facts that do not
CASES: list[tuple[str, str, list[Mapping[str, Any]], list[Mapping[str, Any]]]] = [
    ("R0", "URGENT", [{"crisis": kind} for kind in get_args(Urgency)], [{"crisis": None}, {}, {"crisis": "bored"}]),
    (
        "R1.info",
        "INFO",
        [{"a_phq1": "several_days", "a_phq2": "several_days"}, {"a_phq1": MOST, "a_phq2": "not_at_all"}],
        [{"a_phq1": MOST}, {"a_phq1": MOST, "a_phq2": "several_days"}, {"a_phq1": "several_days", "a_phq2": None}],
    ),
    (
        "R1.high",
        "HIGH",
        [{"a_phq1": MOST, "a_phq2": "several_days"}, {"a_phq1": "not_at_all", "a_phq2": "nearly_every_day"}],
        [{"a_phq1": "nearly_every_day"}, {"a_phq1": MOST, "a_phq2": "not_at_all"}],
    ),
    (
        "R2",
        "MED",
        [{"a_gad1": MOST, "a_gad2": "several_days"}],
        [{"a_gad1": "nearly_every_day", "a_gad2": None}, {"a_gad1": "several_days", "a_gad2": "several_days"}],
    ),
    ("R3.info", "INFO", [{"a_alcohol": "once_or_twice"}, {"a_drugs": "once_or_twice"}], [{"a_alcohol": "never"}, {}]),
    (
        "R3.high",
        "HIGH",
        [{question: answer} for question in ("a_alcohol", "a_drugs") for answer in ("monthly", "weekly", "daily")],
        [{"a_alcohol": "once_or_twice", "a_drugs": "never"}],
    ),
    (
        "R4",
        "HIGH",
        [
            {"a_er": "twice"},
            {"a_er": "three_or_more"},
            {"a_hosp": "once"},
            {"a_hosp": "two_or_more"},
            {"c_er_hosp": "er_two_or_more"},
            {"c_er_hosp": "hospital"},
        ],
        [{"a_er": "once", "a_hosp": "no"}, {"c_er_hosp": "er_once"}, {"c_er_hosp": "no"}],
    ),
    (
        "R5",
        "HIGH",
        [
            *({"a_cond": (one,)} for one in ("copd", "diabetes", "heart", "kidney", "cancer", "sickle_cell")),
            {"a_cond": ["asthma", "other"]},
        ],
        [{"a_cond": ("asthma",)}, {"a_cond": ("none",)}, {"a_cond": ("high_blood_pressure",)}, {"a_cond": None}],
    ),
    (
        "R6",
        "MED",
        [{"a_meds": "eight_or_more"}, {"a_meds_trouble": "yes"}],
        [{"a_meds": "four_to_seven", "a_meds_trouble": "no"}],
    ),
    ("R7", "HIGH", [{"a_planned": "yes"}], [{"a_planned": "no"}]),
    ("R8.med", "MED", [PREGNANT], [{"a_preg": "no"}, {"a_preg": "had_baby"}, {"a_preg": "not_sure"}]),
    (
        "R8.high",
        "HIGH",
        [
            PREGNANT | {"p_visit": "no"},
            PREGNANT | {"p_multi": "yes"},
            *(PREGNANT | {"p_past": (one,)} for one in ("early_birth", "high_blood_pressure", "diabetes", "loss")),
            PREGNANT | {"person_age": 17.0},
            PREGNANT | {"person_age": 35.0},
        ],
        [
            PREGNANT,
            PREGNANT | {"p_past": ("c_section", "first_pregnancy"), "person_age": 34.0},
            PREGNANT | {"person_age": 18.0},
            {"a_preg": "no", "p_visit": "no", "person_age": 40.0},
        ],
    ),
    (
        "R9",
        "HIGH",
        [{"a_preg": "had_baby", "p_post": "no"}],
        [{"a_preg": "had_baby", "p_post": "yes"}, {"a_preg": "pregnant", "p_post": "no"}],
    ),
    ("R10.med", "MED", [{"a_housing": "worried"}, {"c_housing": "worried"}], [{"a_housing": "steady"}]),
    (
        "R10.high",
        "HIGH",
        [{"a_housing": "no_steady_place"}, {"c_housing": "no_steady_place"}],
        [{"a_housing": "worried"}],
    ),
    (
        "R11.med",
        "MED",
        [
            *({f"{who}_food{n}": answer} for who in "ac" for n in (1, 2) for answer in ("often", "sometimes")),
            {"a_ride": "yes"},
            {"c_ride": "yes"},
            {"a_utility": "yes"},
        ],
        [{"a_food1": "never", "a_food2": "never", "a_ride": "no", "a_utility": "no"}, {"a_utility": "already_off"}],
    ),
    ("R11.high", "HIGH", [{"a_utility": "already_off"}], [{"a_utility": "yes"}]),
    ("R12.med", "MED", [{"a_adl": "little_more"}], [{"a_adl": "all_needed"}, {"a_adl": "lot_more"}]),
    ("R12.high", "HIGH", [{"a_adl": "lot_more"}], [{"a_adl": "little_more"}, {"a_adl": "no_help_needed"}]),
    ("R13.med", "MED", [{"a_health": "fair"}, {"c_health": "fair"}], [{"a_health": "good"}, {"a_health": "poor"}]),
    ("R13.high", "HIGH", [{"a_health": "poor"}, {"c_health": "poor"}], [{"a_health": "fair"}]),
    (
        "R14.checkup",
        "INFO",
        [
            *({"a_checkup": answer} for answer in ("one_to_two_years", "over_two_years", "never")),
            {"c_checkup": "over_one_year"},
            {"c_checkup": "never"},
        ],
        [{"a_checkup": "under_one_year"}, {"c_checkup": "six_to_twelve_months"}],
    ),
    ("R14.shots", "INFO", [{"c_shots": "no"}], [{"c_shots": "not_sure"}, {"c_shots": "yes"}]),
    (
        "R14.lead",
        "INFO",
        [{"c_lead": "no", "person_age": 1.0}, {"c_lead": "no", "person_age": 5.0}],
        [{"c_lead": "yes", "person_age": 2.0}, {"c_lead": "no", "person_age": 6.0}],
    ),
    (
        "R14.dentist",
        "INFO",
        [{"c_dentist": "over_one_year"}, {"c_dentist": "never"}],
        [{"c_dentist": "six_to_twelve_months"}],
    ),
    (
        "R15",
        "HIGH",
        [
            *({"c_cond": (one,)} for one in ("seizures", "diabetes", "sickle_cell", "heart", "autism_or_delay")),
            {"c_meds": "yes", "c_more": "yes"},
        ],
        [{"c_cond": ("asthma", "allergy", "adhd", "other")}, {"c_meds": "yes", "c_more": "no"}, {"c_more": "yes"}],
    ),
    ("R16", "MED", [{"c_grow": "yes"}, {"c_mood": "yes"}], [{"c_grow": "no", "c_mood": "no"}]),
    ("R17", "HIGH", [{"a_cm": "yes"}, {"c_cm": "yes"}], [{"a_cm": "no"}, {"c_cm": "no"}]),
]
FIRING = [(rule, tier, facts) for rule, tier, firing, _ in CASES for facts in firing]
QUIET = [(rule, facts) for rule, _, _, quiet in CASES for facts in quiet]


def test_every_rule_of_the_file_has_its_cases_and_r0_to_r17_are_all_there(rules: tuple[Rule, ...]) -> None:
    assert [rule for rule, *_ in CASES] == [rule.id for rule in rules]
    assert {f"R{number}" for number in range(18)} == {rule.id.split(".")[0] for rule in rules}


@pytest.mark.parametrize(("rule", "tier", "facts"), FIRING)
def test_a_rule_fires_where_the_page_says(
    rules: tuple[Rule, ...], rule: str, tier: str, facts: Mapping[str, Any]
) -> None:
    assert (rule, tier) in [(finding.rule, finding.tier) for finding in fired(rules, facts)]


@pytest.mark.parametrize(("rule", "facts"), QUIET)
def test_a_rule_stays_quiet_elsewhere(rules: tuple[Rule, ...], rule: str, facts: Mapping[str, Any]) -> None:
    assert rule not in [finding.rule for finding in fired(rules, facts)]


def test_nothing_fires_for_no_answers_or_refusals(rules: tuple[Rule, ...], compiled: Mapping[str, Compiled]) -> None:
    refused = dict.fromkeys((slot for form in compiled.values() for slot in form[2]), None)
    assert () == fired(rules, {}) == fired(rules, refused | {"person_age": 40.0, "person_sex": "F"})


def test_rules_read_only_questions_that_exist_and_values_they_offer(
    rules: tuple[Rule, ...], compiled: Mapping[str, Compiled]
) -> None:
    derived = {"phq2_score", "gad2_score", "condition_count", "in_crisis", "person_age", "person_sex"}
    slots = {name: slot for form in compiled.values() for name, slot in form[2].items()}
    assert set() == {slot for rule in rules for slot in condition_slots(rule.condition)} - derived - slots.keys()
    for rule, _, firing, _ in CASES:
        for slot, value in ((slot, value) for facts in firing for slot, value in facts.items() if slot in slots):
            given = {value} if isinstance(value, str) else set(value)
            assert given <= set(slots[slot].values), f"{rule} {slot}"


def test_every_finding_carries_the_version_and_topic_of_its_rule(rules: tuple[Rule, ...]) -> None:
    assert (Finding("R7", "2026-11-draft", "HIGH", "planned care"),) == fired(rules, {"a_planned": "yes"})
    assert all(rule.citation for rule in rules)
    assert all(rule.due for rule in rules if rule.tier in ("HIGH", "URGENT"))
    assert "next business day" == next(rule.due for rule in rules if rule.id == "R7")


def test_mood_scores_are_the_ordinals_of_the_form_and_need_both_answers(compiled: Mapping[str, Compiled]) -> None:
    for slot in ("a_phq1", "a_phq2", "a_gad1", "a_gad2"):
        step = compiled["adult"][0].step(slot)
        assert isinstance(step, Collect)
        ordinals = {
            option.value: extension["valueDecimal"]
            for option in step.options
            for extension in (option.coding or {})["extension"]
            if extension["url"].endswith("/ordinalValue")
        }
        assert FREQUENCY == ordinals
    assert (6, 0, None) == (
        pair_score("nearly_every_day", "nearly_every_day"),
        pair_score("not_at_all", "not_at_all"),
        pair_score("nearly_every_day", None),
    )


def test_none_of_these_is_no_condition() -> None:
    assert (0, 0, 2) == (condition_count(("none",)), condition_count(None), condition_count(["asthma", "copd"]))


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ([], None),
        (["INFO"] * 5, None),
        (["MED", "MED", "INFO"], None),
        (["MED", "MED", "MED"], "MED"),
        (["INFO", "HIGH"], "HIGH"),
        (["HIGH", "URGENT", "MED"], "URGENT"),
    ],
)
def test_a_referral_needs_one_high_or_three_med(tiers: list[str], expected: str | None) -> None:
    assert expected == referral_tier([Finding(f"R{n}", "1", tier, "x") for n, tier in enumerate(tiers)])


RULE = {"id": "R1", "tier": "MED", "topic": "x", "condition": 'slots.a = "b"', "citation": "y"}


@pytest.mark.parametrize(
    ("doc", "reason"),
    [
        ({"rules": [RULE]}, "needs a version"),
        ({"version": "1", "rules": []}, "list of rules"),
        ({"version": "1", "rules": [RULE, RULE]}, "rule R1 is there twice"),
        ({"version": "1", "rules": [RULE | {"tier": "LOW"}]}, "rule R1: tier 'LOW'"),
        ({"version": "1", "rules": [RULE | {"citation": ""}]}, "rule R1: citation"),
        ({"version": "1", "rules": [RULE | {"wehn": "x"}]}, "rule R1: wehn"),
        ({"version": "1", "rules": [RULE | {"condition": "slots.a ="}]}, "rule R1: "),
        ({"version": "1", "rules": ["R1"]}, "rule 'R1' is not an object"),
    ],
)
def test_rules_that_cannot_be_run_are_refused_with_file_and_reason(doc: dict[str, Any], reason: str) -> None:
    with pytest.raises(RulesRefused) as refusal:
        load_rules(doc, "rules/x.yml")
    assert "rules/x.yml" == refusal.value.file
    assert reason in refusal.value.reason


def test_a_rule_may_have_a_version_of_its_own() -> None:
    [rule] = load_rules({"version": "1", "rules": [RULE | {"version": "2"}]}, "x.yml")
    assert "2" == rule.version
