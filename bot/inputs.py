"""What comes in: the inputs of a turn."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Heard = Literal["began", "speech", "keys", "silence", "dialled"]


class MessageReceived(msgspec.Struct, frozen=True, tag="message"):
    """A member's text, or what came of one document of a call: speech, keys, silence, how a dialled agent fared.
    `at` is when it arrived (UTC seconds); the numbers are as Twilio gave them."""

    id: str  # MessageSid; on a call the CallSid and the number of the document it asks for: "CA....3"
    at: float
    sender: str
    recipient: str
    text: str
    media: int = 0  # photos and the like that came with it
    ahead: float = 0.0  # seconds that the sender's clock is ahead of ours: the simulator's "next day"; `at` includes it
    opt_out_type: str = ""  # Twilio's OptOutType: STOP, START, HELP; already answered by Twilio
    call: str = ""  # CallSid; empty for a text
    document: int = 0  # of the call: the number of the document that answers this, 0 for the first
    heard: Heard | None = None  # on a call; `text` is the speech, the keys, or "answered" where an agent was reached

    @property
    def channel(self) -> str:
        """Rasa's name for where it came in."""
        return "twilio_voice" if self.call else "twilio"


class ActionReturned(msgspec.Struct, frozen=True, tag="action"):
    """What an action looked up: slot values for the step that asked."""

    action: str
    slots: dict[str, Any]
    failed: bool = False


class AnswersLoaded(msgspec.Struct, frozen=True, tag="answers"):
    """The member's own answers in a flow about them, from SQL: the open run and its live marks in order."""

    flow: str
    member: str
    run: str
    marks: tuple[tuple[str, str, dict[str, Any]], ...]  # (question, status, slots)
    version: int  # the member's version they were read at


class StaffAct(msgspec.Struct, frozen=True):
    """What a member of staff does with a conversation, or the worker on their behalf. `id` names this act: done twice
    under one id it is done once. `by` is agent:<id> or worker; `name` is what the member is told of who it is."""

    id: str
    at: float  # UTC seconds
    by: str
    conversation: str
    name: str = ""


class Claim(StaffAct, frozen=True, tag="claim"):
    """From now on `by` speaks; from another agent only with `over`."""

    over: bool = False


class Write(StaffAct, frozen=True, tag="write"):
    """A text to the member."""

    text: str = ""


class Transfer(StaffAct, frozen=True, tag="transfer"):
    """To another agent (agent:<id>), or back into the queue."""

    to: str = "queue"
    over: bool = False  # from whoever has it


class GiveBack(StaffAct, frozen=True, tag="give_back"):
    """The bot goes on at the open question."""


class CloseCase(StaffAct, frozen=True, tag="close"):
    """Nothing more is needed from a person."""


class StartTask(StaffAct, frozen=True, tag="start_task"):
    """The bot begins a task with the member, in `language` where none has been spoken yet."""

    flow: str = ""
    language: str = ""


class FillAnswer(StaffAct, frozen=True, tag="fill_answer"):
    """The member's answer to the open question, as told to `by`. An empty text declines to answer."""

    question: str = ""  # Question.key, as it was shown
    text: str = ""


class LetGo(StaffAct, frozen=True, tag="let_go"):
    """The agent who has it does not answer: it waits for another."""


class TellNobodyFree(StaffAct, frozen=True, tag="nobody_free"):
    """Nobody claimed it in time."""


def kind_of(act: Act) -> str:
    """What an act is called where it is recorded: claim, write, give_back..."""
    return str(type(act).__struct_config__.tag)


Act = Claim | Write | Transfer | GiveBack | CloseCase | StartTask | FillAnswer | LetGo | TellNobodyFree

Input = MessageReceived | ActionReturned | AnswersLoaded | Act
