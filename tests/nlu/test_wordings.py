"""How members, relay operators and speech recognisers put an answer, and what they write that is none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.content.load import load_content
from bot.flow import Collect, Content
from nlu.understand import understand
from nlu.understanding import Ambiguous, Answer, AnswerKind, Expecting, NotAnAnswer, Option, Value
from tests.nlu import questions as q

TABLES = sorted(Path(__file__).parent.glob("wordings_*.txt"))
PATTERNS: dict[AnswerKind, str] = {"member_id": r"\d{12}"}


def cases() -> Iterator[tuple[Expecting, str, Answer]]:
    """Every text of the tables with its question and what it means there."""
    for table in TABLES:
        question = q.HEALTH
        for line in table.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                question = _question(line.strip("[]"))
            elif "::" in line:
                meaning, texts = line.split(" :: ")
                yield from ((question, text, _meant(question, meaning)) for text in texts.split(" | "))


def _question(name: str) -> Expecting:
    if " " in name:
        return _shipped(*name.split())
    if name.isupper():
        question: Expecting = getattr(q, name)
        return question
    kind: AnswerKind = name  # type: ignore[assignment]
    return q.expecting(kind, pattern=PATTERNS.get(kind, ""))


@cache
def _shipped(questionnaire: str, item: str) -> Expecting:
    """A question of the content that ships, as the engine puts it."""
    step = _content().flows[questionnaire].step(item)
    assert isinstance(step, Collect)
    kind: AnswerKind = step.kind
    options = tuple(Option(c.value, c.key, (*c.titles.values(), *c.synonyms), c.exclusive) for c in step.options)
    return Expecting(kind=kind, today=q.TODAY, options=options)


@cache
def _content() -> Content:
    return load_content(Path(__file__).parents[2] / "flows")


def _meant(question: Expecting, meaning: str) -> Answer:
    if meaning == "-":
        return NotAnAnswer()
    if " / " in meaning:
        return Ambiguous(tuple(sorted(meaning.split(" / "))))
    match question.kind:
        case "choices":
            return Value(tuple(meaning.split("+")))
        case "bool":
            return Value(meaning == "true")
        case "number":
            return Value(float(meaning) if "." in meaning else int(meaning))
        case _:
            return Value(meaning)


@pytest.mark.parametrize(
    ("question", "text", "answer"), [pytest.param(*case, id=f"{case[0].kind}: {case[1]}") for case in cases()]
)
def test_every_wording_is_taken_for_what_it_means(question: Expecting, text: str, answer: Answer) -> None:
    found = understand(text, question, "en").answer
    if isinstance(found, Ambiguous):
        found = Ambiguous(tuple(sorted(found.between)))
    assert found == answer


def test_the_tables_are_large() -> None:
    assert sum(1 for _ in cases()) > 2000
