"""Conditions: what Rasa's language says, minus the traps of the package that reads it."""

import timeit
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypred.predicate import LiteralResolver

from bot import conditions
from bot.conditions import Comparison, ConditionError, compile_condition, condition_comparisons, condition_slots

HOLDS = [
    ('slots.x = "a"', {"x": "a"}, True),
    ('slots.x == "a"', {"x": "a"}, True),
    ('slots.x = "a"', {"x": "A"}, False),  # text is compared as it is
    ("slots.x", {"x": True}, True),
    ("slots.x", {"x": False}, False),
    ("slots.x", {}, False),
    ("not slots.x", {}, True),
    ("slots.x = true", {"x": True}, True),
    ("slots.x is null", {"x": None}, True),
    ("slots.x is null", {}, True),  # pypred alone says False: a missing slot is null here
    ("slots.x is not null", {}, False),
    ("slots.x is not null", {"x": ""}, True),
    ("not slots.x is null", {"x": 1}, True),
    ("slots.x = empty", {"x": ""}, True),
    ("slots.x = empty", {"x": []}, True),
    ("slots.x = empty", {"x": ["a"]}, False),
    ("slots.x = empty", {"x": None}, False),
    ("slots.n < 5", {"n": 3}, True),
    ("slots.n < 5", {"n": None}, False),  # pypred alone raises TypeError
    ("not slots.n < 5", {"n": None}, False),  # a type error makes the whole condition False, as in Rasa
    ("slots.n > 10", {"n": "18"}, False),  # pypred alone raises TypeError
    ("slots.n >= -1.5", {"n": -1}, True),
    ('slots.x contains "b"', {"x": ["a", "b"]}, True),
    ('slots.x contains "b"', {"x": ("a", "b")}, True),
    ('slots.x contains "b"', {"x": None}, False),
    ('slots.x contains "b"', {"x": 3}, False),
    ("slots.x contains 3", {"x": "3"}, False),  # pypred alone raises TypeError
    ('{"a" "b"} contains slots.x', {"x": "b"}, True),
    ('{"a" "b"} contains slots.x', {"x": ["b"]}, False),  # pypred alone raises TypeError
    ("{1 2} contains slots.n", {"n": 2}, True),
    (r'slots.x matches "^\d{5}$"', {"x": "46201"}, True),
    (r'slots.x matches "\d"', {"x": "apt 5"}, True),  # found anywhere
    (r'slots.x matches "\d"', {"x": 5}, False),
    ("slots.a AND NOT slots.b", {"a": 1, "b": 0}, True),
    ("slots.a OR slots.b", {"b": 1}, True),
    ("(slots.a or slots.b) and slots.c", {"b": 1, "c": 1}, True),
    ("slots.a or (slots.b and slots.c)", {"b": 1}, False),
    ("not (slots.a and slots.b)", {"a": 1}, True),
    ("slots.a = slots.b", {"a": 2, "b": 2}, True),
]


@pytest.mark.parametrize(("text", "slots", "expected"), HOLDS)
def test_a_condition_holds_as_written(text: str, slots: dict[str, object], expected: bool) -> None:
    assert expected is compile_condition(text)(slots)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("slots.x <", "ends too early"),
        ("(slots.x", "parenthesis"),
        ("slots.x)", "')' is not expected"),
        ("slots.a slots.b", "'slots.b' is not expected"),
        ("slots.x = $", "'$' cannot be read"),
        ("slots.x matches /re/i", "'/re/i' cannot be read"),
        ("slots.x = yes", "'yes' is neither a slot"),
        ("x", "'x' is neither a slot"),
        ("slots.x-1 = 2", "'slots.x-1' is neither a slot"),
        ("slots.a.b", "neither a slot"),
        ("context.x = 1", "context.x: conditions on the context are not supported"),
        ("slots.x is undefined", "undefined"),
        ('slots.x matches "("', "is not a regular expression"),
        ("slots.x matches slots.y", "regular expression in quotes"),
        ('slots.x contains {"a"}', "stands on its left"),
        ("slots.a and slots.b or slots.c", "parentheses"),
        ("slots.a or (slots.b or slots.c and slots.d)", "parentheses"),
    ],
)
def test_what_is_not_a_condition_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ConditionError) as refused:
        compile_condition(text)
    assert reason in str(refused.value)


def test_the_slots_of_a_condition_are_known() -> None:
    assert condition_slots('slots.a = "slots.b" and ({"x" slots.c} contains slots.d)') == {"a", "c", "d"}


def test_comparisons_with_literals_are_known_whichever_side_the_slot_stands_on() -> None:
    found = condition_comparisons(
        '5 < slots.n and ({"a"} contains slots.x) and slots.y contains "b" and slots.z is null'
    )
    assert set(found) == {
        Comparison("n", ">", 5.0),
        Comparison("x", "=", "a"),
        Comparison("y", "contains", "b"),
        Comparison("z", "is", None),
    }


WORDS = st.text("ab1 é", max_size=3)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False), WORDS, st.lists(WORDS))


@given(st.sampled_from([text for text, _, _ in HOLDS]), st.dictionaries(st.sampled_from("abcnxy"), VALUES))
def test_a_condition_never_raises_and_agrees_with_pypred(text: str, filled: dict[str, object]) -> None:
    slots = dict.fromkeys("abcnxy") | filled  # Rasa loads every slot of the domain
    tree = conditions._parse(text)
    try:
        expected = tree.evaluate(LiteralResolver(), {"slots": slots})
    except TypeError:
        expected = False
    assert expected == compile_condition(text)(slots)


def test_an_evaluation_takes_less_than_five_microseconds() -> None:
    holds = compile_condition('slots.channel = "sms" or (slots.count > 3 and slots.name is not null)')
    slots = {"channel": "voice", "count": 5, "name": "Ana"}
    fastest = min(timeit.repeat(lambda: holds(slots), number=2000, repeat=20)) / 2000
    assert fastest < 5e-6


def test_reading_a_condition_warns_of_nothing_and_writes_no_file(capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        conditions._grammar.cache_clear()
        compile_condition('slots.quiet_please = "yes"')
    assert capfd.readouterr() == ("", "")
