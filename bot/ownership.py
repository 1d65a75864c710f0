"""Who may speak in a conversation. Pure.

`bot`: CareStart. `queue`: a person is wanted; CareStart keeps company until one comes. `agent:<id>`: that member of
staff, and CareStart is silent. `nobody`: a person has finished; CareStart again from the member's next message on.

The owner stands in the conversation's row, which moves from one version to the next: of two who would change it at
once, and of an agent's claim and a reply of the bot's, one finds that it came too late (bot.records.turn)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.events import Event, HandoffMoved, HandoffRequested, OwnerChanged
from bot.flow import Plan
from bot.inputs import MessageReceived
from bot.session import Session

BOT, QUEUE, NOBODY = "bot", "queue", "nobody"
_AGENT = "agent:"

# For these nobody needs to take over: staff can see them, and the conversation goes on; a call-back has its own time.
ON_THE_SIDE = ("perhaps_", "trouble", "callback")


def agent(staff_id: str) -> str:
    """The owner that this member of staff is."""
    return f"{_AGENT}{staff_id}"


def is_agent(owner: str) -> bool:
    return owner.startswith(_AGENT)


def change(session: Session, owner: str, by: str, why: str) -> tuple[Session, list[Event]]:
    """The conversation has another owner; nobody is owed an answer by the one before."""
    if owner == session.owner:
        return session, []
    changed = replace(session, owner=owner, waiting_since=0.0)
    return changed, [OwnerChanged(session.owner, owner, by, why)]


def after_message(
    session: Session, events: list[Event], message: MessageReceived, plan: Plan
) -> tuple[Session, list[Event]]:
    """The owner after a member's message. A call is never queued: it is put through, or called back."""
    if session.call is not None:
        answered = message.heard == "dialled" and message.text == "answered"
        return session, [*events, HandoffMoved("closed", "bot", "answered")] if answered else events
    if is_agent(session.owner):  # after an opt-out nobody can answer
        since = 0.0 if session.opted_out else session.waiting_since or message.at
        return replace(session, waiting_since=since), events
    back: list[Event] = []
    if session.owner == NOBODY:
        session, back = change(session, BOT, "bot", "wrote")
    why = _wanted(events)
    if why and plan.claim_minutes:
        session, queued = change(session, QUEUE, "bot", why)
        back = [*back, *queued]
    return session, [*events, *back]


def _wanted(events: Sequence[Event]) -> str:
    """Why a person should take over; empty where none need."""
    reasons = (event.reason for event in events if isinstance(event, HandoffRequested))
    return next((reason for reason in reasons if not reason.startswith(ON_THE_SIDE)), "")
