"""The moves that rules share: go on, ask, ask again, begin a flow, lay one over what is under way. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from bot.events import Event, Marked, Rested, RunFinished, Said, Withdrawn
from bot.flow import Content
from bot.inputs import ActionReturned, MessageReceived
from bot.questionnaire import enabled_questions
from bot.render import fill
from bot.session import Mark, OnCall, Session
from bot.walk import Question, marked, session_context, start, walk
from nlu.understanding import Answer, NotAnAnswer, Understanding

WELCOME, MENU = "welcome", "menu"  # flows that every content has
TASKS = ("set_preference", "choose_pmp", "do_screening")  # what the reward is for: one set aside is offered again
PICK_UP = "pick_up"  # the flow that offers it
PROGRESS_EVERY = 5  # questions of a screening
STEM_FORGOTTEN_S = 1800  # a group's stem is said again to someone who comes back after this


@dataclass(frozen=True, slots=True)
class Moment:
    """What the edge knows and the engine may not look up."""

    now: float  # when the reply will go out, UTC seconds
    message_id: str  # of the message being answered
    today: str  # ISO date where the plan is
    open_hours: bool  # Member Services can be reached now
    verified_for: float  # seconds a verification is good for
    text_desk: bool = False  # Member Services answers by text, in its hours
    alerts_on: bool = False  # staff are told of an urgent message at once
    reply_is_twilios: bool = False  # Twilio itself confirms this opt-out, opt-in or HELP


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, or what is left of it, being decided on."""

    session: Session
    message: MessageReceived
    meaning: Understanding
    question: Question | None
    content: Content
    moment: Moment
    follows: bool = False  # the rest of a message whose beginning has been answered
    earlier: tuple[Question, ...] = ()  # where an answer is to be changed: what can be, the latest last
    call_before: OnCall | None = None  # on a call: its own state as the document before left it
    confirmed: bool = False  # the answer was read back, and is right
    correction: Answer = field(default_factory=NotAnAnswer)  # what the message would answer to the latest of them

    @property
    def answerable(self) -> bool:
        """The open question had gone out before this message came, or the message answers it with all the others."""
        question = self.question
        asked = question is not None and self.session.asked == question.key
        return asked and (self.follows or self.message.at >= self.session.asked_at)


Outcome = tuple[Session, list[Event]]


def context_of(session: Session, moment: Moment) -> dict[str, Any]:
    """The slots that the engine provides."""
    edge = {
        "today": moment.today,
        "alerts_on": moment.alerts_on,
        "open_hours": moment.open_hours,
        "text_desk": moment.text_desk and session.call is None,
    }
    return {**session_context(session), **edge}


def slots_of(turn: Turn) -> dict[str, Any]:
    """What a response may speak of: the engine's slots, and the open question's."""
    if turn.question is None:
        return context_of(turn.session, turn.moment)
    collect = turn.question.collect
    return {**turn.question.slots, "skippable": collect.skippable, "answer_kind": collect.kind}


def go_on(
    session: Session,
    content: Content,
    moment: Moment,
    seed: str,
    returned: ActionReturned | None = None,
    *,
    again: bool = False,
) -> Outcome:
    """Walk on until the member or the world is needed; an open question is asked, `again` by what it is called."""
    waiting = len(session.runs)
    state = walk(content, session, context_of(session, moment), seed, returned)
    session, events, stop = state.session, state.events, state.stop
    if session.verified_until == float("inf"):
        session = replace(session, verified_until=moment.now + moment.verified_for)
    if stop is None:
        return replace(session, asked="", lead=""), events
    if not isinstance(stop, Question):
        return session, [*events, stop]
    if any(isinstance(event, Rested) for event in events):  # it stays open, for whenever the member comes back
        return _asked(session, stop, moment), events
    if len(session.runs) < waiting:
        if _a_task_is_done(events) and session.runs[-1].flow in TASKS:
            session, more = lay_over(session, PICK_UP, _of_waiting(session, content), content, moment, seed)
            return session, [*events, *more]
        if not any(isinstance(event, Withdrawn) for event in events):
            events = [*events, Said("utter_resumed", context_of(session, moment))]
    return ask(session, stop, moment, events, again=again)


def _a_task_is_done(events: list[Event]) -> bool:
    return any(isinstance(event, RunFinished) and event.flow in TASKS for event in events)


def _of_waiting(session: Session, content: Content) -> dict[str, Any]:
    return {"waiting_task": dict(content.flows[session.runs[-1].flow].name)}


def _asked(session: Session, question: Question, moment: Moment) -> Session:
    if session.call is not None and session.asked != question.key:
        session = replace(session, call=replace(session.call, page=0))
    return replace(
        session,
        asked=question.key,
        asked_at=moment.now,
        asked_by=moment.message_id,
        lead=question.collect.lead,
    )


def ask(session: Session, question: Question, moment: Moment, events: list[Event], *, again: bool = False) -> Outcome:
    """Say the question: its stem where the one before had another, where we are, the question and its options. `again`:
    the member has just read it, and is only brought back to it."""
    collect, slots = question.collect, dict(question.slots)
    said: list[Event] = []
    if collect.progress and session.asked != question.key:
        said += _progress(question, slots)
    forgotten = moment.now - session.asked_at > STEM_FORGOTTEN_S
    if collect.lead and (collect.lead != session.lead or forgotten):
        said.append(Said(collect.lead, slots, asks=True))
    utter = collect.utter
    # A caller cannot look up what "your last checkup" was asked as, nor its options.
    known = session.call is None or collect.kind not in ("bool", "choice", "choices")
    if again and known and collect.label and not collect.verbatim:
        utter, slots = "utter_back_to", {**slots, "question_label": label_of(question)}
    said.append(Said(utter, slots, question.choices, asks=True))
    return _asked(session, question, moment), [*events, *said]


def label_of(question: Question) -> dict[str, str]:
    """What a question is called, per language: "Leo's last checkup"."""
    return {language: fill(label, question.slots, language) for language, label in question.collect.label.items()}


def counted(question: Question) -> tuple[int, int]:
    """Which question of the form this is, and of how many, as far as the answers so far tell."""
    enabled = enabled_questions(question.flow, question.slots)
    return enabled.index(question.collect.slot) + 1, len(enabled)


def _progress(question: Question, slots: dict[str, Any]) -> list[Event]:
    number, total = counted(question)
    slots |= {"question_number": str(number), "question_total": str(total)}
    return [Said("utter_progress", slots, asks=True)] if number % PROGRESS_EVERY == 0 else []


def begin(turn: Turn, flow: str) -> Outcome:
    """Start a flow. A task under way is set aside; a menu or an offer is just left."""
    said = [Said("utter_welcome", slots_of(turn))] if turn.session.version == 0 and flow != WELCOME else []
    tasks = tuple(run for run in turn.session.runs if is_task(turn.content, run.flow))
    if tasks and tasks[-1] is turn.session.runs[-1] and tasks[-1].flow != flow:
        said.append(Said("utter_set_aside", slots_of(turn)))
    awake = replace(turn.session, runs=tasks, paused=False, resting=False)
    session, events = start(awake, flow, turn.message.id)
    after, more = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [*events, *said, *more]


def is_task(content: Content, flow: str) -> bool:
    """A flow that a member can ask for by name, and so may want to come back to."""
    return flow in content.flows and flow not in (WELCOME, MENU) and bool(content.flows[flow].triggers)


def lay_over(
    session: Session, flow: str, slots: Mapping[str, Any], content: Content, moment: Moment, seed: str
) -> Outcome:
    """Start a flow of repair over what is under way, which goes on when it ends. It begins with these slots."""
    session, events = start(replace(session, paused=False, resting=False), flow, seed)
    given = Mark(f"{content.flows[flow].steps[0].id}~", "carried", dict(slots))
    run = session.runs[-1]
    session = marked(session, run.id, given)
    after, more = go_on(session, content, moment, f"{seed}.{flow}")
    return after, [*events, Marked(run.id, flow, given.question, given.status, given.slots), *more]


def again(turn: Turn, first: str = "", *, shorter: bool = False) -> Outcome:
    """Say something, then ask the open question again; with none open, just say it. `shorter`: the member asked about
    something else and need only be brought back."""
    said: list[Event] = [Said(first, slots_of(turn))] if first else []
    session = replace(turn.session, paused=False, resting=False)
    if not session.runs:
        return (session, said) if said and session.version else _first_of_all(turn, said)
    after, events = go_on(session, turn.content, turn.moment, turn.message.id, again=shorter)
    return after, [*said, *events]


def _first_of_all(turn: Turn, said: list[Event]) -> Outcome:
    """The menu; to one who has never texted before, with the welcome in front of what they asked."""
    after, events = begin(turn, MENU)
    welcome = [event for event in events if isinstance(event, Said) and event.response == "utter_welcome"]
    return after, [*welcome, *said, *(event for event in events if event not in welcome)]


def mark_and_go_on(turn: Turn, question: Question, status: str, slots: dict[str, Any]) -> Outcome:
    """Record what was answered and go on from there."""
    mark = Marked(question.run, question.flow.id, question.path, status, slots, question.member)
    session = marked(turn.session, question.run, Mark(question.path, status, slots))
    session = replace(session, misses=0, repeats=0, paused=False, resting=False)
    after, events = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [mark, *events]
