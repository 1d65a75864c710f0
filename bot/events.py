"""What a turn brought about: past facts, the engine's only output. Their effects: bot.turn, bot.records.turn."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from bot.flow import Choice


class Event(msgspec.Struct, frozen=True):
    """Any of the facts below."""


class Said(Event, frozen=True):
    """A response to be rendered for the member, with the slots as they were, and options where it asks for a choice."""

    response: str
    slots: dict[str, Any]
    choices: tuple[Choice, ...] = ()
    asks: bool = False  # part of asking the open question: left out where the same message answers it


class Marked(Event, frozen=True):
    """A step was taken in a run (see session.Mark). `member` is set where the answer belongs to the person."""

    run: str
    flow: str
    question: str
    status: str
    slots: dict[str, Any]
    member: str = ""


class Withdrawn(Event, frozen=True):
    """Marks of a run no longer count: BACK, a jump backward, CHANGE."""

    run: str
    flow: str
    questions: tuple[str, ...]
    member: str = ""


class RunStarted(Event, frozen=True):
    run: str
    flow: str
    member: str = ""


class RunFinished(Event, frozen=True):
    run: str
    flow: str
    member: str = ""


class ActionRequested(Event, frozen=True):
    """An action must look something up before the flow can go on."""

    action: str
    slots: dict[str, Any]


class AnswersRequested(Event, frozen=True):
    """The member's own answers in this flow are needed before it can go on."""

    flow: str
    member: str


class VerificationPassed(Event, frozen=True):
    member: str
    guardian: str
    suspect: str  # what failures count against beside the phone: "id:<keyed hash of the ID typed>"
    failures: int  # how many had been counted when it was judged


class VerificationFailed(Event, frozen=True):
    suspect: str
    failures: int


class PersonChosen(Event, frozen=True):
    member: str


class RelayUsed(Event, frozen=True):
    """The verified speaker is on a relay call: their next call is one from the start."""


class RelayLeft(Event, frozen=True):
    """No operator stands between after all: nothing of it is remembered."""


class PlaceTaken(Event, frozen=True):
    """A task goes on where the same speaker left it in another conversation, as read there."""

    member: str
    flow: str
    conversation: str  # that had written it last
    at: float  # when


class PreferenceChosen(Event, frozen=True):
    member: str
    channel: str  # mail | email | text
    contact: str


class ConsentGiven(Event, frozen=True):
    member: str
    kind: str
    wording: str  # response name
    phone: str = ""  # E.164, where it is another than that of the conversation


class PmpChosen(Event, frozen=True):
    member: str
    provider: str
    provider_name: str
    kept: bool


class ScreeningSubmitted(Event, frozen=True):
    member: str
    flow: str
    run: str


class HandoffRequested(Event, frozen=True):
    reason: str
    urgent: bool = False


class OwnerChanged(Event, frozen=True):
    """Another may speak now (bot.ownership)."""

    before: str
    after: str
    by: str  # bot, worker, agent:<id>
    why: str  # asked, misses, claimed, returned...


class HandoffMoved(Event, frozen=True):
    """What waits for a person in this conversation was taken, put back, or is done."""

    state: Literal["open", "claimed", "closed"]
    by: str
    why: str


class AgentSaid(Event, frozen=True):
    """A member of staff writes to the member."""

    text: str


class NobodyFree(Event, frozen=True):
    """The member was told that nobody could come in time."""


class Rested(Event, frozen=True):
    """The member will come back later: the open question waits, unasked."""


class ReminderAgreed(Event, frozen=True):
    """One text at this time (UTC seconds), moved out of the night of `zone` (an IANA name) if it comes to that."""

    at: float
    zone: str
    response: str


class CallbackAgreed(Event, frozen=True):
    """A person will call at this time (UTC seconds), said in `zone` (an IANA name)."""

    at: float
    zone: str
    phone: str = ""  # E.164; empty: the number they text or call from


class CallbackCancelled(Event, frozen=True):
    pass


class MovedToText(Event, frozen=True):
    """A caller wants to go on by text: one goes to the number they call from."""

    response: str


class ReminderCancelled(Event, frozen=True):
    """The member came back by themselves."""


class OptedOut(Event, frozen=True):
    pass


class OptedIn(Event, frozen=True):
    pass


class NumberFlagged(Event, frozen=True):
    """Whoever has this phone says they are not the member."""


class PutThrough(Event, frozen=True):
    """The call goes to Member Services."""


class HungUp(Event, frozen=True):
    """The call ends after what is said."""


class WentOn(Event, frozen=True):
    """What was too long for one document goes on."""


class KeptListening(Event, frozen=True):
    """Nothing is said: an answer has not come to its end, the caller asked us to wait, or a key meant nothing."""

    why: Literal["words", "wait", "listen"]
