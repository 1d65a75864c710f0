"""Rules: every flow can be walked from its start to an end, and never runs in a circle without asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.content.draft import Draft
from bot.content.references import every_step
from bot.content.rule import Finding
from bot.flow import END, Call, Collect, Content, Flow, Link, SetSlots, Step


def unreachable_step(draft: Draft) -> Iterator[Finding]:
    for flow in draft.content.flows.values():
        reached = _reached(flow.steps[0].id, _ways(flow))
        for step in flow.steps:
            if step.id not in reached:
                yield step.source, f"no way leads to step {step.id} of flow {flow.id}"


def dead_end(draft: Draft) -> Iterator[Finding]:
    for flow in draft.content.flows.values():
        ways = _ways(flow)
        for step in flow.steps:
            onward = _reached(step.id, ways)
            if END not in onward and not any(isinstance(each, Link) for each in flow.steps if each.id in onward):
                yield step.source, f"from step {step.id} flow {flow.id} never comes to an end"
                break  # one is enough: the rest of the circle would say the same


def loop_without_question(draft: Draft) -> Iterator[Finding]:
    asking = _asking_flows(draft.content)
    for flow in draft.content.flows.values():
        silent = {step.id: step for step in flow.steps if not _asks(step, asking)}
        ways = {step_id: onward & silent.keys() for step_id, onward in _ways(flow).items() if step_id in silent}
        for step in silent.values():
            if step.id in _beyond(step.id, ways):
                yield step.source, f"step {step.id} comes round to itself with no question on the way"
                break
    yield from _silent_links(draft.content, asking)


def _silent_links(content: Content, asking: frozenset[str]) -> Iterator[Finding]:
    """Flows that link to each other in a circle, none of them asking before its link."""
    links = {flow.id: _links_before_a_question(flow, asking) for flow in content.flows.values()}
    ways = {flow_id: {link.flow for link in found} for flow_id, found in links.items()}
    for flow_id, found in links.items():
        for link in found:
            if flow_id == link.flow or flow_id in _beyond(link.flow, ways):
                yield link.source, f"flow {flow_id} links to {link.flow} and comes back with no question on the way"


def _links_before_a_question(flow: Flow, asking: frozenset[str]) -> list[Link]:
    if _asks(flow.steps[0], asking):
        return []
    ways = {step.id: set() if _asks(step, asking) else _ways(flow)[step.id] for step in flow.steps}
    reached = _reached(flow.steps[0].id, ways)
    return [step for step in flow.steps if isinstance(step, Link) and step.id in reached]


def call_cycle(draft: Draft) -> Iterator[Finding]:
    calls = _calls(draft.content)
    ways = {flow_id: {call.flow for call in found} for flow_id, found in calls.items()}
    for flow_id, found in calls.items():
        for call in found:
            if flow_id == call.flow or flow_id in _beyond(call.flow, ways):
                yield call.source, f"flow {flow_id} calls {call.flow}, which calls {flow_id} again"


def self_link(draft: Draft) -> Iterator[Finding]:
    for flow, step in every_step(draft.content):
        if isinstance(step, Link) and step.flow == flow.id:
            yield step.source, f"flow {flow.id} links to itself"


def link_inside_called_flow(draft: Draft) -> Iterator[Finding]:
    called = {call.flow for found in _calls(draft.content).values() for call in found}
    for flow, step in every_step(draft.content):
        if isinstance(step, Link) and flow.id in called:
            yield step.source, f"flow {flow.id} is called by another flow, so it cannot end in a link to {step.flow}"


def unset_persisted_slot(draft: Draft) -> Iterator[Finding]:
    for flow in draft.content.flows.values():
        filled = {step.slot for step in flow.steps if isinstance(step, Collect)}
        filled |= {slot for step in flow.steps if isinstance(step, SetSlots) for slot, _ in step.values}
        for slot in flow.persisted:
            if slot not in filled:
                yield flow.source, f"flow {flow.id} keeps slot {slot}, but neither collects nor sets it"


def _calls(content: Content) -> dict[str, list[Call]]:
    return {flow.id: [step for step in flow.steps if isinstance(step, Call)] for flow in content.flows.values()}


def _asking_flows(content: Content) -> frozenset[str]:
    """Flows that ask something themselves or in a flow they call."""
    asking = {flow.id for flow in content.flows.values() if any(isinstance(step, Collect) for step in flow.steps)}
    calls = {flow_id: {call.flow for call in found} for flow_id, found in _calls(content).items()}
    return frozenset(flow_id for flow_id in calls if asking & ({flow_id} | _beyond(flow_id, calls)))


def _asks(step: Step, asking: frozenset[str]) -> bool:
    return isinstance(step, Collect) or (isinstance(step, Call) and step.flow in asking)


def _ways(flow: Flow) -> dict[str, set[str]]:
    return {step.id: set() if isinstance(step, Link) else {branch.then for branch in step.next} for step in flow.steps}


def _reached(start: str, ways: Mapping[str, set[str]]) -> set[str]:
    return {start} | _beyond(start, ways)


def _beyond(start: str, ways: Mapping[str, set[str]]) -> set[str]:
    """Everything one or more ways on from `start`."""
    reached: set[str] = set()
    ahead = list(ways.get(start, ()))
    while ahead:
        here = ahead.pop()
        if here not in reached:
            reached.add(here)
            ahead.extend(ways.get(here, ()))
    return reached
