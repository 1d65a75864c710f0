"""Compiles flows: nested branches become flat steps, and every step knows its ways on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.content.documents import Document, Key
from bot.content.domain import Domain
from bot.content.findings import Findings, never
from bot.content.responses import Responses
from bot.flow import (
    END,
    Act,
    Branch,
    Call,
    Choice,
    Collect,
    Condition,
    Flow,
    Link,
    Noop,
    Rejection,
    SetSlots,
    Source,
    Step,
    Variation,
)
from nlu.understanding import AnswerKind

_KIND_OF_SLOT: Mapping[str, AnswerKind] = {
    "bool": "bool",
    "categorical": "choice",
    "list": "choices",
    "float": "number",
    "text": "text",
    "any": "text",
}
_STEP_KINDS = ("collect", "action", "set_slots", "call", "link", "noop")


def compile_flows(
    documents: tuple[Document, ...], domain: Domain, responses: Responses, findings: Findings
) -> dict[str, Flow]:
    """Every flow of the flow files; an id used twice is reported."""
    flows: dict[str, Flow] = {}
    for document in documents:
        for flow_id, data in document.data["flows"].items():
            source = document.at("flows", flow_id)
            if flow_id in flows:
                findings.report("duplicate-id", source, f"flow {flow_id} already stands at {flows[flow_id].source}")
                continue
            reading = _Reading(document, domain, responses, findings)
            flows[flow_id] = _flow(flow_id, data, source, reading)
    return flows


@dataclass(slots=True)
class _Reading:
    """What reading the steps of one flow needs at hand."""

    document: Document
    domain: Domain
    responses: Responses
    findings: Findings
    taken: dict[str, Source] = field(default_factory=dict)  # step ids


@dataclass(frozen=True, slots=True)
class _Raw:
    """A step as written, with its id; `nested` holds the steps of its branches by branch and side (then, else)."""

    id: str
    data: Mapping[str, Any]
    path: Key
    source: Source
    nested: dict[tuple[int, str], list[_Raw]]


def _flow(flow_id: str, data: Mapping[str, Any], source: Source, reading: _Reading) -> Flow:
    path: Key = ("flows", flow_id, "steps")
    _take_written_ids(data["steps"], path, reading)
    raws = _identify(data["steps"], path, "", reading)
    guard, guard_text = _guard(data.get("if"), reading.document.at("flows", flow_id, "if"), reading.findings)
    return Flow(
        id=flow_id,
        description=data["description"],
        steps=tuple(_steps(raws, END, reading)),
        name=_flow_name(data),
        guard=guard,
        guard_text=guard_text,
        triggers=tuple(_trigger(each["intent"]) for each in data.get("nlu_trigger", ())),
        persisted=_persisted(data, raws),
        source=source,
    )


def _guard(written: str | bool | None, source: Source, findings: Findings) -> tuple[Condition | None, str]:
    if written is None or written is True:
        return None, ""
    if written is False or written.strip().lower() == "false":
        return never, "false"
    return findings.condition(written, source), written


def _flow_name(data: Mapping[str, Any]) -> dict[str, str]:
    translated = {language: each["name"] for language, each in data.get("translation", {}).items()}
    return {"en": data["name"], **translated} if "name" in data else translated


def _trigger(intent: str | Mapping[str, str]) -> str:
    return intent if isinstance(intent, str) else intent["name"]


def _persisted(data: Mapping[str, Any], raws: list[_Raw]) -> tuple[str, ...]:
    kept = [raw.data["collect"] for raw in _all(raws) if raw.data.get("reset_after_flow_ends") is False]
    return tuple(dict.fromkeys([*data.get("persisted_slots", ()), *kept]))


def _all(raws: list[_Raw]) -> Iterator[_Raw]:
    for raw in raws:
        yield raw
        for nested in raw.nested.values():
            yield from _all(nested)


# --- ids


def _branches_of(data: Mapping[str, Any], path: Key) -> Iterator[tuple[int, str, list[dict[str, Any]], Key]]:
    """(branch number, side, nested steps, their path) for every branch that holds steps."""
    if isinstance(data.get("next"), list):
        for place, branch in enumerate(data["next"]):
            for side in ("then", "else"):
                if isinstance(branch.get(side), list):
                    yield place, side, branch[side], (*path, "next", place, side)


def _take_written_ids(steps: list[dict[str, Any]], path: Key, reading: _Reading) -> None:
    for place, data in enumerate(steps):
        if "id" in data:
            _take(data["id"], reading.document.at(*path, place, "id"), reading)
        for _, _, nested, nested_path in _branches_of(data, (*path, place)):
            _take_written_ids(nested, nested_path, reading)


def _take(step_id: str, source: Source, reading: _Reading) -> None:
    if step_id == END:
        reading.findings.report("duplicate-id", source, f"{END} is reserved for the end of a flow")
    elif step_id in reading.taken:
        reading.findings.report("duplicate-id", source, f"step {step_id} already stands at {reading.taken[step_id]}")
    reading.taken.setdefault(step_id, source)


def _identify(steps: list[dict[str, Any]], path: Key, parent: str, reading: _Reading) -> list[_Raw]:
    """Give every step an id. A generated one names what the step does, so that inserting a step renames no other."""
    raws = []
    for place, data in enumerate(steps):
        here: Key = (*path, place)
        source = reading.document.at(*here)
        step_id = data.get("id") or _generated(data, parent, source, reading)
        nested = {
            (number, side): _identify(inner, inner_path, step_id, reading)
            for number, side, inner, inner_path in _branches_of(data, here)
        }
        raws.append(_Raw(step_id, data, here, source, nested))
    return raws


def _generated(data: Mapping[str, Any], parent: str, source: Source, reading: _Reading) -> str:
    kind = next(kind for kind in _STEP_KINDS if kind in data)
    what = data[kind] if isinstance(data[kind], str) else kind
    wanted = f"{parent}.{what}" if parent else what
    step_id, number = wanted, 1
    while step_id in reading.taken:
        number += 1
        step_id = f"{wanted}.{number}"
    reading.taken[step_id] = source
    return step_id


# --- steps


def _steps(raws: list[_Raw], after: str | None, reading: _Reading) -> Iterator[Step]:
    """`after`: where the last of these goes on; None inside a branch, where it must say so itself."""
    following = [raw.id for raw in raws[1:]] + [after]
    for raw, then in zip(raws, following, strict=True):
        yield _step(raw, then, reading)
        for nested in raw.nested.values():
            yield from _steps(nested, None, reading)


def _step(raw: _Raw, following: str | None, reading: _Reading) -> Step:
    data, source = raw.data, raw.source
    if "link" in data:
        if "next" in data:
            reading.findings.report(
                "link-with-next", source, f"the link to {data['link']} ends the flow, yet has a next"
            )
        return Link(raw.id, data["link"], source)
    ways = _next(raw, following, reading)
    if "collect" in data:
        return _collect(raw, ways, reading)
    if "action" in data:
        return Act(raw.id, data["action"], ways, source)
    if "set_slots" in data:
        values = tuple((slot, value) for item in data["set_slots"] for slot, value in item.items())
        return SetSlots(raw.id, values, ways, source)
    if "call" in data:
        return Call(raw.id, data["call"], ways, source)
    return Noop(raw.id, ways, source)


def _next(raw: _Raw, following: str | None, reading: _Reading) -> tuple[Branch, ...]:
    written = raw.data.get("next")
    if written is None:
        if following is None:
            reading.findings.report("dangling-branch", raw.source, "the last step of a branch has no next")
        return (Branch(following or END),)
    if isinstance(written, str):
        return (Branch(written),)
    if [place for place, branch in enumerate(written) if "else" in branch] != [len(written) - 1]:
        where = reading.document.at(*raw.path, "next")
        reading.findings.report("missing-else", where, "the list under next does not end with its one else")
    return tuple(_branch(raw, place, branch, reading) for place, branch in enumerate(written))


def _branch(raw: _Raw, place: int, branch: Mapping[str, Any], reading: _Reading) -> Branch:
    side = "else" if "else" in branch else "then"
    then = raw.nested[place, side][0].id if (place, side) in raw.nested else branch[side]
    if side == "else":
        return Branch(then)
    source = reading.document.at(*raw.path, "next", place, "if")
    return Branch(then, reading.findings.condition(branch["if"], source), branch["if"])


def _collect(raw: _Raw, ways: tuple[Branch, ...], reading: _Reading) -> Collect:
    slot = raw.data["collect"]
    metadata = raw.data.get("metadata", {})
    utter = raw.data.get("utter", f"utter_ask_{slot}")
    options = _options(reading.responses.get(utter, ()))
    return Collect(
        id=raw.id,
        slot=slot,
        utter=utter,
        kind=metadata.get("answer") or _kind(slot, bool(options or metadata.get("options_from")), reading.domain),
        next=ways,
        options=options,
        options_from=metadata.get("options_from", ""),
        ask_before_filling=raw.data.get("ask_before_filling", False),
        rejections=tuple(_rejections(raw, reading)),
        skippable=metadata.get("skippable", False),
        why=metadata.get("why", ""),
        lead=metadata.get("lead", ""),
        progress=metadata.get("progress", False),
        sensitive=metadata.get("sensitive", False),
        label=dict(metadata.get("label", {})),
        among=metadata.get("among", ""),
        source=raw.source,
    )


def _options(variations: tuple[Variation, ...]) -> tuple[Choice, ...]:
    """Whatever any variation offers, each value once: what is offered now is up to the variation that is shown."""
    offered = [choice for variation in variations for choice in variation.buttons]
    return tuple(
        {choice.value: choice for choice in reversed(offered)}[value]
        for value in dict.fromkeys(c.value for c in offered)
    )


def _kind(slot: str, has_options: bool, domain: Domain) -> AnswerKind:
    declared = domain.slots.get(slot)
    slot_type = declared.type if declared else "text"
    return "choice" if has_options and slot_type in ("text", "any") else _KIND_OF_SLOT[slot_type]


def _rejections(raw: _Raw, reading: _Reading) -> Iterator[Rejection]:
    for place, each in enumerate(raw.data.get("rejections", ())):
        source = reading.document.at(*raw.path, "rejections", place)
        yield Rejection(reading.findings.condition(each["if"], source), each["utter"], each["if"])
