"""Compiles domain files: slots, actions, intents, each declared once over all files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.content.documents import Document
from bot.content.findings import Findings
from bot.flow import Slot, Source


@dataclass(frozen=True, slots=True)
class Domain:
    """What the domain files declare, and where."""

    slots: Mapping[str, Slot]
    places: Mapping[str, Source]  # of the slots
    actions: frozenset[str]
    intents: frozenset[str]


def compile_domain(documents: tuple[Document, ...], findings: Findings) -> Domain:
    """Join the domain files; a slot or response declared twice is reported."""
    slots: dict[str, Slot] = {}
    places: dict[str, Source] = {}
    for name, data, source in declared("slots", documents, findings):
        slots[name] = Slot(name, data["type"], data.get("initial_value"), tuple(data.get("values", ())))
        places[name] = source
    return Domain(slots, places, _names("actions", documents), _names("intents", documents))


def declared(key: str, documents: tuple[Document, ...], findings: Findings) -> Iterator[tuple[str, Any, Source]]:
    """Every (name, data, place) under `key` over all files; one that is declared twice is reported and dropped."""
    seen: dict[str, Source] = {}
    for document in documents:
        for name, data in document.data.get(key, {}).items():
            source = document.at(key, name)
            if name in seen:
                findings.report("duplicate-id", source, f"{name} already stands at {seen[name]}")
                continue
            seen[name] = source
            yield name, data, source


def _names(key: str, documents: tuple[Document, ...]) -> frozenset[str]:
    return frozenset(name for document in documents for name in document.data.get(key, ()))
