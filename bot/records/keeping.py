"""How far a task has come, kept with whom it is about: the same speaker goes on with it in another conversation.

A screening needs none of this: its answers are the member's own (Session.member_runs). A flow that keeps its place has
a step `record_place`. What stands after it is kept; what stands before it (who speaks, of whom, what is on file) each
conversation finds out for itself."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, update

from bot.events import PlaceTaken, RunFinished
from bot.flow import Act, Flow
from bot.records import tables as t
from bot.records.once import insert_once
from bot.records.places import SEALED_AT, Kept
from bot.records.taken import TurnTaken, Writing
from bot.session import Mark, Session, speaker_of

RECORD_PLACE = "record_place"
OF_THIS_PHONE = frozenset({"text_here", "text_phone"})  # slots about the phone in hand: asked again on another
_NOTHING = Kept((), {})


def take_places(conn: Connection, turn: TurnTaken) -> bool:
    """Each place that this turn goes on from is still as it was read, and now this conversation's."""
    return all(_take(conn, turn, event) for event in turn.events if isinstance(event, PlaceTaken))


def _take(conn: Connection, turn: TurnTaken, event: PlaceTaken) -> bool:
    as_read = (t.places.c.conversation == event.conversation, t.places.c.at == event.at)
    take = update(t.places).where(*_of(event.member, event.flow, speaker_of(turn.after)), *as_read)
    return conn.execute(take.values(conversation=turn.after.conversation, at=turn.now)).rowcount == 1


def keep_places(w: Writing) -> None:
    """Write what this turn changed of the places: a task that has come further, or back; one that is finished."""
    before = _kept(w.turn, w.turn.before)
    for (member, flow), kept in _kept(w.turn, w.turn.after).items():
        if kept.marks != before.get((member, flow), _NOTHING).marks:
            _keep(w, member, flow, kept)
    for member, flow in _finished(w.turn):
        w.conn.execute(delete(t.places).where(*_of(member, flow, speaker_of(w.turn.after))))


def _kept(turn: TurnTaken, session: Session) -> dict[tuple[str, str], Kept]:
    """(member, flow) -> what is kept of every task under way about a member who may be spoken of."""
    if session.person is None or not session.verified_until:
        return {}
    found = {}
    for run in session.runs:
        flow = turn.content.flows.get(run.flow)
        place = _step_of_place(flow) if flow is not None else None
        if flow is not None and place is not None:
            found[(session.person.id, run.flow)] = _of_run(flow, place, run.marks)
    return found


def _step_of_place(flow: Flow) -> int | None:
    steps = enumerate(flow.steps)
    return next((number for number, step in steps if isinstance(step, Act) and step.action == RECORD_PLACE), None)


def _of_run(flow: Flow, place: int, marks: tuple[Mark, ...]) -> Kept:
    number = {step.id: number for number, step in enumerate(flow.steps)}
    on_file = {step.id for step in flow.steps[:place] if isinstance(step, Act)}
    seen: dict[str, Any] = {}
    for mark in marks:
        if mark.question in on_file:
            seen |= mark.slots
    later = (mark for mark in marks if number.get(_step(mark), -1) > place)
    return Kept(tuple(takewhile(lambda mark: OF_THIS_PHONE.isdisjoint(mark.slots), later)), seen)


def _step(mark: Mark) -> str:
    """The step of the flow that a mark stands under: "ask_zip" of "verify/ask_zip", "find" of "find~"."""
    return mark.question.partition("/")[0].rstrip("~")


def _keep(w: Writing, member: str, flow: str, kept: Kept) -> None:
    here = _of(member, flow, speaker_of(w.turn.after))
    if not kept.marks:
        w.conn.execute(delete(t.places).where(*here))
        return
    values = {
        "conversation": w.turn.after.conversation,
        "marks_sealed": w.vault.seal(msgspec.msgpack.encode(kept), SEALED_AT),
        "at": w.turn.now,
    }
    key = {"member": member, "flow": flow, "speaker": speaker_of(w.turn.after)}
    if w.conn.execute(update(t.places).where(*here).values(values)).rowcount == 0:
        insert_once(w.conn, t.places, {**key, **values})


def _finished(turn: TurnTaken) -> set[tuple[str, str]]:
    person = turn.after.person or turn.before.person
    flows = {event.flow for event in turn.events if isinstance(event, RunFinished)}
    return {(person.id, flow) for flow in flows if _keeps_place(turn, flow)} if person else set()


def _keeps_place(turn: TurnTaken, flow: str) -> bool:
    found = turn.content.flows.get(flow)
    return found is not None and _step_of_place(found) is not None


def _of(member: str, flow: str, speaker: str) -> tuple[Any, ...]:
    return t.places.c.member == member, t.places.c.flow == flow, t.places.c.speaker == speaker
