"""What comes in: the inputs of a turn."""

from __future__ import annotations

from typing import Any

import msgspec


class MessageReceived(msgspec.Struct, frozen=True, tag="message"):
    """A member's text. `at` is when it arrived (UTC seconds); the numbers are as Twilio gave them."""

    id: str  # MessageSid
    at: float
    sender: str
    recipient: str
    text: str
    media: int = 0  # photos and the like that came with it
    ahead: float = 0.0  # seconds that the sender's clock is ahead of ours: the simulator's "next day"; `at` includes it
    opt_out_type: str = ""  # Twilio's OptOutType: STOP, START, HELP; already answered by Twilio


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


Input = MessageReceived | ActionReturned | AnswersLoaded
