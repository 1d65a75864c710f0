"""Compiles the FHIR questionnaires of a content folder into flows, responses and slots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.content.documents import Document
from bot.content.findings import Findings
from bot.flow import Flow, Slot, Source, Step, Variation
from bot.form import Form, open_form, slot_name
from bot.questionnaire import compile_questionnaire


@dataclass(slots=True)
class Forms:
    """Everything the questionnaires add to the content; `read` are the questionnaires as read, by flow id."""

    flows: dict[str, Flow] = field(default_factory=dict)
    responses: dict[str, tuple[Variation, ...]] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    read: dict[str, Form] = field(default_factory=dict)


def compile_questionnaires(documents: tuple[Document, ...], findings: Findings) -> Forms:
    """Compile every questionnaire; one that cannot be run is reported."""
    forms = Forms()
    for document in documents:
        if _lost_targets(document, findings):
            continue
        try:
            flow, responses, slots = compile_questionnaire(document.data, document.file)
        except ValueError as error:
            findings.report("questionnaire", document.at(), str(error).removeprefix(f"{document.file}: "))
            continue
        for name in [*(forms.flows.keys() & {flow.id}), *(forms.responses.keys() & responses.keys())]:
            findings.report("duplicate-id", document.at(), f"{name} is also another questionnaire's")
        lines = {slot_name(item["linkId"]): document.quoting(item["linkId"]) for item in items(document.data)}
        forms.flows[flow.id] = replace(flow, steps=tuple(_placed(step, lines) for step in flow.steps))
        forms.responses |= {name: _all_placed(name, found, lines) for name, found in responses.items()}
        forms.slots |= slots
        forms.read[flow.id] = open_form(document.data, document.file)
    return forms


def _placed(step: Step, lines: Mapping[str, Source]) -> Step:
    """The step, said to stand at the line of its item."""
    return replace(step, source=lines.get(step.id.removeprefix("if_"), step.source))


def _all_placed(name: str, found: tuple[Variation, ...], lines: Mapping[str, Source]) -> tuple[Variation, ...]:
    item = name.removeprefix("utter_").removeprefix("ask_")
    return tuple(replace(variation, source=lines.get(item, variation.source)) for variation in found)


def _lost_targets(document: Document, findings: Findings) -> bool:
    """Whether an enableWhen of the questionnaire points to no question before it; each is reported."""
    before: set[str] = set()
    lost = False
    for item in items(document.data):
        link = str(item.get("linkId"))
        for target in [when.get("question") for when in item.get("enableWhen", ())]:
            if target not in before:
                lost = True
                message = f"enableWhen of {link} points to {target!r}, which is no question before it"
                findings.report("enable-when-target", document.quoting(link), message)
        before.add(link)
    return lost


def items(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every item of a questionnaire in the order of the file, those inside groups too."""
    for item in data.get("item", ()):
        yield item
        yield from items(item)
