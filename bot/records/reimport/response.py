"""Screenings, read back: the QuestionnaireResponse stays as it is; what stands in it is looked at first."""

from __future__ import annotations

from typing import Any

from bot.records.export.plain import Record
from bot.records.reimport.parts import LANGUAGES, Incoming, NotTaken, meaning, member, speaker, text

_STATUS = {"in-progress": "in-progress", "completed": "completed"}
_OF_THE_EXPORT = frozenset({"meta", "identifier"})  # added to what is stored
_STORED = frozenset(
    {"resourceType", "id", "language", "questionnaire", "status", "subject", "authored", "author", "source", "item"}
)
_DEEPEST = 8  # groups in groups; ours have two levels
_SIMPLE = (str, int, float, bool)
_COMPLEX = frozenset({"valueCoding", "valueQuantity"})


def screening(run: str, changed: float, resource: Record) -> Incoming:
    """When it began is not told by a response; it counts as begun when it last changed."""
    if resource.keys() - _STORED - _OF_THE_EXPORT:
        raise NotTaken("holds what no screening of ours has")
    if resource.get("id") != run:
        raise NotTaken("id is not that of the screening")
    status = meaning(_STATUS, resource, "status")
    for item in _listed(resource.get("item", []), "item"):
        _look_at(item, 1)
    return Incoming(
        kind="screenings",
        name=run,
        changed=changed,
        values={
            "questionnaire": text(resource, "questionnaire", most=160),
            "status": status,
            "open_question": None,
            "language": meaning(LANGUAGES, resource, "language"),
            "started_at": changed,
            "completed_at": changed if status == "completed" else None,
            "updated_at": changed,
        },
        about=member(resource, "subject"),
        said_by=speaker(resource, "source"),
        response={key: value for key, value in resource.items() if key not in _OF_THE_EXPORT},
    )


def _look_at(item: Any, depth: int) -> None:
    """One answer, one question that was declined, or a group of them."""
    if depth > _DEEPEST:
        raise NotTaken("item is nested too deep")
    if not isinstance(item, dict) or not isinstance(item.get("linkId"), str):
        raise NotTaken("item has one without linkId")
    if item.keys() - {"linkId", "text", "answer", "item", "extension"} or not isinstance(item.get("text", ""), str):
        raise NotTaken("item holds what no question of ours has")
    for answer in _listed(item.get("answer", []), "answer"):
        _look_at_answer(answer)
    for inner in _listed(item.get("item", []), "item"):
        _look_at(inner, depth + 1)
    for extension in _listed(item.get("extension", []), "extension"):
        if not isinstance(extension, dict) or not isinstance(extension.get("valueCode", ""), str):
            raise NotTaken("extension is not a reason for having no answer")


def _look_at_answer(answer: Any) -> None:
    [(key, value)] = answer.items() if isinstance(answer, dict) and len(answer) == 1 else [("", None)]
    if not key.startswith("value"):
        raise NotTaken("answer has one without a single value")
    if key in _COMPLEX:
        if not isinstance(value, dict) or not all(
            isinstance(value.get(name, ""), _SIMPLE) for name in ("system", "code", "display", "value")
        ):
            raise NotTaken("answer has one that is not what it says")
    elif not isinstance(value, _SIMPLE):
        raise NotTaken("answer has one that is not what it says")


def _listed(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise NotTaken(f"{what} is not a list")
    return value
