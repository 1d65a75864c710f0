"""A question of a FHIR form, and what enables it: enableWhen as a function of the slots."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.flow import Choice, Condition, Slots
from nlu.understanding import AnswerKind

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ItemType:
    """How one FHIR item type is asked, kept and written."""

    kind: AnswerKind
    slot: str
    suffix: str  # of value[x] and answer[x]
    operators: tuple[str, ...] = ("exists", "=", "!=")


@dataclass(frozen=True, slots=True)
class Gate:
    """An enableWhen: as a function of the slots that never raises, and in words."""

    holds: Condition
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """An item that takes an answer."""

    item: Json
    slot: str
    type: ItemType
    options: tuple[Choice, ...]
    gates: tuple[Gate, ...]  # its own and its groups'; all must hold
    displays: tuple[Json, ...]  # said before it
    sensitive: bool
    hidden: bool
    why: str = ""  # response that says why it is asked: its own, or its group's

    def enabled(self, slots: Slots) -> bool:
        return not self.gates or all(gate.holds(slots) for gate in self.gates)

    def answers(self, slots: Slots) -> tuple[Any, ...]:
        """What counts as its answers: none while it is not asked, whatever an earlier answer left in the slot."""
        value = slots.get(self.slot)
        if value is None or not self.enabled(slots):
            return ()
        return tuple(value) if isinstance(value, list | tuple) else (value,)


def enable_when(item: Json, earlier: Mapping[str, Question]) -> Gate | None:
    """What enables an item, from the questions before it by linkId; None: always. Raises ValueError."""
    terms = [_term(when, earlier) for when in item.get("enableWhen", ())]
    behavior = item.get("enableBehavior")
    if behavior not in (None, "all", "any") or (len(terms) > 1 and behavior is None):
        raise ValueError("it needs an enableBehavior of all or any")
    if not terms:
        return None
    if len(terms) == 1:
        return terms[0]
    combine = any if behavior == "any" else all
    text = join([term.text for term in terms], "or" if behavior == "any" else "and")
    return Gate(lambda slots: combine(term.holds(slots) for term in terms), text)


def join(conditions: Sequence[str], word: str) -> str:
    """Conditions as one: `a and b`; each in parentheses where it has parts itself."""
    if len(conditions) == 1:
        return conditions[0]
    parts = [f"({text})" if " and " in text or " or " in text else text for text in conditions]
    return f" {word} ".join(parts)


def _term(when: Json, earlier: Mapping[str, Question]) -> Gate:
    link, sign = when.get("question", ""), when.get("operator")
    question = earlier.get(link)
    if question is None:
        raise ValueError(f"it points to {link!r}, which is no question before it")
    if sign not in question.type.operators:
        raise ValueError(f"operator {sign!r} is none that {link!r} can be compared with")
    key = "answerBoolean" if sign == "exists" else f"answer{question.type.suffix}"
    if key not in when:
        raise ValueError(f"the comparison with {link!r} needs {key}")
    if sign == "exists":
        return _exists(question, when[key])
    return _compared(question, sign, _option(question, when[key]) if question.options else when[key])


def _option(question: Question, coding: Json) -> str:
    """The recorded value of the option with this Coding."""
    for option in question.options:
        if option.coding and all(option.coding.get(key) == coding.get(key) for key in ("system", "code")):
            return option.value
    raise ValueError(f"it names an answer that {question.item['linkId']!r} does not offer: {coding.get('code')!r}")


# FHIR R4: "=" holds when an answer is equal, "!=" when none is (so also without an answer), the rest when one compares.
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def _exists(question: Question, expected: bool) -> Gate:
    text = f"slots.{question.slot} {'is not' if expected else 'is'} null"
    return Gate(lambda slots: bool(question.answers(slots)) is expected, text)


def _compared(question: Question, sign: str, expected: Any) -> Gate:
    if sign == "!=":
        equal = _compared(question, "=", expected)
        return Gate(lambda slots: not equal.holds(slots), f"not ({equal.text})")
    compare = _COMPARE[sign]
    written = "contains" if question.type.kind == "choices" else sign
    text = f"slots.{question.slot} {written} {_literal(expected)}"
    return Gate(lambda slots: any(_alike(a, expected) and compare(a, expected) for a in question.answers(slots)), text)


def _alike(answer: Any, expected: Any) -> bool:
    """Numbers compare with numbers and texts with texts."""
    return isinstance(answer, str) == isinstance(expected, str) and isinstance(answer, str | int | float)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
