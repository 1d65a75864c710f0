"""What is found while content is read and compiled: problems, and the conditions met on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.conditions import ConditionError, compile_condition
from bot.content.problem import Problem
from bot.flow import Condition, Slots, Source

# The rules that reading and compiling apply themselves, with their remedies.
READING_RULES: Mapping[str, str] = {
    "unreadable": "Correct the syntax; an editor with YAML and JSON support shows the place.",
    "duplicate-key": "Remove or rename one of the two; only one of them would count.",
    "stray-file": "Move it to where its kind belongs (docs/architecture.md), or out of the folder.",
    "missing-file": "Add the file; without it there is nothing to run.",
    "unsupported": "Rewrite it as the message says; a feature that cannot run is refused, never ignored.",
    "shape": "Compare with the schema in bot/schemas; a key that is not in it is refused, because it would be ignored.",
    "duplicate-id": "Give one of the two another name.",
    "condition": 'Conditions are written as in Rasa: slots.x = "text", slots.n < 5, slots.x is null, and, or, not.',
    "missing-else": "End the list under next with an else.",
    "dangling-branch": "Give the last step of the branch a next: the id of a step, or END.",
    "link-with-next": "Remove next, or use call to come back to this flow.",
    "option-payload": "Write /SetSlots(slot=value) with the question's slot and a value its type can hold.",
    "enable-when-target": "Point enableWhen to the linkId of a question that stands before it.",
    "questionnaire": "Correct the questionnaire; the FHIR R4 page on Questionnaire says what an item may be.",
    "risk-rules": "Correct the rule; each has an id, a version, a condition, a tier and a citation.",
    "plan": "Correct the plan file; compare with the sample plan.",
}


@dataclass(frozen=True, slots=True)
class WrittenCondition:
    """A condition as it stands in a file."""

    text: str
    source: Source


def never(slots: Slots) -> bool:
    """The condition that does not hold."""
    return False


@dataclass(slots=True)
class Findings:
    """Collects what reading finds."""

    problems: list[Problem] = field(default_factory=list)
    conditions: list[WrittenCondition] = field(default_factory=list)

    def report(self, rule: str, source: Source, message: str) -> None:
        self.problems.append(Problem(source.file, source.line, rule, message, READING_RULES[rule]))

    def condition(self, text: str, source: Source) -> Condition:
        """Compile a condition; one that cannot be is reported and never holds."""
        try:
            compiled = compile_condition(text)
        except ConditionError as error:
            self.report("condition", source, f"{text!r}: {error}")
            return never
        self.conditions.append(WrittenCondition(text, source))
        return compiled
