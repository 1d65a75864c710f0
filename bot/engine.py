"""Decides: (session, input) -> (session, events). Pure; the clock is in the input.

`RULES` is the order in which a message is read: the first rule that applies wins. The reserved words (BACK, SKIP...)
are in bot/reserved.py, repair that asks back in bot/repair.py, the moves that all of them share in bot/moves.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed
from datetime import date
from typing import Any

from msgspec.structs import replace

from bot import keypad
from bot.call import HEARD_RIGHT, READ_BACK, RULES_OF_A_CALL, heard_right
from bot.events import (
    ActionRequested,
    AnswersRequested,
    Event,
    HandoffRequested,
    OptedIn,
    OptedOut,
    ReminderCancelled,
    RunStarted,
    Said,
    Withdrawn,
)
from bot.flow import Collect, Content, Flow
from bot.inputs import ActionReturned, AnswersLoaded
from bot.moves import (
    MENU,
    WELCOME,
    Moment,
    Outcome,
    Turn,
    again,
    begin,
    context_of,
    go_on,
    mark_and_go_on,
    slots_of,
)
from bot.ownership import is_agent
from bot.repair import (
    CLARIFIED,
    CLARIFY,
    LATER,
    REMIND_WHEN,
    answered,
    clarified,
    too_much_at_once,
    what_first,
    which_intent,
    without,
)
from bot.reserved import COMMANDS, forget_speaker
from bot.session import Mark, OnCall, Run, Session
from bot.walk import Question, position, run_id
from nlu.intents import COMMAND_OF, OUT_OF_SCOPE, URGENCY_OF
from nlu.understanding import Ambiguous, Expecting, NotAnAnswer, Option, Value

__all__ = [
    "Moment",
    "Outcome",
    "Turn",
    "answered",
    "context_of",
    "forget_speaker",
]

MISSES_BEFORE_A_PERSON = 3
A_FEW_WORDS = 2
LEAVES_READ_BACK = ("back", "menu", "restart", "cancel", "change", "later", "person", "callback", "no_callback")
# What silences us is done where it was heard for sure. Where it may only be meant, the member is told what to send.
TOLD_HOW = {"opt_out": "utter_opt_out", "wrong_number": "utter_wrong_number_check"}


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


def expecting(
    question: Question | None, content: Content, moment: Moment, call: OnCall | None = None
) -> Expecting | None:
    """What nlu needs to know of the open question; on a call its options are numbered as they were read out."""
    if question is None:
        return None
    choices = question.choices if call is None else keypad.listed(question, call)
    options = tuple(Option(c.value, c.key, (*c.titles.values(), *c.synonyms), c.exclusive) for c in choices)
    plan = content.plans.get(str(question.slots.get("plan")))
    return Expecting(
        question.collect.kind, date.fromisoformat(moment.today), options, plan.member_id_pattern if plan else ""
    )


def advance(turn: Turn) -> Outcome:
    """Take one message. The events may end in ActionRequested or AnswersRequested: come back with `resume`."""
    session, events = turn.session, []
    if session.reminder:
        turn = changed(turn, session=replace(session, reminder=False))
        events = [ReminderCancelled()]
    rules = RULES if turn.session.call is None else RULES_ON_A_CALL
    after, more = _first(rules, _aside(turn)) or (turn.session, [])
    return after, [*events, *more]


def advance_rest(turn: Turn) -> Outcome | None:
    """Take what is left of a message whose beginning has been answered; None where it says nothing to act on."""
    return _first(RULES_FOR_THE_REST, turn)


def _first(rules: tuple[Rule, ...], turn: Turn) -> Outcome | None:
    return next((outcome for rule in rules if (outcome := rule(turn)) is not None), None)


def _aside(turn: Turn) -> Turn:
    """What we asked aside is answered here, or dropped: which intent was meant, and when to remind."""
    slot = turn.question.collect.slot if turn.question is not None else ""
    if slot == HEARD_RIGHT:
        return _read_back(turn)
    told = isinstance(turn.meaning.answer, Value | Ambiguous)
    if slot == REMIND_WHEN and not told:  # they are back: no reminder is needed
        return _put_aside(turn, replace(without(turn.session, LATER), resting=True))
    if slot != CLARIFIED:
        return turn
    meant = clarified(turn)
    if meant is None and not turn.meaning.intent:
        return turn
    command = COMMAND_OF.get(meant or "")
    meaning = turn.meaning
    if meant is not None:
        meaning = changed(meaning, intent=None if command else meant, command=command)
    return _put_aside(changed(turn, meaning=meaning), without(turn.session, CLARIFY))


def _read_back(turn: Turn) -> Turn:
    """What was read back and is right is the answer; if not, it is asked again."""
    right, heard = heard_right(turn), str(turn.question.slots["heard_value"]) if turn.question is not None else ""
    if right is None and turn.meaning.command not in LEAVES_READ_BACK:
        return turn
    turn = _put_aside(turn, without(turn.session, READ_BACK))
    if right is None:
        return turn
    meaning = changed(turn.meaning, answer=NotAnAnswer(), command="repeat", intent=None)
    if right:
        meaning = changed(meaning, answer=Value(heard), command=None)
    session = replace(turn.session, asked=turn.question.key) if turn.question is not None else turn.session
    return changed(turn, session=session, meaning=meaning, confirmed=True)


def _put_aside(turn: Turn, session: Session) -> Turn:
    """The turn as one at the question under what was asked aside, which this message does not answer."""
    under = stands_at(session, turn.content, turn.moment)
    meaning = changed(turn.meaning, answer=NotAnAnswer())
    return changed(turn, session=session, question=under if isinstance(under, Question) else None, meaning=meaning)


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
        events.append(Said(f"utter_crisis_{urgent}", slots_of(turn)))
    session = replace(turn.session, paused=bool(turn.session.asked))
    if _revokes(turn) and not session.opted_out:
        return replace(session, opted_out=session.call is None), [OptedOut(), *events]
    return session, events


def opt_out(turn: Turn) -> Outcome | None:
    if not _revokes(turn):
        return None
    if turn.session.opted_out:
        return turn.session, []
    if turn.session.call is not None:  # the call goes on
        after, more = again(turn, "utter_opted_out")
        after = replace(after, call=replace(after.call or OnCall(), no_texts=True))
        return after, [OptedOut(), *more]
    said: list[Event] = [] if turn.moment.reply_is_twilios else [Said("utter_opted_out", slots_of(turn))]
    return replace(turn.session, opted_out=True), [OptedOut(), *said]


def _revokes(turn: Turn) -> bool:
    return turn.meaning.opt == "out" or turn.message.opt_out_type == "STOP"


def opt_in(turn: Turn) -> Outcome | None:
    """START and its like; YES too, but only while opted out."""
    asked = turn.meaning.opt == "in" or turn.message.opt_out_type == "START"
    if asked and turn.session.call is not None:  # the number that a caller shows may be anybody's
        return again(turn, "utter_opt_in_by_text" if turn.session.call.no_texts else "")
    if not turn.session.opted_out:
        return again(turn) if asked else None
    yes = turn.meaning.intent == "affirm" or turn.meaning.answer == Value(True)
    if not (asked or yes):
        return turn.session, []
    session = replace(turn.session, opted_out=False)
    said: list[Event] = [] if turn.moment.reply_is_twilios else [Said("utter_opted_in", slots_of(turn))]
    after, events = go_on(session, turn.content, turn.moment, turn.message.id) if session.runs else (session, [])
    return after, [OptedIn(), *said, *events]


def help_(turn: Turn) -> Outcome | None:
    if not (turn.meaning.opt == "help" or turn.message.opt_out_type == "HELP"):
        return None
    return turn.session, [] if turn.moment.reply_is_twilios else [Said("utter_help", slots_of(turn))]


def agent_owns(turn: Turn) -> Outcome | None:
    """While an agent holds the conversation the bot is silent."""
    return (turn.session, []) if is_agent(turn.session.owner) else None


def reserved_word(turn: Turn) -> Outcome | None:
    """BACK, SKIP, MENU, REPEAT, a person...: what may be said at any question."""
    command = turn.meaning.command
    return COMMANDS[command](turn) if command is not None and command in COMMANDS else None


def paused(turn: Turn) -> Outcome | None:
    """After a crisis text, or "later", nothing is taken as an answer until the question has been asked once more."""
    if turn.session.resting:
        return _come_back(turn)
    if not turn.session.paused:
        return None
    if isinstance(turn.meaning.answer, Value):
        return again(turn)
    return turn.session, [Said("utter_paused", slots_of(turn))]


def _come_back(turn: Turn) -> Outcome | None:
    """Whoever comes back is asked again; what they ask themselves is answered first."""
    asks = turn.meaning.intent is not None and not isinstance(turn.meaning.answer, Value)
    return None if asks and turn.meaning.intent != "greet" else again(turn, "utter_resumed")


def answer(turn: Turn) -> Outcome | None:
    """The answer to the open question, unless it came before the question went out."""
    question, given = turn.question, turn.meaning.answer
    if question is None or isinstance(given, NotAnAnswer) or turn.meaning.question:
        return None
    if not turn.answerable:
        return again(turn, "utter_answer_taken_late")
    if isinstance(given, Ambiguous):
        return _which(turn, question, given)
    return _take_answer(turn, question, given)


def perhaps_danger(turn: Turn) -> Outcome | None:
    """Something sounds like danger, not surely: whom to call in case, and the question again. Staff can see it; nobody
    is alerted, since it is wrong too often for that."""
    kind = turn.meaning.perhaps or URGENCY_OF.get(turn.meaning.intent or "")
    if kind is None or _is_short(turn):
        return None
    session, events = again(turn, "utter_perhaps_danger")
    return session, [HandoffRequested(f"perhaps_{kind}"), *events]


def quick_start_topic(turn: Turn) -> Outcome | None:
    """A question about the plan: answered, then back to the open question."""
    intent = turn.meaning.intent
    response = TOLD_HOW.get(intent or "", f"utter_{intent}")
    known = intent is not None and intent != OUT_OF_SCOPE and response in turn.content.responses
    return again(turn, response, shorter=True) if known else None


def start_flow(turn: Turn) -> Outcome | None:
    """Another task: what is under way is set aside, and taken up again after."""
    intent = turn.meaning.intent
    flow = next((f for f in turn.content.flows.values() if intent in f.triggers), None) if intent else None
    if flow is None or (flow.guard is not None and not flow.guard(slots_of(turn))):
        return None
    under_way = turn.session.runs[-1].flow if turn.session.runs else ""
    if under_way and flow.id in (under_way, WELCOME):  # "hi" in the middle of something
        return again(turn)
    if too_much_at_once(turn, flow.id):
        return what_first(turn, flow.id)
    return begin(turn, MENU if flow.id == WELCOME and turn.session.version else flow.id)


def clarify(turn: Turn) -> Outcome | None:
    """Two or three things are as likely: ask, do not guess."""
    return which_intent(turn) if turn.meaning.between else None


def nothing_open(turn: Turn) -> Outcome | None:
    """No question is open: show what can be done."""
    if turn.question is not None:
        return None
    if turn.session.runs:  # the flow waits for something that has changed meanwhile: go on from there
        return go_on(replace(turn.session, paused=False, resting=False), turn.content, turn.moment, turn.message.id)
    return begin(turn, MENU if turn.session.version else WELCOME)


def cannot_handle(turn: Turn) -> Outcome | None:
    """Say what can be answered here; then in other words; then offer a person."""
    misses = min(turn.session.misses + 1, MISSES_BEFORE_A_PERSON)
    if turn.message.media and not turn.message.text.strip():
        return again(turn, "utter_media_only")
    session = replace(turn.session, misses=misses)
    not_ours = turn.meaning.intent == OUT_OF_SCOPE and misses == 1 and not _tries_to_answer(turn)
    after, events = again(
        changed(turn, session=session), "utter_out_of_scope" if not_ours else f"utter_not_understood_{misses}"
    )
    if misses == MISSES_BEFORE_A_PERSON and turn.session.call is None:  # a caller is only offered one
        events = [HandoffRequested("misses"), *events]
    return after, events


def _tries_to_answer(turn: Turn) -> bool:
    """A word or two, or anything where we asked for a number, a date and the like."""
    asks = turn.question.collect if turn.question is not None else None
    return _is_short(turn) or (asks is not None and asks.kind not in ("bool", "choice"))


def _is_short(turn: Turn) -> bool:
    return len(turn.message.text.split()) <= A_FEW_WORDS


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
    perhaps_danger,
    quick_start_topic,
    start_flow,
    clarify,
    nothing_open,
    cannot_handle,
)
RULES_ON_A_CALL: tuple[Rule, ...] = (crisis, *RULES_OF_A_CALL, *RULES[1:])
RULES_FOR_THE_REST: tuple[Rule, ...] = (reserved_word, answer, perhaps_danger, quick_start_topic, start_flow)


# --- answering -------------------------------------------------------------------------------------------------------


def _take_answer(turn: Turn, question: Question, given: Value) -> Outcome:
    value = list(given.value) if isinstance(given.value, tuple) else given.value
    slots = {question.collect.slot: value}
    refused = next((r for r in question.collect.rejections if r.when({**question.slots, **slots})), None)
    if refused is not None:
        return again(turn, refused.utter)
    return mark_and_go_on(turn, question, "value", slots)


def _which(turn: Turn, question: Question, given: Ambiguous) -> Outcome:
    language = turn.session.language or "en"
    titles = [c.titles.get(language, c.value) for c in question.choices if c.value in given.between]
    slots = {**slots_of(turn), "choices": ", ".join(titles)}
    session, events = again(turn)
    return session, [Said("utter_which_one", slots), *events]


def _say(session: Session, response: str, content: Content, moment: Moment) -> Outcome:
    return session, [Said(response, context_of(session, moment))]


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


def answers_in(run: Run, flow: Flow) -> dict[str, Any]:
    """What a run has recorded: slot -> value, or "declined"."""
    slots = {step.id: step.slot for step in flow.steps if isinstance(step, Collect)}
    return {
        slots[m.question]: ("declined" if m.status == "declined" else m.slots.get(slots[m.question]))
        for m in run.marks
        if m.question in slots
    }
