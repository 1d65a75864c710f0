"""Compiles responses: variations with their conditions, and the options a question offers as buttons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.content.documents import Document
from bot.content.findings import Findings
from bot.flow import Choice, Condition, Source, Variation

_SET_SLOT = re.compile(r"/SetSlots\(\s*([A-Za-z_]\w*)\s*=\s*([^,()]+?)\s*\)")

Responses = dict[str, tuple[Variation, ...]]


def compile_responses(documents: tuple[Document, ...], findings: Findings) -> Responses:
    """Every response of the domain files."""
    compiled: Responses = {}
    seen: dict[str, Source] = {}
    for document in documents:
        for name, variations in document.data.get("responses", {}).items():
            if name in seen:
                findings.report(
                    "duplicate-id", document.at("responses", name), f"{name} already stands at {seen[name]}"
                )
                continue
            seen[name] = document.at("responses", name)
            compiled[name] = tuple(
                _variation(data, document.at("responses", name, place), findings)
                for place, data in enumerate(variations)
            )
    return compiled


def payload_slot_and_value(payload: str) -> tuple[str, str] | None:
    """("contact_channel", "mail") of "/SetSlots(contact_channel=mail)"; None where the payload is anything else."""
    found = _SET_SLOT.fullmatch(payload.strip())
    return (found[1], found[2].strip("\"'")) if found else None


def _variation(data: Mapping[str, Any], source: Source, findings: Findings) -> Variation:
    condition = _condition_text(data.get("condition", ""))
    when: Condition | None = findings.condition(condition, source) if condition else None
    metadata = data.get("metadata", {})
    synonyms = metadata.get("synonyms", {})
    return Variation(
        text={"en": data["text"], **data.get("translation", {})},
        channel=data.get("channel", ""),
        when=when,
        condition=condition,
        buttons=tuple(_button(button, synonyms, source, findings) for button in data.get("buttons", ())),
        metadata=metadata,
        source=source,
    )


def _condition_text(written: str | list[Mapping[str, Any]]) -> str:
    """Rasa's list of slot values says the same as a predicate of equalities."""
    if isinstance(written, str):
        return written
    return " and ".join(f"slots.{item['name']} = {_literal(item['value'])}" for item in written)


def _literal(value: str | float | bool | None) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f'"{value}"' if isinstance(value, str) else str(value)


def _button(data: Mapping[str, Any], synonyms: Mapping[str, Any], source: Source, findings: Findings) -> Choice:
    parsed = payload_slot_and_value(data["payload"])
    if parsed is None:
        findings.report("option-payload", source, f"{data['payload']!r} is not a payload that can be run")
    value = parsed[1] if parsed else ""
    titles = {"en": data["title"]} | {language: each["title"] for language, each in data.get("translation", {}).items()}
    return Choice(value=value, titles=titles, synonyms=tuple(synonyms.get(value, ())))
