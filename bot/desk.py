"""Decides what comes of what staff do with a conversation: (session, act) -> (session, events), or why not. Pure.

`ACTS` names the function of each act. What is said to the member is content; what an agent writes is `AgentSaid`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec.structs import replace

from bot import ownership
from bot.events import AgentSaid, Event, HandoffMoved, NobodyFree, Said
from bot.flow import Collect, Content, Plan
from bot.inputs import (
    Act,
    Claim,
    CloseCase,
    FillAnswer,
    GiveBack,
    LetGo,
    StartTask,
    TellNobodyFree,
    Transfer,
    Write,
)
from bot.moves import MENU, Moment, Outcome, context_of, go_on, is_task, lay_over, mark_and_go_on
from bot.moves import Turn as MemberTurn
from bot.ownership import BOT, NOBODY, QUEUE
from bot.repair import CALL_BACK
from bot.session import Session
from bot.walk import Question, start
from nlu.understanding import Answer, NotAnAnswer, Value

IDENTITY = "verify_member"  # the flow whose questions only the member answers

WhyNot = Literal[
    "held",  # another agent has it
    "not_yours",  # the agent who acts does not have it (any more)
    "a_call",  # nobody can be texted there
    "opted_out",
    "moved_on",  # another question is open than the one that was answered
    "not_understood",  # no answer to the open question
    "not_allowed",  # an answer that is not accepted there, or that only the member may give
    "no_such_task",
]


@dataclass(frozen=True, slots=True)
class Refused:
    """The act came too late, or cannot be done here. `owner` has the conversation now."""

    why: WhyNot
    owner: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """One act being decided on."""

    session: Session
    act: Act
    member: MemberTurn  # as if the member had written: the open question, the moment, the content
    plan: Plan
    answer: Answer = field(default_factory=NotAnAnswer)  # what the text of FillAnswer says to the open question
    calls_back: str = ""  # agent:<id>, who has taken a call: the bot goes on in it, so that it keeps the conversation

    @property
    def content(self) -> Content:
        return self.member.content

    @property
    def moment(self) -> Moment:
        return self.member.moment

    @property
    def question(self) -> Question | None:
        return self.member.question

    @property
    def owner(self) -> str:
        """Who has the conversation, or on a call whoever sees to it."""
        return self.calls_back or self.session.owner

    @property
    def mine(self) -> bool:
        """Whoever acts has the conversation."""
        return self.owner == self.act.by

    @property
    def is_call(self) -> bool:
        return self.session.call is not None

    def refused(self, why: WhyNot) -> Refused:
        return Refused(why, self.owner)

    def said(self, response: str, **slots: Any) -> list[Event]:
        """What the member is told; nothing on a call, or after an opt-out."""
        if self.is_call or self.session.opted_out:
            return []
        return [Said(response, {**context_of(self.session, self.moment), **slots})]


def decide(sitting: Sitting) -> Outcome | Refused:
    """What the act comes to. The events may end in a request to look something up: go on with `bot.engine.resume`."""
    return ACTS[type(sitting.act)](sitting)


# --- who has it ------------------------------------------------------------------------------------------------------


def claim(sitting: Sitting) -> Outcome | Refused:
    """The bot falls silent, and the member learns who is there."""
    session, act = sitting.session, sitting.act
    assert isinstance(act, Claim)
    if sitting.mine:
        return session, []
    if ownership.is_agent(sitting.owner) and not act.over:
        return sitting.refused("held")
    why = "taken_over" if ownership.is_agent(sitting.owner) else "claimed"
    moved = HandoffMoved("claimed", act.by, why)
    if sitting.is_call:  # a call goes on by itself: who takes it calls back
        return session, [moved]
    after, events = ownership.change(session, act.by, act.by, why)
    if session.waiting_since:  # for the colleague: now for the one who has taken over, who has as long as anybody
        after = replace(after, waiting_since=sitting.moment.now)
    return after, [*events, moved, *sitting.said("utter_person_here", agent_name=act.name)]


def transfer(sitting: Sitting) -> Outcome | Refused:
    """To a colleague or back into the queue. The member is not told: whoever takes it says who they are."""
    act = sitting.act
    assert isinstance(act, Transfer)
    if not (sitting.mine or act.over):
        return sitting.refused("not_yours")
    if sitting.is_call:
        return sitting.session, _moved_to(act.to, act.by, "transferred")
    after, events = ownership.change(sitting.session, act.to, act.by, "transferred")
    if ownership.is_agent(act.to):  # the member's message still waits, for another
        after = replace(after, waiting_since=sitting.session.waiting_since)
    return after, [*events, *_moved_to(act.to, act.by, "transferred")]


def _moved_to(owner: str, by: str, why: str) -> list[Event]:
    return [HandoffMoved("claimed", owner, why) if ownership.is_agent(owner) else HandoffMoved("open", by, why)]


def let_go(sitting: Sitting) -> Outcome | Refused:
    """The agent does not answer: back into the queue, with the bot for company."""
    if not (sitting.session.waiting_since and ownership.is_agent(sitting.session.owner)):  # answered meanwhile
        return sitting.refused("moved_on")
    after, events = ownership.change(sitting.session, QUEUE, sitting.act.by, "unanswered")
    told = sitting.said("utter_agent_gone")
    return _at_rest(after), [*events, HandoffMoved("open", sitting.act.by, "unanswered"), *told]


def _at_rest(session: Session) -> Session:
    """What the member writes next is no answer to a question from before the person came."""
    return replace(session, resting=bool(session.asked))


def tell_nobody_free(sitting: Sitting) -> Outcome | Refused:
    """Nobody came in time: say so, and offer a call."""
    session = sitting.session
    if session.owner != QUEUE:
        return sitting.refused("moved_on")
    told = [NobodyFree(), *sitting.said("utter_nobody_free")]
    if session.opted_out or sitting.is_call or CALL_BACK not in sitting.content.flows:
        return session, told
    if any(run.flow == CALL_BACK for run in session.runs):  # times are on offer already
        return session, [NobodyFree()]
    after, events = lay_over(session, CALL_BACK, {}, sitting.content, sitting.moment, sitting.act.id)
    return after, [*told, *events]


# --- what is said ----------------------------------------------------------------------------------------------------


def write(sitting: Sitting) -> Outcome | Refused:
    act = sitting.act
    assert isinstance(act, Write)
    if not sitting.mine:
        return sitting.refused("not_yours")
    if sitting.is_call:
        return sitting.refused("a_call")
    if sitting.session.opted_out:
        return sitting.refused("opted_out")
    return replace(sitting.session, waiting_since=0.0), [AgentSaid(act.text)]


# --- back to the bot -------------------------------------------------------------------------------------------------


def give_back(sitting: Sitting) -> Outcome | Refused:
    """The bot goes on at the open question; with none, it shows what can be done."""
    if not sitting.mine:
        return sitting.refused("not_yours")
    if sitting.is_call:
        return sitting.refused("a_call")
    after, events = _to_the_bot(sitting, "returned")
    after, more = _go_on(sitting, after)
    return after, [*events, *sitting.said("utter_back_with_bot"), *more]


def _to_the_bot(sitting: Sitting, why: str) -> Outcome:
    session, events = ownership.change(sitting.session, BOT, sitting.act.by, why)
    awake = replace(session, paused=False, resting=False, misses=0, repeats=0)
    return awake, [*events, HandoffMoved("closed", sitting.act.by, why)]


def _go_on(sitting: Sitting, session: Session) -> Outcome:
    """At the open question, or at the menu where there is none."""
    events: list[Event] = []
    if not session.runs:
        session, events = start(session, MENU, sitting.act.id)
    after, more = go_on(session, sitting.content, sitting.moment, sitting.act.id)
    return after, [*events, *more]


def close(sitting: Sitting) -> Outcome | Refused:
    """Nobody has it until the member writes again; what was under way waits."""
    if not sitting.mine:
        return sitting.refused("not_yours")
    if sitting.is_call:
        return sitting.session, [HandoffMoved("closed", sitting.act.by, "closed")]
    after, events = ownership.change(sitting.session, NOBODY, sitting.act.by, "closed")
    told = sitting.said("utter_case_done")
    return _at_rest(after), [*events, HandoffMoved("closed", sitting.act.by, "closed"), *told]


def start_task(sitting: Sitting) -> Outcome | Refused:
    """The bot begins this task with the member, whoever had the conversation."""
    session, act = sitting.session, sitting.act
    assert isinstance(act, StartTask)
    if not is_task(sitting.content, act.flow):
        return sitting.refused("no_such_task")
    if sitting.is_call:
        return sitting.refused("a_call")
    if session.opted_out:
        return sitting.refused("opted_out")
    if ownership.is_agent(session.owner) and not sitting.mine:
        return sitting.refused("held")
    talking = sitting.mine
    session, events = _to_the_bot(sitting, "task_started")
    session = replace(session, language=session.language or act.language)
    tasks = tuple(run for run in session.runs if is_task(sitting.content, run.flow))
    session, started = start(replace(session, runs=tasks), act.flow, act.id)
    after, more = go_on(session, sitting.content, sitting.moment, act.id)
    told = sitting.said("utter_back_with_bot" if talking else "utter_invited", task=act.flow)
    return after, [*events, *started, *told, *more]


# --- on the member's behalf ------------------------------------------------------------------------------------------


def fill_answer(sitting: Sitting) -> Outcome | Refused:
    """The open question is answered as the member told the agent; the next one is open then, and nothing is sent."""
    act, question = sitting.act, sitting.question
    assert isinstance(act, FillAnswer)
    if not sitting.mine:
        return sitting.refused("not_yours")
    if sitting.is_call:
        return sitting.refused("a_call")
    if question is None or question.key != act.question:
        return sitting.refused("moved_on")
    if proves_identity(question, sitting.content):
        return sitting.refused("not_allowed")
    turn = sitting.member
    if not act.text:
        if not question.collect.skippable:
            return sitting.refused("not_allowed")
        return mark_and_go_on(turn, question, "declined", {})
    if not isinstance(sitting.answer, Value):
        return sitting.refused("not_understood")
    value = list(sitting.answer.value) if isinstance(sitting.answer.value, tuple) else sitting.answer.value
    slots = {question.collect.slot: value}
    if any(rejection.when({**question.slots, **slots}) for rejection in question.collect.rejections):
        return sitting.refused("not_allowed")
    return mark_and_go_on(turn, question, "value", slots)


def proves_identity(question: Question, content: Content) -> bool:
    """It shows who is texting: only they can answer it."""
    asked = {step.slot for step in content.flows[IDENTITY].steps if isinstance(step, Collect)}
    return question.collect.slot in asked


ACTS: Mapping[type[Act], Callable[[Sitting], Outcome | Refused]] = {
    Claim: claim,
    Write: write,
    Transfer: transfer,
    GiveBack: give_back,
    CloseCase: close,
    StartTask: start_task,
    FillAnswer: fill_answer,
    LetGo: let_go,
    TellNobodyFree: tell_nobody_free,
}
