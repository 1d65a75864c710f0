"""Rules: every name in the content stands for something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.canned import is_canned
from bot.conditions import condition_slots
from bot.content.draft import Draft
from bot.content.responses import payload_slot_and_value
from bot.content.rule import Finding
from bot.content.vocabulary import CALL_RESPONSES, ENGINE_SLOTS, ENGINE_VARIABLES, RECORD_STEPS, SYSTEM_RESPONSES
from bot.flow import END, Act, Call, Collect, Content, Flow, Link, SetSlots, Source, Step, Variation
from bot.render import VARIABLE


def every_step(content: Content) -> Iterator[tuple[Flow, Step]]:
    return ((flow, step) for flow in content.flows.values() for step in flow.steps)


def every_variation(content: Content) -> Iterator[tuple[str, Variation]]:
    return ((name, variation) for name, found in content.responses.items() for variation in found)


def unknown_step(draft: Draft) -> Iterator[Finding]:
    for flow, step in every_step(draft.content):
        ids = {each.id for each in flow.steps} | {END}
        for branch in () if isinstance(step, Link) else step.next:
            if branch.then not in ids:
                yield step.source, f"step {step.id} goes on to {branch.then!r}, which is no step of flow {flow.id}"


def unknown_flow(draft: Draft) -> Iterator[Finding]:
    flows = draft.content.flows
    for _, step in every_step(draft.content):
        if isinstance(step, Call | Link) and step.flow not in flows:
            yield step.source, f"there is no flow {step.flow!r}"
    for plan in draft.content.plans.values():
        for who, flow_id in plan.questionnaires.items():
            if flow_id not in flows:
                yield plan.source, f"the plan's {who} questionnaire {flow_id!r} is no flow"


def unknown_slot(draft: Draft) -> Iterator[Finding]:
    slots = draft.content.slots
    for source, name in _slots_used(draft):
        if name not in slots:
            yield source, f"slot {name!r} is not declared in the domain"


def _slots_used(draft: Draft) -> Iterator[tuple[Source, str]]:
    for condition in draft.conditions:
        yield from ((condition.source, name) for name in sorted(condition_slots(condition.text)))
    for flow in draft.content.flows.values():
        yield from ((flow.source, name) for name in flow.persisted)
    for _, step in every_step(draft.content):
        if isinstance(step, Collect):
            yield from ((step.source, name) for name in (step.slot, step.options_from) if name)
        elif isinstance(step, SetSlots):
            yield from ((step.source, name) for name, _ in step.values)
    yield from ((payload.source, payload.slot) for payload in payloads(draft))


@dataclass(frozen=True, slots=True)
class Payload:
    """What a button of a response records."""

    source: Source
    response: str
    slot: str
    value: str


def payloads(draft: Draft) -> Iterator[Payload]:
    """The payload of every button of the domain files."""
    for document in draft.documents["domain"]:
        for name, variations in document.data.get("responses", {}).items():
            for place, variation in enumerate(variations):
                for number, button in enumerate(variation.get("buttons", ())):
                    if parsed := payload_slot_and_value(button["payload"]):
                        yield Payload(document.at("responses", name, place, "buttons", number), name, *parsed)


def unknown_action(draft: Draft) -> Iterator[Finding]:
    for _, step in every_step(draft.content):
        if not isinstance(step, Act) or step.action.startswith("utter_"):
            continue
        if step.action.startswith("record_") and step.action not in RECORD_STEPS:
            yield step.source, f"the engine has no step {step.action}"
        elif step.action not in draft.content.actions:
            yield step.source, f"{step.action} is not declared under actions in the domain"


def unknown_response(draft: Draft) -> Iterator[Finding]:
    for source, name in responses_used(draft.content):
        if name not in draft.content.responses:
            yield source, f"there is no response {name}"


def responses_used(content: Content) -> Iterator[tuple[Source, str]]:
    """Every response a flow names, and where."""
    for _, step in every_step(content):
        if isinstance(step, Act) and step.action.startswith("utter_"):
            yield step.source, step.action
        elif isinstance(step, Collect):
            named = (step.utter, step.why, step.lead, *(rejection.utter for rejection in step.rejections))
            yield from ((step.source, name) for name in named if name)


def missing_system_response(draft: Draft) -> Iterator[Finding]:
    place = Source(next((document.file for document in draft.documents["domain"]), "domain.yml"))
    for name in (*SYSTEM_RESPONSES, *CALL_RESPONSES):
        if name not in draft.content.responses:
            yield place, f"the engine says {name}, and no domain file has it"


def unknown_intent(draft: Draft) -> Iterator[Finding]:
    for flow in draft.content.flows.values():
        for intent in flow.triggers:
            if intent not in draft.domain.intents:
                yield flow.source, f"intent {intent!r} is not declared in the domain"


def unknown_variable(draft: Draft) -> Iterator[Finding]:
    known = draft.content.slots.keys() | ENGINE_VARIABLES | plan_facts(draft)
    for name, variation in every_variation(draft.content):
        if is_canned(name):  # nothing of a conversation is put into it: bot.content.canned
            continue
        for variable in sorted(variables(variation) - known):
            yield variation.source, f"{name} speaks {{{variable}}}, which is no slot and no fact of a plan"


def plan_facts(draft: Draft) -> set[str]:
    """The variables that facts of plans fill: those some plan has, and those the domain names for conditions."""
    some_plan_has = {f"plan_{key}" for plan in draft.content.plans.values() for key in plan.facts}
    return some_plan_has | {name for name in draft.content.slots if name.startswith("plan_")}


def variables(variation: Variation) -> set[str]:
    """The variables of a variation's texts and of its buttons' titles, in any language."""
    texts = [*variation.text.values(), *(title for button in variation.buttons for title in button.titles.values())]
    return {variable for text in texts for variable in VARIABLE.findall(text)}


def read_only_slot(draft: Draft) -> Iterator[Finding]:
    for _, step in every_step(draft.content):
        changed = [step.slot] if isinstance(step, Collect) else []
        changed += [slot for slot, _ in step.values] if isinstance(step, SetSlots) else []
        for slot in changed:
            if slot in ENGINE_SLOTS:
                yield step.source, f"the engine sets {slot} before every turn, so what a flow sets is lost"
