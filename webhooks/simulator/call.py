"""A call from the browser: its page carries what the caller did so far, and every process can do it all over again.

Doing it again is safe: a post that comes twice (the same CallSid and document) gets the document it got before and
changes nothing, so that only the newest act really happens. Time on the call is its own; turns are taken now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.bootstrap import Bot
from webhooks.calls.happenings import Entry, ManualClock, Mode, Outcome, Who
from webhooks.calls.in_process import call_line
from webhooks.calls.line import OPERATOR, SPOKEN_WPM, VOICED_WPM, Line, NotPossible
from webhooks.simulator.phones import Phone
from webhooks.sms import storable

MOST_ACTS = 300
LONGEST_ACTS = 20_000  # characters of all of them, far below what a form may hold
LONGEST_SAID = 300
MOST_KEYS = 40

_CALL_SID = re.compile(r"CA[0-9a-f]{32}")


class Kind(StrEnum):
    SAY = "say"
    KEYS = "keys"
    SILENCE = "silence"
    AGENT = "agent"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done by the caller, or by the agent whose phone rings: `what` is said, keyed or an Outcome."""

    kind: Kind
    what: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.what}".rstrip()


@dataclass(frozen=True, slots=True)
class Acts:
    """What was done on a call, in order. Written as a line each."""

    sid: str
    relay: bool = False
    done: tuple[Act, ...] = ()

    @property
    def written(self) -> str:
        return "\n".join(map(str, self.done))

    @property
    def full(self) -> bool:
        """Whether there is no room left but for hanging up."""
        return len(self.done) >= MOST_ACTS or len(self.written) > LONGEST_ACTS - LONGEST_SAID

    def then(self, act: Act | None) -> Acts:
        """With one more act where there is one and room for it."""
        if act is None or (self.full and act.kind is not Kind.HANG_UP):
            return self
        return replace(self, done=(*self.done, act))


def read_acts(sid: str, relay: bool, written: str) -> Acts:
    """The acts of a form. Raises ValueError for what is no call or no act, or too much."""
    if not _CALL_SID.fullmatch(sid):
        raise ValueError("no call")
    lines = written.splitlines()
    if len(lines) > MOST_ACTS + 1 or len(written) > 2 * LONGEST_ACTS:
        raise ValueError("too many acts")
    return Acts(sid, relay, tuple(_read_lines(lines)))


def _read_lines(lines: list[str]) -> Iterator[Act]:
    for line in lines:
        kind, _, what = line.partition(" ")
        act = read_act(kind, what)
        if act is not None:
            yield act


def read_act(kind: str, what: str) -> Act | None:
    """The act of a button; None for words or keys that are none. Raises ValueError for no button of ours."""
    match Kind(kind):
        case Kind.SAY:
            said = " ".join(storable(what).split())[:LONGEST_SAID]
            return Act(Kind.SAY, said) if said else None
        case Kind.KEYS:
            keys = "".join(key for key in what if key in "0123456789*#")[:MOST_KEYS]
            return Act(Kind.KEYS, keys) if keys else None
        case Kind.AGENT:
            return Act(Kind.AGENT, Outcome(what))
        case other:
            return Act(other)


def held(bot: Bot, phone: Phone, acts: Acts) -> Line:
    """The call as it stands after these acts. What cannot be done any more, such as a button pressed twice, is passed
    over. Raises what a turn raises."""
    line = call_line(bot, phone.number, phone.ours, ManualClock(0.0), call_sid=acts.sid)
    wpm = VOICED_WPM if acts.relay else SPOKEN_WPM
    line.start()
    line.listen()
    announcement = [Act(Kind.SAY, OPERATOR)] if acts.relay else []
    for act in (*announcement, *acts.done):
        try:
            _do(line, act, wpm)
        except NotPossible:
            continue
    return line


def _do(line: Line, act: Act, wpm: float) -> None:
    """Do it and hear the line out. While keys are being pressed no time passes, so that more of them may follow."""
    match act.kind:
        case Kind.KEYS:
            line.press(act.what)
            if line.mode is Mode.KEYING:
                return
        case Kind.SAY:
            line.listen()
            line.say(act.what, wpm=wpm)
        case Kind.SILENCE if line.mode is not Mode.KEYING:
            line.silence()
        case Kind.AGENT:
            line.agent(act.what)
        case Kind.HANG_UP:
            line.hang_up()
    line.listen()


# --- what the page shows of it ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caption:
    """What was heard or done, `at` m:ss since dialling. `language` is "" where it is the caller's own."""

    at: str
    who: Who
    text: str
    language: str


def captions(line: Line) -> list[Caption]:
    """Everything so far, the oldest first."""
    return [
        Caption(f"{int(entry.at) // 60}:{int(entry.at) % 60:02}", entry.who, entry.text, _language_of(entry))
        for entry in line.log
    ]


def _language_of(entry: Entry) -> str:
    """The log's own remarks are in English."""
    return entry.language or ("" if entry.who == "caller" else "en")


def possible_outcomes(line: Line) -> list[Outcome]:
    """What an agent can do now: nothing while nobody's phone rings and nobody was put through."""
    match line.mode:
        case Mode.RINGING:
            return [outcome for outcome in Outcome if outcome is not Outcome.HANGS_UP]
        case Mode.BRIDGED:
            return [Outcome.HANGS_UP]
    return []
