"""Conversation repair that asks back: which answer to change, when to remind, which was meant, what to do first.

Each is a flow in flows/repair.yml laid over what is under way; here is when, and with what. Pure."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bot.events import Marked, Said
from bot.flow import Collect, Content
from bot.moves import Moment, Outcome, Turn, begin, context_of, go_on, is_task, label_of, lay_over, slots_of
from bot.session import Mark, Session, member_of
from bot.walk import Question, choices, marked, walk, withdraw
from nlu.intents import OUT_OF_SCOPE
from nlu.understanding import Ambiguous, Value

CHANGE, LATER, CLARIFY, FIRST = "change_answer", "remind_later", "clarify", "what_first"
CALL_BACK = "call_back"  # flows/call_back.yml
CLARIFIED, REMIND_WHEN = "clarified", "remind_when"  # the slots that CLARIFY and LATER collect
MOST_TO_CHANGE = 8  # answers offered by name; older ones by their number, or BACK
MOST_SET_ASIDE = 2  # tasks; then we ask what to do first


# --- changing an answer ----------------------------------------------------------------------------------------------


def answered(session: Session, content: Content, moment: Moment) -> tuple[Question, ...]:
    """The questions with a name that were answered on the way here, the latest last; none from before a record."""
    if not session.runs:
        return ()
    state = walk(content, session, context_of(session, moment), "")
    if state.events:
        return ()
    last_wall = max((place for place, step in enumerate(state.passed) if step.is_wall), default=-1)
    flows = {run.id: content.flows[run.flow] for run in (*session.runs, *session.member_runs.values())}
    return tuple(
        Question(
            step.run,
            step.path,
            step.step,
            dict(state.slots),
            choices(step.step, state),
            flows[step.run],
            member_of(session, step.run),
        )
        for step in state.passed[last_wall + 1 :]
        if isinstance(step.step, Collect) and step.step.label and step.marked
    )


def change(turn: Turn) -> Outcome:
    """Change the answer that the message gives, or the one it counts out; otherwise ask which."""
    counted = _counted(turn)
    if counted is not None:
        return _ask_anew(turn, counted)
    if turn.earlier and isinstance(turn.correction, Value):
        return _correct(turn, turn.earlier[-1], turn.correction)
    if turn.earlier and isinstance(turn.correction, Ambiguous):
        return _ask_anew(turn, turn.earlier[-1])
    if not turn.earlier:  # nothing under way can be changed: a step that is done can be taken again
        return begin(turn, CHANGE)
    latest = turn.earlier[: -MOST_TO_CHANGE - 1 : -1]
    options = [{"value": q.key, "title": label_of(q)} for q in latest]
    return _lay_over(turn, CHANGE, {"change_options": options})


def _correct(turn: Turn, question: Question, given: Value) -> Outcome:
    """Withdraw the answer, take the new one, and go on: what hangs on it is asked again, the rest stands."""
    value = list(given.value) if isinstance(given.value, tuple) else given.value
    slots = {question.collect.slot: value}
    if any(rejection.when({**question.slots, **slots}) for rejection in question.collect.rejections):
        return _ask_anew(turn, question)
    session, events = _withdrawn(turn, question)
    mark = Marked(question.run, question.flow.id, question.path, "value", slots, question.member)
    session = marked(session, question.run, Mark(question.path, "value", slots))
    said = Said("utter_changed", {**slots_of(turn), "question_label": label_of(question)})
    after, more = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [*events, mark, said, *more]


def _ask_anew(turn: Turn, question: Question) -> Outcome:
    session, events = _withdrawn(turn, question)
    said = Said("utter_changing", {**slots_of(turn), "question_label": label_of(question)})
    after, more = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [*events, said, *more]


def _withdrawn(turn: Turn, question: Question) -> Outcome:
    state = walk(turn.content, turn.session, context_of(turn.session, turn.moment), "")
    withdraw(state, question.run, [question.path])
    return replace(state.session, misses=0, repeats=0, paused=False, resting=False), list(state.events)


def _counted(turn: Turn) -> Question | None:
    """ "the 3rd one was wrong": the third question of the form, or of what was answered here."""
    of_the_form = [question for question in turn.earlier if question.collect.progress]
    counted = of_the_form or list(turn.earlier)
    return counted[turn.meaning.nth - 1] if 0 < turn.meaning.nth <= len(counted) else None


# --- later, and which ------------------------------------------------------------------------------------------------


def later(turn: Turn) -> Outcome:
    """Keep everything; agree when to remind."""
    return _lay_over(turn, LATER, {})


def call_back(turn: Turn) -> Outcome:
    """Offer times for a person to call."""
    return _lay_over(turn, CALL_BACK, {})


def which_intent(turn: Turn) -> Outcome | None:
    """Two or three things may be meant: ask which; None where the content has no name for at least two of them."""
    asks = turn.content.flows[CLARIFY].steps[0] if CLARIFY in turn.content.flows else None
    named = {choice.value for choice in asks.options} if isinstance(asks, Collect) else set()
    between = [intent for intent in turn.meaning.between if intent in named]
    return _lay_over(turn, CLARIFY, {"clarify_between": [*between, OUT_OF_SCOPE]}) if len(between) > 1 else None


def clarified(turn: Turn) -> str | None:
    """What the member said they meant, where that was the open question."""
    question, given = turn.question, turn.meaning.answer
    asked = question is not None and question.collect.slot == CLARIFIED
    return str(given.value) if asked and isinstance(given, Value) else None


def without(session: Session, aside: str) -> Session:
    """The session as it was before it asked this aside."""
    return replace(session, runs=tuple(run for run in session.runs if run.flow != aside), asked="")


# --- what to do first ------------------------------------------------------------------------------------------------


def too_much_at_once(turn: Turn, flow: str) -> bool:
    """Another task on top of those set aside would be lost sight of."""
    tasks = {run.flow for run in turn.session.runs if is_task(turn.content, run.flow)}
    return len(tasks) > MOST_SET_ASIDE and flow not in tasks


def what_first(turn: Turn, flow: str) -> Outcome:
    """Say what is waiting, and ask what to do first."""
    flows = [flow, *(run.flow for run in reversed(turn.session.runs) if is_task(turn.content, run.flow))]
    options = [{"value": one, "title": dict(turn.content.flows[one].name)} for one in flows]
    return _lay_over(turn, FIRST, {"first_options": options})


def _lay_over(turn: Turn, flow: str, slots: dict[str, Any]) -> Outcome:
    session = replace(turn.session, runs=tuple(run for run in turn.session.runs if run.flow != flow))
    return lay_over(session, flow, slots, turn.content, turn.moment, turn.message.id)
