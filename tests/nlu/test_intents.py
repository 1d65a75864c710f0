"""The intents by name, and the one that an understanding comes down to."""

from __future__ import annotations

from typing import get_args

import pytest

from nlu.intents import COMMAND_OF, INTENT_OF, INTENTS, URGENCY_OF, one_intent
from nlu.understanding import Command, OptWord, Understanding, Urgency, Value

EVERYTHING = Understanding(
    urgent="labor", opt="out", command="back", answer=Value(True), intent="faq_cost", between=("greet", "thanks")
)


def test_no_intent_is_named_twice() -> None:
    assert len(set(INTENTS)) == len(INTENTS)


def test_what_intents_stand_for_exists() -> None:
    assert {*COMMAND_OF, *URGENCY_OF} <= set(INTENTS)
    assert set(COMMAND_OF.values()) <= set(get_args(Command))
    assert {COMMAND_OF[intent] for intent in INTENT_OF.values()} == set(COMMAND_OF.values())


@pytest.mark.parametrize(
    ("left_out", "intent"),
    [
        ({}, "emergency_medical"),
        ({"urgent": None}, "opt_out"),
        ({"urgent": None, "opt": None}, "go_back"),
        ({"urgent": None, "opt": None, "command": None}, "affirm"),
        ({"urgent": None, "opt": None, "command": None, "answer": Value(False)}, "deny"),
        ({"urgent": None, "opt": None, "command": "more", "answer": Value(True)}, "affirm"),
    ],
)
def test_what_comes_first_wins(left_out: dict[str, object], intent: str) -> None:
    fields = {name: getattr(EVERYTHING, name) for name in EVERYTHING.__slots__}
    assert one_intent(Understanding(**(fields | left_out))) == intent


@pytest.mark.parametrize(
    ("meaning", "intent"),
    [
        (Understanding(intent="faq_cost"), "faq_cost"),
        (Understanding(between=("greet", "thanks")), "greet"),
        (Understanding(), "out_of_scope"),
        (Understanding(answer=Value("mail")), "out_of_scope"),
        (Understanding(answer=Value(1)), "out_of_scope"),
    ],
)
def test_without_a_list_the_classifier_counts(meaning: Understanding, intent: str) -> None:
    assert one_intent(meaning) == intent


def test_every_danger_and_every_word_about_texts_has_an_intent() -> None:
    for urgent in get_args(Urgency):
        assert one_intent(Understanding(urgent=urgent)) in URGENCY_OF
    assert {one_intent(Understanding(opt=opt)) for opt in get_args(OptWord)} == {"opt_out", "opt_in", "help"}
