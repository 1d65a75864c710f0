"""Decides: (session, input) -> (session, events). Pure; the clock is in the input.

`RULES` is the order in which a message is read: the first rule that applies wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from msgspec.structs import replace

from bot.events import (
    ActionRequested,
    AnswersRequested,
    Event,
    HandoffRequested,
    Marked,
    NumberFlagged,
    OptedIn,
    OptedOut,
    RunStarted,
    Said,
    Withdrawn,
)
from bot.flow import Collect, Content, Flow
from bot.inputs import ActionReturned, AnswersLoaded, MessageReceived
from bot.questionnaire import enabled_questions
from bot.session import Mark, Run, Session
from bot.walk import Question, Walk, marked, position, run_id, session_context, start, walk, withdraw
from nlu.understanding import Ambiguous, Expecting, NotAnAnswer, Option, Understanding, Value

WELCOME, MENU = "welcome", "menu"  # flows that every content has
PROGRESS_EVERY = 5  # questions of a screening
MISSES_BEFORE_A_PERSON = 3
STEM_FORGOTTEN_S = 1800  # a group's stem is said again to someone who comes back after this


@dataclass(frozen=True, slots=True)
class Moment:
    """What the edge knows and the engine may not look up."""

    now: float  # when the reply will go out, UTC seconds
    message_id: str  # of the message being answered
    today: str  # ISO date where the plan is
    open_hours: bool  # Member Services can be reached now
    verified_for: float  # seconds a verification is good for
    alerts_on: bool = False  # staff are told of an urgent message at once
    reply_is_twilios: bool = False  # Twilio itself confirms this opt-out, opt-in or HELP


@dataclass(frozen=True, slots=True)
class Turn:
    """One message being decided on."""

    session: Session
    message: MessageReceived
    meaning: Understanding
    question: Question | None
    content: Content
    moment: Moment

    @property
    def answerable(self) -> bool:
        """The open question had gone out before this message came."""
        question = self.question
        asked = question is not None and self.session.asked == question.key
        return asked and self.message.at >= self.session.asked_at


Outcome = tuple[Session, list[Event]]


def context_of(session: Session, moment: Moment) -> dict[str, Any]:
    """The slots that the engine provides."""
    edge = {"today": moment.today, "alerts_on": moment.alerts_on, "open_hours": moment.open_hours}
    return {**session_context(session), **edge}


def current(session: Session, moment: Moment) -> Session:
    """The session as it stands now: a verification that has run out no longer counts, nor does one of before somebody
    turned 18 whom the speaker spoke for."""
    run_out = moment.now > session.verified_until or _spoken_for_no_more(session, moment.today)
    return replace(session, verified_until=0.0) if session.verified_until and run_out else session


def _spoken_for_no_more(session: Session, today: str) -> bool:
    household = session.facts.get("household") or []
    return any(one.get("until") is not None and one["until"] <= today for one in household)


def stands_at(
    session: Session, content: Content, moment: Moment
) -> Question | ActionRequested | AnswersRequested | None:
    """The open question; or what must be looked up before there is one; None where neither."""
    return position(content, session, context_of(session, moment))


def expecting(question: Question | None, content: Content, moment: Moment) -> Expecting | None:
    """What nlu needs to know of the open question."""
    if question is None:
        return None
    options = tuple(Option(c.value, c.key, (*c.titles.values(), *c.synonyms), c.exclusive) for c in question.choices)
    plan = content.plans.get(str(question.slots.get("plan")))
    return Expecting(
        question.collect.kind, date.fromisoformat(moment.today), options, plan.member_id_pattern if plan else ""
    )


def advance(turn: Turn) -> Outcome:
    """Take one message. The events may end in ActionRequested or AnswersRequested: come back with `resume`."""
    return next(outcome for rule in RULES if (outcome := rule(turn)) is not None)


def resume(
    session: Session, content: Content, returned: ActionReturned | AnswersLoaded, moment: Moment, seed: str
) -> Outcome:
    """Go on after what the flow needed has been looked up."""
    if isinstance(returned, AnswersLoaded):
        session, events = attach(session, returned, seed)
        after, more = go_on(session, content, moment, seed)
        return after, [*events, *more]
    if returned.failed:
        return _say(session, "utter_trouble", content, moment)
    return go_on(session, content, moment, seed, returned)


def attach(session: Session, loaded: AnswersLoaded, seed: str) -> Outcome:
    """Put the member's own answers into the session; where no run is open, a new one begins."""
    key = f"{loaded.flow}:{loaded.member}"
    session = replace(session, member_version=loaded.version)
    if loaded.run:
        run = Run(loaded.run, loaded.flow, tuple(Mark(*mark) for mark in loaded.marks))
        return replace(session, member_runs={**session.member_runs, key: run}), []
    run = Run(run_id(seed, key), loaded.flow)
    started = RunStarted(run.id, loaded.flow, loaded.member)
    return replace(session, member_runs={**session.member_runs, key: run}), [started]


# --- the rules -------------------------------------------------------------------------------------------------------


def crisis(turn: Turn) -> Outcome | None:
    """Danger comes before everything, always. After an opt-out only staff are told."""
    urgent = turn.meaning.urgent
    if urgent is None:
        return None
    events: list[Event] = [HandoffRequested(f"crisis_{urgent}", urgent=True)]
    if not turn.session.opted_out:
        events.append(Said(f"utter_crisis_{urgent}", _slots(turn)))
    session = replace(turn.session, paused=bool(turn.session.asked))
    if _revokes(turn) and not session.opted_out:
        return replace(session, opted_out=True), [OptedOut(), *events]
    return session, events


def opt_out(turn: Turn) -> Outcome | None:
    if not _revokes(turn):
        return None
    if turn.session.opted_out:
        return turn.session, []
    said: list[Event] = [] if turn.moment.reply_is_twilios else [Said("utter_opted_out", _slots(turn))]
    return replace(turn.session, opted_out=True), [OptedOut(), *said]


def _revokes(turn: Turn) -> bool:
    return turn.meaning.opt == "out" or turn.message.opt_out_type == "STOP"


def opt_in(turn: Turn) -> Outcome | None:
    """START and its like; YES too, but only while opted out."""
    asked = turn.meaning.opt == "in" or turn.message.opt_out_type == "START"
    if not turn.session.opted_out:
        return _again(turn) if asked else None
    yes = turn.meaning.intent == "affirm" or turn.meaning.answer == Value(True)
    if not (asked or yes):
        return turn.session, []
    session = replace(turn.session, opted_out=False)
    said: list[Event] = [] if turn.moment.reply_is_twilios else [Said("utter_opted_in", _slots(turn))]
    after, events = go_on(session, turn.content, turn.moment, turn.message.id) if session.runs else (session, [])
    return after, [OptedIn(), *said, *events]


def help_(turn: Turn) -> Outcome | None:
    if not (turn.meaning.opt == "help" or turn.message.opt_out_type == "HELP"):
        return None
    return turn.session, [] if turn.moment.reply_is_twilios else [Said("utter_help", _slots(turn))]


def agent_owns(turn: Turn) -> Outcome | None:
    """While an agent holds the conversation the bot is silent."""
    return (turn.session, []) if turn.session.owner.startswith("agent:") else None


def reserved_word(turn: Turn) -> Outcome | None:
    """BACK, SKIP, MENU, REPEAT, a person...: what may be said at any question."""
    command = turn.meaning.command
    return COMMANDS[command](turn) if command is not None and command in COMMANDS else None


def paused(turn: Turn) -> Outcome | None:
    """After a crisis text nothing is taken as an answer until the member goes on."""
    if not turn.session.paused:
        return None
    if isinstance(turn.meaning.answer, Value):
        return _again(turn)
    return turn.session, [Said("utter_paused", _slots(turn))]


def answer(turn: Turn) -> Outcome | None:
    """The answer to the open question, unless it came before the question went out."""
    question, given = turn.question, turn.meaning.answer
    if question is None or isinstance(given, NotAnAnswer) or turn.meaning.question:
        return None
    if not turn.answerable:
        return _again(turn, "utter_answer_taken_late")
    if isinstance(given, Ambiguous):
        return _which(turn, question, given)
    return _take_answer(turn, question, given)


def quick_start_topic(turn: Turn) -> Outcome | None:
    """A question about the plan: answered, then back to the open question."""
    response = f"utter_{turn.meaning.intent}"
    return _again(turn, response) if turn.meaning.intent and response in turn.content.responses else None


def start_flow(turn: Turn) -> Outcome | None:
    """Another task: what is under way is set aside, and taken up again after."""
    intent = turn.meaning.intent
    flow = next((f for f in turn.content.flows.values() if intent in f.triggers), None) if intent else None
    if flow is None or (flow.guard is not None and not flow.guard(_slots(turn))):
        return None
    under_way = turn.session.runs[-1].flow if turn.session.runs else ""
    if under_way and flow.id in (under_way, WELCOME):  # "hi" in the middle of something
        return _again(turn)
    return _begin(turn, MENU if flow.id == WELCOME and turn.session.version else flow.id)


def nothing_open(turn: Turn) -> Outcome | None:
    """No question is open: show what can be done."""
    if turn.question is not None:
        return None
    if turn.session.runs:  # the flow waits for something that has changed meanwhile: go on from there
        return go_on(replace(turn.session, paused=False), turn.content, turn.moment, turn.message.id)
    return _begin(turn, MENU if turn.session.version else WELCOME)


def cannot_handle(turn: Turn) -> Outcome | None:
    """Say what can be answered here; then in other words; then offer a person."""
    misses = min(turn.session.misses + 1, MISSES_BEFORE_A_PERSON)
    if turn.message.media and not turn.message.text.strip():
        return _again(turn, "utter_media_only")
    session = replace(turn.session, misses=misses)
    return _again(_with(turn, session), f"utter_not_understood_{misses}")


Rule = Callable[[Turn], Outcome | None]
RULES: tuple[Rule, ...] = (
    crisis,
    opt_out,
    opt_in,
    help_,
    agent_owns,
    reserved_word,
    paused,
    answer,
    quick_start_topic,
    start_flow,
    nothing_open,
    cannot_handle,
)


# --- reserved words --------------------------------------------------------------------------------------------------


def back(turn: Turn) -> Outcome:
    """One question back, as often as wanted; never behind what has been recorded."""
    state = walk(turn.content, turn.session, context_of(turn.session, turn.moment), "")
    if state.events or turn.question is None:
        return _again(turn, "utter_back_at_start")
    for index in range(len(state.passed) - 1, -1, -1):
        step = state.passed[index]
        if isinstance(step.step, Collect) and step.marked:
            return _go_back(turn, state, index)
        if getattr(step.step, "action", "").startswith("record_"):
            break
    return _again(turn, "utter_back_at_start")


def _go_back(turn: Turn, state: Walk, index: int) -> Outcome:
    by_run: dict[str, list[str]] = {}
    for step in state.passed[index:]:
        by_run.setdefault(step.run, []).append(step.path)
    for run, paths in by_run.items():
        withdraw(state, run, paths)
    withdrawn = list(state.events)
    session = replace(state.session, paused=False, misses=0)
    after, events = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [*withdrawn, *events]


def skip(turn: Turn) -> Outcome:
    """A refusal is recorded as an answer, where the form lets it be."""
    question = turn.question
    if question is None or not turn.answerable:
        return _again(turn)
    if not question.collect.skippable:
        return _again(turn, "utter_cannot_skip")
    return _mark_and_go_on(turn, question, "declined", {})


def menu(turn: Turn) -> Outcome:
    return _begin(turn, MENU)


def repeat(turn: Turn) -> Outcome:
    """Say the open question again; after a crisis text, go on with it."""
    return _again(turn)


def person(turn: Turn) -> Outcome:
    """Asked for a person."""
    return turn.session, [HandoffRequested("asked"), Said("utter_handoff", _slots(turn))]


def why(turn: Turn) -> Outcome:
    if turn.question is None:
        return _again(turn)
    return _again(turn, turn.question.collect.why or "utter_why_default")


def later(turn: Turn) -> Outcome:
    return turn.session, [Said("utter_later", _slots(turn))]


def english(turn: Turn) -> Outcome:
    return _speak(turn, "en")


def spanish(turn: Turn) -> Outcome:
    return _speak(turn, "es")


def _speak(turn: Turn, language: str) -> Outcome:
    return _again(_with(turn, replace(turn.session, language=language)), "utter_language_changed")


def wrong_number(turn: Turn) -> Outcome:
    """Nothing is said of the member; this phone is no longer known, and gets no more texts unless it asks for them."""
    forgotten = replace(forget_speaker(turn.session), runs=(), asked="", opted_out=True)
    return forgotten, [NumberFlagged(), Said("utter_wrong_number", context_of(forgotten, turn.moment))]


COMMANDS: Mapping[str, Callable[[Turn], Outcome]] = {
    "back": back,
    "change": back,
    "skip": skip,
    "menu": menu,
    "restart": menu,
    "repeat": repeat,
    "resume": repeat,
    "person": person,
    "why": why,
    "later": later,
    "english": english,
    "spanish": spanish,
    "wrong_number": wrong_number,
}


def forget_speaker(session: Session) -> Session:
    """The session without anything about who spoke and of whom."""
    return replace(
        session,
        person=None,
        verified_member="",
        verified_guardian="",
        verified_until=0.0,
        member_runs={},
        facts={},
    )


def apologise(turn: Turn) -> Outcome:
    """What is said when deciding failed for a fault of ours: danger and STOP are still heard, nothing else changes."""
    quiet = Turn(turn.session, turn.message, turn.meaning, None, turn.content, turn.moment)
    for rule in (crisis, opt_out, agent_owns):
        outcome = rule(quiet)
        if outcome is not None:
            return outcome
    if turn.session.opted_out:
        return turn.session, []
    return turn.session, [HandoffRequested("trouble"), Said("utter_trouble", context_of(turn.session, turn.moment))]


def start_over(session: Session) -> Outcome:
    """The flow under way begins anew: what it was about has been finished elsewhere."""
    if not session.runs:
        return session, []
    run = session.runs[-1]
    session = replace(session, runs=(*session.runs[:-1], replace(run, marks=())))
    return session, [Withdrawn(run.id, run.flow, tuple(mark.question for mark in run.marks))]


# --- answering -------------------------------------------------------------------------------------------------------


def _take_answer(turn: Turn, question: Question, given: Value) -> Outcome:
    value = list(given.value) if isinstance(given.value, tuple) else given.value
    slots = {question.collect.slot: value}
    refused = next((r for r in question.collect.rejections if r.when({**question.slots, **slots})), None)
    if refused is not None:
        return _again(turn, refused.utter)
    return _mark_and_go_on(turn, question, "value", slots)


def _mark_and_go_on(turn: Turn, question: Question, status: str, slots: dict[str, Any]) -> Outcome:
    mark = Marked(question.run, question.flow.id, question.path, status, slots, question.member)
    session = marked(turn.session, question.run, Mark(question.path, status, slots))
    session = replace(session, misses=0, paused=False)
    after, events = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [mark, *events]


def _which(turn: Turn, question: Question, given: Ambiguous) -> Outcome:
    language = turn.session.language or "en"
    titles = [c.titles.get(language, c.value) for c in question.choices if c.value in given.between]
    slots = {**_slots(turn), "choices": ", ".join(titles)}
    session, events = _again(turn)
    return session, [Said("utter_which_one", slots), *events]


# --- going on --------------------------------------------------------------------------------------------------------


def go_on(
    session: Session, content: Content, moment: Moment, seed: str, returned: ActionReturned | None = None
) -> Outcome:
    """Walk on until the member or the world is needed; an open question is asked."""
    waiting = len(session.runs)
    state = walk(content, session, context_of(session, moment), seed, returned)
    session = state.session
    if session.verified_until == float("inf"):
        session = replace(session, verified_until=moment.now + moment.verified_for)
    events = state.events
    if isinstance(state.stop, Question):
        if len(session.runs) < waiting:
            events = [*events, Said("utter_resumed", context_of(session, moment))]
        return ask(session, state.stop, moment, events)
    if state.stop is None:
        return replace(session, asked="", lead=""), events
    return session, [*events, state.stop]


def ask(session: Session, question: Question, moment: Moment, events: list[Event]) -> Outcome:
    """Say the question: its stem where the one before had another, where we are, the question and its options."""
    collect, slots = question.collect, dict(question.slots)
    said: list[Event] = []
    if collect.progress and session.asked != question.key:
        said += _progress(question, slots)
    forgotten = moment.now - session.asked_at > STEM_FORGOTTEN_S
    if collect.lead and (collect.lead != session.lead or forgotten):
        said.append(Said(collect.lead, slots))
    said.append(Said(collect.utter, slots, question.choices))
    session = replace(session, asked=question.key, asked_at=moment.now, asked_by=moment.message_id, lead=collect.lead)
    return session, [*events, *said]


def _progress(question: Question, slots: dict[str, Any]) -> list[Event]:
    enabled = enabled_questions(question.flow, question.slots)
    number = enabled.index(question.collect.slot) + 1
    slots |= {"question_number": str(number), "question_total": str(len(enabled))}
    return [Said("utter_progress", slots)] if number % PROGRESS_EVERY == 0 else []


def _begin(turn: Turn, flow: str) -> Outcome:
    """Start a flow. A task under way is set aside; a menu or an offer is just left."""
    said = [Said("utter_welcome", _slots(turn))] if turn.session.version == 0 and flow != WELCOME else []
    tasks = tuple(run for run in turn.session.runs if _is_task(turn.content, run.flow))
    if tasks and tasks[-1] is turn.session.runs[-1] and tasks[-1].flow != flow:
        said.append(Said("utter_set_aside", _slots(turn)))
    session, events = start(replace(turn.session, runs=tasks, paused=False), flow, turn.message.id)
    after, more = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [*events, *said, *more]


def _is_task(content: Content, flow: str) -> bool:
    return flow in content.flows and flow not in (WELCOME, MENU) and bool(content.flows[flow].triggers)


def _again(turn: Turn, first: str = "") -> Outcome:
    """Say something, then ask the open question again; with none open, just say it."""
    said: list[Event] = [Said(first, _slots(turn))] if first else []
    session = replace(turn.session, paused=False)
    if not session.runs:
        return (session, said) if said else _begin(turn, MENU)
    after, events = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [*said, *events]


def _say(session: Session, response: str, content: Content, moment: Moment) -> Outcome:
    return session, [Said(response, context_of(session, moment))]


def _slots(turn: Turn) -> dict[str, Any]:
    if turn.question is None:
        return context_of(turn.session, turn.moment)
    return {**turn.question.slots, "skippable": turn.question.collect.skippable}


def _with(turn: Turn, session: Session) -> Turn:
    return Turn(session, turn.message, turn.meaning, turn.question, turn.content, turn.moment)


def answers_in(run: Run, flow: Flow) -> dict[str, Any]:
    """What a run has recorded: slot -> value, or "declined"."""
    slots = {step.id: step.slot for step in flow.steps if isinstance(step, Collect)}
    return {
        slots[m.question]: ("declined" if m.status == "declined" else m.slots.get(slots[m.question]))
        for m in run.marks
        if m.question in slots
    }
