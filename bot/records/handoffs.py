"""What waits for a person in a conversation, who has taken it, and every change of who may speak."""

from __future__ import annotations

from sqlalchemy import Engine, and_, select, update

from bot.calendar import closes, open_until
from bot.events import HandoffMoved, HandoffRequested, NobodyFree, OwnerChanged
from bot.flow import Plan
from bot.ownership import ON_THE_SIDE, is_agent
from bot.records import alerts, outbox
from bot.records import tables as t
from bot.records.database import reading
from bot.records.queue import nobody_waits
from bot.records.stored import UNDER_WAY_S
from bot.records.taken import Writing, insert_of

_h = t.handoffs.c


def request(w: Writing, event: HandoffRequested) -> None:
    """A person is wanted. Wanted again, it is the same hand-off in the same place; what is urgent is always noted."""
    if event.urgent:
        alerts.post(w.conn, w.turn.after.conversation, event.reason, w.turn.alert_by, w.turn.now)
    if event.urgent or not _is_waiting(w, event.reason):
        w.conn.execute(insert_of(t.handoffs), _new(w, event))


def _is_waiting(w: Writing, reason: str) -> bool:
    here = and_(_h.conversation == w.turn.after.conversation, _h.state.in_(("open", "claimed")))
    same = and_(here, _h.reason == reason if reason.startswith(ON_THE_SIDE) else ~nobody_waits)
    return w.conn.execute(select(_h.id).where(same).limit(1)).first() is not None


def _new(w: Writing, event: HandoffRequested) -> dict[str, object]:
    turn, person = w.turn, w.turn.after.person
    waits = not event.reason.startswith(ON_THE_SIDE) and turn.after.call is None
    has_it = turn.after.owner if is_agent(turn.after.owner) else ""
    return {
        "conversation": turn.after.conversation,
        "member": person.id if person else None,
        "reason": event.reason,
        "urgent": event.urgent,
        "message_id": turn.message.id,
        "state": "claimed" if has_it else "open",
        "claimed_by": has_it or None,
        "claimed_at": turn.now if has_it else None,
        "at": turn.now,
        "plan": turn.plan.id,
        "language": w.language,
        "how": w.how,
        **(_promise(turn.plan, turn.now) if waits else {"due_at": None, "tell_at": None}),
    }


def _promise(plan: Plan, now: float) -> dict[str, object]:
    """When somebody should come; when the member is to be told that nobody could: then, or at closing time."""
    due = open_until(plan.hours, now, plan.claim_minutes * 60.0) if plan.claim_minutes else None
    closing = closes(plan.hours, now)
    return {"due_at": due, "tell_at": due if due is None or closing is None else min(due, closing)}


def move(w: Writing, event: HandoffMoved) -> None:
    """What is open or claimed here is claimed by somebody, open again, or done. One who takes a conversation that
    nobody asked for makes a hand-off of it; what staff should look at is looked at when they are done."""
    here = and_(_h.conversation == w.turn.after.conversation, _h.state.in_(("open", "claimed")))
    values: dict[str, object] = {"state": event.state}
    if event.state == "claimed":
        values |= {"claimed_by": event.by, "claimed_at": w.turn.now}
    elif event.state == "open":
        values |= {"claimed_by": None, "claimed_at": None, "told_at": None, **_promise(w.turn.plan, w.turn.now)}
    else:
        values |= {"closed_at": w.turn.now, "outcome": event.why}
    moved = here if event.state == "closed" else and_(here, ~nobody_waits)
    touched = w.conn.execute(update(t.handoffs).where(moved).values(values)).rowcount
    if not touched and event.state != "closed":
        row = _new(w, HandoffRequested("staff"))
        w.conn.execute(insert_of(t.handoffs), {**row, "due_at": None, "tell_at": None, **values})


def note_told(w: Writing, _event: NobodyFree) -> None:
    waiting = and_(_h.conversation == w.turn.after.conversation, _h.state == "open", _h.told_at.is_(None))
    w.conn.execute(update(t.handoffs).where(waiting).values(told_at=w.turn.now))


def note_owner(w: Writing, event: OwnerChanged) -> None:
    """Who may speak from this version of the conversation on. What the bot said and nobody has got stays unsaid."""
    row = {
        "conversation": w.turn.after.conversation,
        "version": w.turn.before.version + 1,
        "before": event.before,
        "after": event.after,
        "by": event.by,
        "why": event.why,
        "at": w.turn.now,
    }
    w.conn.execute(insert_of(t.ownership), row)
    if is_agent(event.after):
        outbox.withhold(w.conn, w.vault, w.turn.after.conversation, w.turn.now - UNDER_WAY_S, w.turn.now)


def was_done(engine: Engine, act: str) -> bool:
    """This act has been recorded before."""
    with reading(engine) as conn:
        return conn.execute(select(t.acts.c.id).where(t.acts.c.id == act)).first() is not None
