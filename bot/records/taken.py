"""What one turn brought about, before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    Table,
    insert,
)

from bot.events import (
    Event,
)
from bot.flow import Content, Plan
from bot.inputs import Act, MessageReceived
from bot.session import Session, speaker_of
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """All that one turn brought about, ready to be written."""

    message: MessageReceived
    before: Session
    after: Session
    events: Sequence[Event]
    reply: str | None
    now: float
    content: Content
    plan: Plan
    wordings: Mapping[str, str]  # response -> text as shown, for consents
    today: date  # where the plan is
    pmp_effective: str  # the rule of bot.calendar.effective_date
    alert_by: tuple[str, ...]  # how staff are told of an urgent hand-off: webhook, email
    failures_since: float  # failed verifications before this no longer count
    act: Act | None = None  # of staff; None: the member's own message
    gloss: str | None = None  # the reply in English, where it is not


@dataclass(frozen=True, slots=True)
class Writing:
    """A turn while it is written."""

    conn: Connection
    vault: Vault
    turn: TurnTaken

    @property
    def origin(self) -> dict[str, Any]:
        """Who said it, in which message, when."""
        act = self.turn.act
        said_by = speaker_of(self.turn.after) if act is None else act.by
        return {"said_by": said_by, "message_id": self.turn.message.id, "at": self.turn.now}

    @property
    def how(self) -> str:
        """In which way the member spoke: sms, voice, relay; or agent: somebody of staff wrote it down."""
        return "agent" if self.turn.act is not None else how_spoken(self.turn.after)

    @property
    def language(self) -> str:
        return self.turn.after.language or "en"


def how_spoken(session: Session) -> str:
    """In which way a conversation is held: sms, voice, relay."""
    if session.call is None:
        return "sms"
    return "relay" if session.call.relay else "voice"


@cache
def insert_of(table: Table) -> Executable:
    return insert(table)
