"""Rules: what is compared, set and offered fits the type of its slot."""

from __future__ import annotations

from collections.abc import Iterator

from bot.conditions import Comparison, condition_comparisons
from bot.content.draft import Draft
from bot.content.references import every_step, every_variation, payloads
from bot.content.rule import Finding
from bot.flow import Collect, SetSlots, Slot, Variation

_ORDER = ("<", "<=", ">", ">=")


def condition_type(draft: Draft) -> Iterator[Finding]:
    for condition in draft.conditions:
        for comparison in condition_comparisons(condition.text):
            slot = draft.content.slots.get(comparison.slot)
            if slot and (reason := _never_true(comparison, slot)):
                yield condition.source, f"{condition.text!r}: {reason}"


def _never_true(comparison: Comparison, slot: Slot) -> str:
    """Why the comparison cannot hold, or holds by accident; empty when it is sound."""
    if slot.type == "any" or comparison.literal is None:
        return ""
    if comparison.relation in _ORDER and slot.type != "float":
        return f"{slot.name} is of type {slot.type}, which has no order"
    if comparison.relation == "contains":
        return "" if slot.type in ("list", "text", "categorical") else f"{slot.name} is of type {slot.type}, not a list"
    if slot.type == "list":
        return f"{slot.name} is a list: write contains"
    if not fits(slot, comparison.literal):
        return f"{slot.name} is never {comparison.literal!r}"
    return ""


def fits(slot: Slot, value: object) -> bool:
    """Whether the slot can hold this value; null fits every slot."""
    match slot.type:
        case "bool":
            return value is None or isinstance(value, bool)
        case "float":
            return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
        case "list":
            return value is None or isinstance(value, list | tuple)
        case "categorical":
            return value is None or value in slot.values
        case "text":
            return value is None or isinstance(value, str)
        case _:
            return True


def slot_value(draft: Draft) -> Iterator[Finding]:
    slots = draft.content.slots
    for _, step in every_step(draft.content):
        for name, value in step.values if isinstance(step, SetSlots) else ():
            if name in slots and not fits(slots[name], value):
                yield step.source, f"slot {name} of type {slots[name].type} cannot hold {value!r}"
    for name, place in draft.domain.places.items():
        if not fits(slots[name], slots[name].initial):
            yield place, f"slot {name} of type {slots[name].type} cannot begin as {slots[name].initial!r}"


def option_value(draft: Draft) -> Iterator[Finding]:
    slots = draft.content.slots
    for payload in payloads(draft):
        slot = slots.get(payload.slot)
        if slot and not _records(slot, payload.value):
            yield payload.source, f"slot {slot.name} of type {slot.type} cannot hold {payload.value!r}"


def _records(slot: Slot, value: str) -> bool:
    """Whether an option that records this word fits the slot: a list holds the options chosen."""
    if slot.type == "bool":
        return value in ("true", "false")
    return slot.type == "list" or fits(slot, value)


def choice_without_options(draft: Draft) -> Iterator[Finding]:
    for _, step in every_step(draft.content):
        if isinstance(step, Collect) and step.kind in ("choice", "choices") and not (step.options or step.options_from):
            yield step.source, f"{step.utter} offers nothing to choose from: it has no buttons and no options_from"


def stray_button(draft: Draft) -> Iterator[Finding]:
    asked = {step.utter: step.slot for _, step in every_step(draft.content) if isinstance(step, Collect)}
    for document in draft.documents["domain"]:
        for name, variations in document.data.get("responses", {}).items():
            if name not in asked and any("buttons" in variation for variation in variations):
                yield document.at("responses", name), f"{name} has buttons, but no step asks with it"
    for payload in payloads(draft):
        slot = asked.get(payload.response, payload.slot)
        if slot != payload.slot:
            yield payload.source, f"a button of {payload.response} sets {payload.slot}, but the question fills {slot}"


def stray_synonym(draft: Draft) -> Iterator[Finding]:
    for name, variation in every_variation(draft.content):
        for value in sorted(set(variation.metadata.get("synonyms", ())) - _offered(variation)):
            yield variation.source, f"{name} has synonyms for {value!r}, which it does not offer"


def _offered(variation: Variation) -> set[str]:
    return {button.value for button in variation.buttons}
