"""The reserved words, said at any question: BACK, SKIP, LATER, a person... are decided here. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace as changed

from msgspec.structs import replace

from bot.call import leave_relay, spell
from bot.events import CallbackCancelled, Event, HandoffRequested, MovedToText, NumberFlagged, RunFinished, Said
from bot.flow import Collect
from bot.moves import MENU, Outcome, Turn, again, begin, context_of, go_on, is_task, mark_and_go_on, slots_of
from bot.repair import CALL_BACK, call_back, change, later, without
from bot.session import Session
from bot.walk import Walk, walk, withdraw
from nlu.understanding import Value

MOST_REPEATS = 3  # said again, said simpler, then a person is offered


def back(turn: Turn) -> Outcome:
    """One question back, as often as wanted; never behind what has been recorded."""
    state = walk(turn.content, turn.session, context_of(turn.session, turn.moment), "")
    if state.events or turn.question is None:
        return again(turn, "utter_back_at_start")
    for index in range(len(state.passed) - 1, -1, -1):
        step = state.passed[index]
        if isinstance(step.step, Collect) and step.marked:
            return _go_back(turn, state, index)
        if step.is_wall:
            break
    return again(turn, "utter_back_at_start")


def _go_back(turn: Turn, state: Walk, index: int) -> Outcome:
    by_run: dict[str, list[str]] = {}
    for step in state.passed[index:]:
        by_run.setdefault(step.run, []).append(step.path)
    for run, paths in by_run.items():
        withdraw(state, run, paths)
    withdrawn = list(state.events)
    session = replace(state.session, paused=False, resting=False, misses=0)
    after, events = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [*withdrawn, *events]


def skip(turn: Turn) -> Outcome:
    """A refusal is recorded as an answer, where the form lets it be."""
    question = turn.question
    if question is None or not turn.answerable:
        return again(turn)
    if not question.collect.skippable:
        return again(turn, "utter_cannot_skip")
    return mark_and_go_on(turn, question, "declined", {})


def menu(turn: Turn) -> Outcome:
    return begin(turn, MENU)


def repeat(turn: Turn) -> Outcome:
    """Say the open question again; asked once more, simpler; then offer a person, too."""
    repeats = min(turn.session.repeats + 1, MOST_REPEATS)
    after, events = again(turn, f"utter_repeat_{repeats}" if repeats > 1 and turn.question else "")
    return replace(after, repeats=repeats), events


def resume(turn: Turn) -> Outcome:
    """Go on, after a pause or a crisis text."""
    return again(turn)


def person(turn: Turn) -> Outcome:
    """Asked for a person. By text, while nobody is there, times for a call are offered too."""
    asked = _to_a_person(turn, "asked")
    return asked if turn.moment.open_hours else _with_call_back(turn, asked)


def callback(turn: Turn) -> Outcome:
    """Asked to be called."""
    return _with_call_back(turn, _to_a_person(turn, "callback"))


def _to_a_person(turn: Turn, reason: str) -> Outcome:
    return turn.session, [HandoffRequested(reason), Said("utter_handoff", slots_of(turn))]


def _with_call_back(turn: Turn, asked: Outcome) -> Outcome:
    """On a call a person is called at once, or the same offered by bot.call."""
    if turn.session.call is not None or CALL_BACK not in turn.content.flows:
        return asked
    session, events = asked
    after, more = call_back(changed(turn, session=session))
    return after, [*events, *more]


def no_callback(turn: Turn) -> Outcome:
    """Not to be called after all."""
    session = without(turn.session, CALL_BACK)
    after, events = again(changed(turn, session=session), "utter_callback_cancelled")
    return after, [CallbackCancelled(), *events]


def to_text(turn: Turn) -> Outcome | None:
    """From a call to texts. To "how should we send news" it is the answer: "text me"."""
    call = turn.session.call
    if turn.meaning.answer == Value("text"):
        return None
    if call is None:
        return again(turn)
    if not call.number_known:
        return again(turn, "utter_no_text_number")
    if call.no_texts:
        return again(turn, "utter_no_text_opted_out")
    session, events = again(turn, "utter_moved_to_text")
    return session, [MovedToText("utter_text_from_call"), *events]


def why(turn: Turn) -> Outcome:
    if turn.question is None:
        return again(turn)
    return again(turn, turn.question.collect.why or "utter_why_default", shorter=True)


def not_understood(turn: Turn) -> Outcome:
    """The member does not understand the question: say what can be answered, in other words."""
    return again(turn, "utter_explain") if turn.question is not None else again(turn)


def set_down(turn: Turn) -> Outcome:
    """Drop the task under way. What was answered stays recorded; what was set aside is taken up again."""
    tasks = [run for run in turn.session.runs if is_task(turn.content, run.flow)]
    if not tasks:
        return begin(turn, MENU)
    dropped = tasks.pop()
    events: list[Event] = [RunFinished(dropped.id, dropped.flow), Said("utter_set_down", slots_of(turn))]
    session = replace(turn.session, runs=tuple(tasks), asked="", misses=0, paused=False, resting=False)
    if not tasks:
        return session, events
    after, more = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [*events, *more]


def english(turn: Turn) -> Outcome:
    return _speak(turn, "en")


def spanish(turn: Turn) -> Outcome:
    return _speak(turn, "es")


def _speak(turn: Turn, language: str) -> Outcome:
    return again(changed(turn, session=replace(turn.session, language=language)), "utter_language_changed")


def wrong_number(turn: Turn) -> Outcome:
    """Nothing is said of the member; this phone is no longer known, and gets no more texts unless it asks for them. A
    caller has only dialled a wrong number."""
    if turn.session.call is not None:
        return begin(changed(turn, session=replace(forget_speaker(turn.session), runs=(), asked="")), MENU)
    forgotten = replace(forget_speaker(turn.session), runs=(), asked="", opted_out=True)
    return forgotten, [NumberFlagged(), Said("utter_wrong_number", context_of(forgotten, turn.moment))]


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


COMMANDS: Mapping[str, Callable[[Turn], Outcome | None]] = {
    "back": back,
    "change": change,
    "skip": skip,
    "menu": menu,
    "restart": menu,
    "repeat": repeat,
    "resume": resume,
    "cancel": set_down,
    "person": person,
    "callback": callback,
    "no_callback": no_callback,
    "to_text": to_text,
    "why": why,
    "not_understood": not_understood,
    "later": later,
    "english": english,
    "spanish": spanish,
    "wrong_number": wrong_number,
    "spell": spell,
    "no_relay": leave_relay,
}
