"""Every topic of the quick-start guide is answered, in both languages and for every plan, and says what a plan has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from bot.content import load_content
from bot.content.references import variables
from bot.events import Said
from bot.flow import Collect, Content, Plan, Variation
from bot.render import choose, plan_variables, render

FLOWS = Path(__file__).parents[2] / "flows"
CONTENT = load_content(FLOWS)
SMALL_TALK = ("thanks", "goodbye", "chitchat", "complaint_grievance", "out_of_scope", "relay_operator")
TOPICS = (*re.findall(r"- (faq_\w+)", (FLOWS / "domain.yml").read_text("utf-8")), *SMALL_TALK)
BARE = {id: replace(plan, facts={}) for id, plan in CONTENT.plans.items()}  # plans that have no further facts
RICH = {  # plans that have every fact any response can speak
    id: replace(plan, facts={name.removeprefix("plan_"): f"<{name}>" for name in CONTENT.slots if name[:5] == "plan_"})
    for id, plan in CONTENT.plans.items()
}
WAYS = (("twilio", False), ("twilio_voice", False), ("twilio_voice", True))  # channel; through a relay operator
PLANS = [*CONTENT.plans.values(), *BARE.values(), *RICH.values()]


def wordings(plan: Plan, topic: str) -> Iterator[tuple[Variation, dict[str, str]]]:
    for language, (channel, relay) in product(("en", "es"), WAYS):
        spoken = plan_variables(plan, language)
        chosen = choose(CONTENT.responses[f"utter_{topic}"], {**spoken, "relay": relay}, channel)
        assert chosen is not None, topic
        yield chosen, spoken


def said(plan: Plan, language: str, topic: str, content: Content = CONTENT) -> str:
    return render(content, plan, language, "twilio", [Said(f"utter_{topic}", {})])


def test_the_guide_has_all_its_topics() -> None:
    assert 20 == len([topic for topic in TOPICS if topic.startswith("faq_")])
    assert {f"utter_{topic}" for topic in TOPICS} <= CONTENT.responses.keys()


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_answered_in_both_languages_for_every_plan_and_lacks_nothing_it_speaks(topic: str) -> None:
    for plan in PLANS:
        assert said(plan, "en", topic) != said(plan, "es", topic)
        for wording, spoken in wordings(plan, topic):
            assert set() == variables(wording) - spoken.keys(), f"{topic} for {plan.id}"


@pytest.mark.parametrize("topic", TOPICS)
def test_every_wording_of_a_topic_is_said_for_some_plan(topic: str) -> None:
    nurse_only = [replace(plan, facts={"nurse_line": "1-800-555-0100"}) for plan in CONTENT.plans.values()]
    used = {id(wording) for plan in (*PLANS, *nurse_only) for wording, _ in wordings(plan, topic)}
    assert {id(wording) for wording in CONTENT.responses[f"utter_{topic}"]} == used


def test_no_topic_writes_a_plans_own_facts_into_its_wording() -> None:
    def own(plan: Plan) -> set[str]:
        return {*plan.names.values(), plan.phone, plan.tty, *plan.hours_text.values(), *plan.facts.values()}

    facts = {fact for plan in CONTENT.plans.values() for fact in own(plan)} - {"711"}
    for topic in TOPICS:
        texts = [text for wording in CONTENT.responses[f"utter_{topic}"] for text in wording.text.values()]
        assert [] == [(fact, text) for fact in facts for text in texts if fact in text]


def test_a_topic_speaks_each_plans_own_numbers() -> None:
    indiana, ohio = CONTENT.plans["indiana"], CONTENT.plans["ohio"]
    assert "1-844-206-5947" in said(indiana, "en", "faq_nurse_line")
    assert ohio.phone in said(ohio, "es", "faq_nurse_line")
    assert "$30" in said(indiana, "es", "faq_reward")
    assert "up to $50. You have 90 days" in said(ohio, "en", "faq_reward")


def test_asking_for_progress_or_for_the_reward_shows_how_far_one_is() -> None:
    by_intent = {intent: flow.id for flow in CONTENT.flows.values() for intent in flow.triggers}
    assert ("check_progress", "check_progress") == (by_intent["check_progress"], by_intent["check_reward"])


def test_no_intent_that_starts_a_flow_is_answered_as_a_topic_instead() -> None:
    triggers = {intent for flow in CONTENT.flows.values() for intent in flow.triggers}
    assert set() == {intent for intent in triggers if f"utter_{intent}" in CONTENT.responses}


def test_every_question_says_why_it_is_asked_in_words_of_its_own() -> None:
    questions = [(flow.id, step) for flow in CONTENT.flows.values() for step in flow.steps if isinstance(step, Collect)]
    assert [] == [(flow, step.id) for flow, step in questions if step.why in ("", "utter_why_default")]
    assert len({step.why for _, step in questions}) > 30
