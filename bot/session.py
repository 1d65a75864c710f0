"""The state of one conversation between two turns. Frozen; the engine returns a new one."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from nlu.understanding import Language

SCHEMA = 4  # raise it when the shape changes, and add an old sample to tests/sessions/


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """One step that has been taken in a run: an answer, a refusal, an action's result, a sentence said.

    Marks are the position: walking a flow from its start, a marked step is passed with its slots."""

    question: str  # step path: "ask_zip", "verify/ask_zip" inside a called flow
    status: str  # value | declined | offered (an action's result) | done | carried
    slots: dict[str, Any] = {}


class Run(msgspec.Struct, frozen=True):
    """One visit to a flow."""

    id: str
    flow: str
    marks: tuple[Mark, ...] = ()


class Person(msgspec.Struct, frozen=True):
    """Whom the conversation is about."""

    id: str
    name: str  # first name only
    age: int
    sex: str
    self: bool  # the speaker is this person


class OnCall(msgspec.Struct, frozen=True):
    """What a conversation has only while it is a call."""

    document: int = 0  # the number of the last one given
    relay: bool = False  # an operator stands between: short sentences, all the time in the world
    silences: int = 0  # one after the other
    page: int = 0  # of the open question's options, the one that was read out last
    chosen: tuple[str, ...] = ()  # by key, where several may be: on the pages read out so far
    starred_at: float = 0.0  # when * was pressed last: soon again is **, one question back
    words: str = ""  # of a relayed answer that has not come to its end
    unsaid: tuple[tuple[str, str], ...] = ()  # what a long reply has left to say: (language, sentence) of each
    question_unsaid: bool = False  # the open question is in it
    names: tuple[str, ...] = ()  # names and numbers in what was said last, to spell on request
    keys_told: bool = False
    ending: bool = False  # asked whether there is anything else
    number_known: bool = True  # the caller does not hide the number
    no_texts: bool = False  # this number has opted out of texts


class Session(msgspec.Struct, frozen=True):
    conversation: str
    phone_index: str
    plan: str
    schema: int = SCHEMA
    version: int = 0  # of the SQL row this is a copy of; 0: never recorded
    channel: str = "twilio"
    language: str = ""  # empty until known
    owner: str = "bot"  # who may speak: bot.ownership
    waiting_since: float = 0.0  # for the agent who has it, since the member wrote; 0: no answer is owed
    opted_out: bool = False
    verified_member: str = ""
    verified_guardian: str = ""
    verified_until: float = 0.0
    person: Person | None = None
    member_version: int = 0  # of `person`'s facts, as last read
    facts: dict[str, Any] = {}  # slots kept after their flow ended
    runs: tuple[Run, ...] = ()  # set aside ones first, the current one last
    member_runs: dict[str, Run] = {}  # "flow:member" -> the answers that belong to the member
    asked: str = ""  # the open question, as "run:path"
    asked_at: float = 0.0  # when it went out
    asked_by: str = ""  # the message whose reply asked it
    lead: str = ""  # the stem said with the last question
    misses: int = 0
    paused: bool = False  # after a crisis text, until the member goes on
    resting: bool = False  # after "later", until the member comes back
    reminder: bool = False  # one is agreed and may be still to come
    repeats: int = 0  # of the open question, asked for one after the other
    call: OnCall | None = None  # None for a conversation by text


def language_of(session: Session) -> Language:
    """The language spoken; English until another is known."""
    return "es" if session.language == "es" else "en"


def line_of(session: Session) -> str:
    """What failed verifications count against, beside the ID: the phone; on a call the call, since the number that a
    caller shows may be anybody's."""
    return session.phone_index if session.call is None else session.conversation


def run_of(session: Session, run_id: str) -> Run:
    """The run of this id, the conversation's or a member's own. Raises KeyError."""
    for run in (*session.runs, *session.member_runs.values()):
        if run.id == run_id:
            return run
    raise KeyError(run_id)


def member_of(session: Session, run_id: str) -> str:
    """The member whose own this run is; empty for one of the conversation."""
    return next((key.split(":")[1] for key, run in session.member_runs.items() if run.id == run_id), "")


def with_run(session: Session, run: Run) -> Session:
    """The session with this run in place of the one of the same id."""
    if any(r.id == run.id for r in session.runs):
        return replace(session, runs=tuple(run if r.id == run.id else r for r in session.runs))
    return replace(session, member_runs={key: run if r.id == run.id else r for key, r in session.member_runs.items()})


def speaker_of(session: Session) -> str:
    """Who speaks, once verified: member:<id> or guardian:<id>; else the conversation."""
    return speaker(session.verified_member, session.verified_guardian)


def speaker(member: str | None, guardian: str | None) -> str:
    if guardian:
        return f"guardian:{guardian}"
    return f"member:{member}" if member else "conversation"


def encode(session: Session) -> bytes:
    return _encoder.encode(session)


def decode(data: bytes) -> Session:
    """Read a stored session. Raises msgspec.ValidationError for a shape we cannot read."""
    return _decoder.decode(data)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Session)
