"""Walks a flow: from its first step, past every marked one, on until it needs the member or the world. Pure.

This is where "answers are the position" is made true: resuming, BACK, a jump backward and new content all change marks
and walk again. A called flow is walked in place, its marks under the caller's path; a flow about the member keeps its
marks with the member (Session.member_runs)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec.structs import replace

from bot.events import ActionRequested, AnswersRequested, Event, Marked, RunFinished, RunStarted, Said, Withdrawn
from bot.flow import END, Act, Call, Choice, Collect, Content, Flow, Link, Noop, SetSlots, Step, way_on
from bot.inputs import ActionReturned
from bot.ownership import QUEUE
from bot.record_steps import RECORDS
from bot.session import Mark, Run, Session, line_of, member_of, run_of, with_run

MAX_STEPS = 500  # taken in one turn; a flow that needs more loops without asking
MAX_RUNS = 6  # set aside at once


class FlowBroken(Exception):
    """The content loops without asking, or names what is not there: an author's fault."""


@dataclass(frozen=True, slots=True)
class Question:
    """The open question: its step, where it stands, the slots when it is asked, what may be chosen."""

    run: str
    path: str
    collect: Collect
    slots: Mapping[str, Any]
    choices: tuple[Choice, ...]
    flow: Flow
    member: str = ""

    @property
    def key(self) -> str:
        return f"{self.run}:{self.path}"


Stop = Question | ActionRequested | AnswersRequested


class Passed(NamedTuple):
    """One step the walk went past, in order."""

    run: str
    path: str
    step: Step
    marked: bool

    @property
    def is_wall(self) -> bool:
        """What was recorded for good: no way back behind it."""
        return isinstance(self.step, Act) and self.step.action.startswith("record_")


@dataclass(slots=True)
class Walk:
    """A walk under way; `walk` below makes and reads it. `stop` is None when no run is left."""

    content: Content
    session: Session
    context: Mapping[str, Any]
    seed: str  # makes the ids of runs started by this turn
    returned: ActionReturned | None = None
    events: list[Event] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    taken: int = 0
    stop: Stop | None = None
    marks: dict[str, dict[str, Mark]] = field(default_factory=dict)  # of each run, by question; kept while unchanged


class _Again(Exception):
    """Marks or runs changed; walk from the start."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where marks of the flow being walked are kept, and under which path."""

    run: str
    flow: str
    prefix: str = ""
    member: str = ""

    def path(self, step_id: str) -> str:
        return f"{self.prefix}{step_id}"


def walk(
    content: Content, session: Session, context: Mapping[str, Any], seed: str, returned: ActionReturned | None = None
) -> Walk:
    """Walk the current run until it needs something. Raises FlowBroken."""
    state = Walk(content, session, context, seed, returned)
    while state.session.runs:
        try:
            state.stop = _walk_current(state)
        except _Again:
            continue
        if state.stop is not None:
            return state
        _finish_current(state)
    state.stop = None
    return state


def position(content: Content, session: Session, context: Mapping[str, Any]) -> Stop | None:
    """Where the session stands, found without doing anything: the open question, or what is needed before there is one;
    None when the walk would do something else first."""
    found = walk(content, session, context, seed="") if session.runs else None
    return found.stop if found is not None and not found.events else None


def _walk_current(state: Walk) -> Stop | None:
    run = state.session.runs[-1]
    flow = state.content.flows.get(run.flow)
    if flow is None:  # new content without this flow: what was recorded stays recorded
        return None
    state.slots = {**state.content.initial_slots, **state.session.facts, **state.context}
    state.passed = []
    return _walk_flow(state, flow, _Scope(run.id, run.flow))


def _walk_flow(state: Walk, flow: Flow, scope: _Scope) -> Stop | None:
    visited: dict[str, None] = {}  # step ids, in order
    step: Step | None = flow.steps[0]
    while step is not None:
        _count(state, flow)
        visited[step.id] = None
        stop = _take(state, step, flow, scope)
        if stop is not None:
            return stop
        step = _next(state, flow, scope, step, visited)
    return None


def _count(state: Walk, flow: Flow) -> None:
    state.taken += 1
    if state.taken > MAX_STEPS:
        raise FlowBroken(f"{flow.source}: {flow.id} takes over {MAX_STEPS} steps without asking")


def _take(state: Walk, step: Step, flow: Flow, scope: _Scope) -> Stop | None:
    """Pass a marked step, or take it; a step that needs the member or the world stops the walk."""
    path, marks = scope.path(step.id), _marks(state, scope.run)
    carried, mark = marks.get(f"{path}~"), marks.get(path)
    if carried is not None:
        state.slots.update(carried.slots)
    state.passed.append(Passed(scope.run, path, step, mark is not None))
    if mark is not None:
        state.slots.update(mark.slots)
        return None
    match step:
        case Collect():
            return _collect(state, step, flow, scope)
        case Act(action=action) if action.startswith("utter_"):
            state.events.append(Said(action, dict(state.slots)))
            _add(state, scope, step.id, "done", {})
        case Act(action=action) if action.startswith("record_"):
            return _record(state, step, scope)
        case Act():
            return _act(state, step, scope)
        case SetSlots(values=values):
            _add(state, scope, step.id, "done", dict(values))
            state.slots.update(values)
        case Call(flow=called):
            return _call(state, step, called, scope)
        case Link(flow=target):
            _start_linked(state, target)
        case Noop():
            pass
    return None


def _collect(state: Walk, step: Collect, flow: Flow, scope: _Scope) -> Stop | None:
    if state.slots.get(step.slot) is not None and not step.ask_before_filling:
        return None
    path = scope.path(step.id)
    return Question(scope.run, path, step, dict(state.slots), choices(step, state), flow, scope.member)


def choices(step: Collect, state: Walk) -> tuple[Choice, ...]:
    """What may be chosen here: first what an action offered, then the response's buttons."""
    offered = state.slots.get(step.options_from) or () if step.options_from else ()
    items = tuple(
        Choice(value=str(item["value"]), titles=_titles(item["title"]), key=str(number))
        for number, item in enumerate(offered, 1)
    )
    start = len(items) + 1
    buttons = _buttons(state, step) or step.options
    if step.among:
        kept = state.slots.get(step.among) or ()
        buttons = tuple(button for button in buttons if button.value in kept)
    return items + tuple(
        choice if choice.key else _keyed(choice, str(number)) for number, choice in enumerate(buttons, start)
    )


def _buttons(state: Walk, step: Collect) -> tuple[Choice, ...]:
    variations = state.content.responses.get(step.utter, ())
    fitting = (v for v in variations if v.buttons and (v.when is None or v.when(state.slots)))
    return next((v.buttons for v in fitting), ())


def _titles(title: Any) -> Mapping[str, str]:
    return title if isinstance(title, Mapping) else {"en": str(title), "es": str(title)}


def _keyed(choice: Choice, key: str) -> Choice:
    return Choice(choice.value, choice.titles, key, choice.exclusive, choice.synonyms, choice.coding)


def _act(state: Walk, step: Act, scope: _Scope) -> Stop | None:
    returned = state.returned
    if returned is None or returned.action != step.action:
        return ActionRequested(step.action, {k: v for k, v in state.slots.items() if v is not None})
    state.returned = None
    _add(state, scope, step.id, "offered", returned.slots)
    state.slots.update(returned.slots)
    return None


def _record(state: Walk, step: Act, scope: _Scope) -> Stop | None:
    state.session, events = RECORDS[step.action](state.session, state.slots)
    state.marks.clear()
    state.events.extend(events)
    if step.action == "record_verification":  # what was typed to get here is let go; the flow is passed from now on
        typed = [mark.question for mark in run_of(state.session, scope.run).marks]
        withdraw(state, scope.run, [question for question in typed if question.startswith(scope.prefix)])
    else:
        _add(state, scope, step.id, "done", {})
    state.context = {**state.context, **session_context(state.session)}
    state.slots.update(state.context)
    return None


def _call(state: Walk, step: Call, called: str, scope: _Scope) -> Stop | None:
    flow = state.content.flows[called]
    if not flow.about_member:
        return _walk_flow(state, flow, _Scope(scope.run, scope.flow, f"{scope.path(step.id)}/", scope.member))
    person = state.session.person
    if person is None:
        raise FlowBroken(f"{step.source}: {called} is about a member, and none is chosen")
    run = state.session.member_runs.get(f"{called}:{person.id}")
    if run is None:
        return AnswersRequested(called, person.id)
    stop = _walk_flow(state, flow, _Scope(run.id, called, "", person.id))
    if stop is None:
        state.slots.update(_counts(run, {step.path for step in state.passed if step.run == run.id}))
    return stop


def _counts(run: Run, passed: set[str]) -> dict[str, str]:
    """How much was answered, of what is asked after all: all that a text may repeat of a screening."""
    statuses = [mark.status for mark in run.marks if mark.question in passed]
    return {"answered_count": str(statuses.count("value")), "declined_count": str(statuses.count("declined"))}


def _next(state: Walk, flow: Flow, scope: _Scope, step: Step, visited: dict[str, None]) -> Step | None:
    if isinstance(step, Link):
        return None
    target = way_on(step.next, state.slots)
    if target == END:
        return None
    if target in visited:
        way = list(visited)
        _jump_back(state, scope, way[way.index(target) :])
    found = flow.step(target)
    if found is None:
        raise FlowBroken(f"{step.source}: no step {target} in {flow.id}")
    return found


# --- marks -----------------------------------------------------------------------------------------------------------


def _marks(state: Walk, run_id: str) -> dict[str, Mark]:
    marks = state.marks.get(run_id)
    if marks is None:
        marks = state.marks[run_id] = {mark.question: mark for mark in run_of(state.session, run_id).marks}
    return marks


def _add(state: Walk, scope: _Scope, step_id: str, status: str, slots: dict[str, Any]) -> None:
    question = scope.path(step_id)
    state.marks.pop(scope.run, None)
    state.session = marked(state.session, scope.run, Mark(question, status, slots))
    state.events.append(Marked(scope.run, scope.flow, question, status, slots, scope.member))


def marked(session: Session, run_id: str, mark: Mark) -> Session:
    """The session with one more mark in a run (in place of an older one of the same question)."""
    run = run_of(session, run_id)
    kept = tuple(m for m in run.marks if m.question != mark.question)
    return with_run(session, replace(run, marks=(*kept, mark)))


def withdraw(state: Walk, run_id: str, paths: list[str]) -> None:
    """Take back the marks of these steps, and of the flows they called."""
    run = run_of(state.session, run_id)
    state.marks.pop(run_id, None)
    gone = tuple(m.question for m in run.marks if _stands_under(m.question, paths))
    if not gone:
        return
    member = member_of(state.session, run_id)
    state.session = with_run(state.session, replace(run, marks=tuple(m for m in run.marks if m.question not in gone)))
    state.events.append(Withdrawn(run_id, run.flow, gone, member))


def _stands_under(question: str, paths: list[str]) -> bool:
    return any(question == p or question == f"{p}~" or question.startswith(f"{p}/") for p in paths)


def _jump_back(state: Walk, scope: _Scope, steps: list[str]) -> None:
    """Withdraw what was collected since the step jumped to; what actions and set_slots found on the way stays."""
    paths = [scope.path(step) for step in steps]
    run = run_of(state.session, scope.run)
    found: dict[str, Any] = {}
    for mark in run.marks:
        if mark.status in ("offered", "done", "carried") and _stands_under(mark.question, paths):
            found.update(mark.slots)
    withdraw(state, scope.run, paths)
    if found:
        _add(state, scope, f"{steps[0]}~", "carried", found)
    raise _Again


# --- runs ------------------------------------------------------------------------------------------------------------


def start(session: Session, flow: str, seed: str) -> tuple[Session, list[Event]]:
    """Start a flow on top; one set aside earlier is taken up again instead of begun twice."""
    again = next((run for run in session.runs if run.flow == flow), None)
    others = tuple(run for run in session.runs if run.flow != flow)
    if again is not None:
        return replace(session, runs=(*others, again)), []
    run = Run(run_id(seed, flow, len(session.runs)), flow)
    return replace(session, runs=(*others, run)[-MAX_RUNS:]), [RunStarted(run.id, flow)]


def run_id(*parts: object) -> str:
    """An id for a run: the same inputs give the same id, so that a turn done twice names it alike."""
    return hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()[:32]


def _start_linked(state: Walk, target: str) -> None:
    _finish_current(state)
    state.session, events = start(state.session, target, f"{state.seed}.{state.taken}")
    state.events.extend(events)
    raise _Again


def _finish_current(state: Walk) -> None:
    run = state.session.runs[-1]
    flow = state.content.flows.get(run.flow)
    kept = {slot: state.slots.get(slot) for slot in flow.persisted} if flow else {}
    taken = {step.run for step in state.passed}
    state.session = replace(
        state.session,
        runs=state.session.runs[:-1],
        facts={**state.session.facts, **kept},
        # A form that this run went through may be handed in: it is read anew when next needed.
        member_runs={key: r for key, r in state.session.member_runs.items() if r.id not in taken},
    )
    state.events.append(RunFinished(run.id, run.flow))


def session_context(session: Session) -> dict[str, Any]:
    """The engine's own slots, as the session has them. Nobody is named while no verification stands."""
    verified = bool(session.verified_until)
    person = session.person if verified else None
    return {
        "plan": session.plan,
        "language": session.language or "en",
        "channel": session.channel,
        "relay": session.call is not None and session.call.relay,
        "caller_known": session.call is None or session.call.number_known,
        "uses_relay": verified and bool(session.facts.get("uses_relay")),
        "in_line": session.owner == QUEUE,
        "set_aside": len(session.runs) > 1,
        "phone_index": session.phone_index,
        "line": line_of(session),
        "verified": verified,
        "verified_member": session.verified_member if verified else None,
        "verified_guardian": (session.verified_guardian or None) if verified else None,
        "household": session.facts.get("household") if verified else None,
        "household_size": session.facts.get("household_size") if verified else None,
        "person": person.id if person else None,
        "name": person.name if person else None,
        "person_age": float(person.age) if person else None,
        "person_sex": person.sex if person else None,
        "for_self": person.self if person else None,
        "guardian": bool(session.verified_guardian) or bool(person and not person.self),
        "drinks": ("4" if person.sex == "F" else "5") if person else None,
    }
