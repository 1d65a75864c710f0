"""What can happen on a call and what is noted of it: the words between the exchange and the people on the line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal, Protocol

from webhooks.calls.twiml import KEYS, SPEECH

AGENT = "agent"

Fields = Mapping[str, str]
Fetch = Callable[[str, dict[str, str]], str]


class Moved(Exception):
    """A `fetch` answered with a 3xx."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class Clock(Protocol):
    """Time that a call moves on: seconds."""

    now: float


@dataclass(slots=True)
class ManualClock:
    """Moves when told to, and a little at every look, so that nobody waits on it for ever."""

    now: float

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take: rates per second, the rest in seconds."""

    words: float = 2.6  # of the voice that reads <Say>
    recording: float = 3.0
    tone: float = 0.25
    key: float = 0.3  # from one key to the next
    word: float = 0.4  # the sound of a word, however slowly they follow each other
    auto_pause: float = 1.5  # after which speechTimeout="auto" takes speech to have ended
    busy: float = 2.0
    pick_up: float = 5.0
    reaction: float = 1.0  # of an agent who is asked for a key


# --- what happens -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    kind: ClassVar[str] = KEYS
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word begins; it sounds for some seconds."""

    kind: ClassVar[str] = SPEECH
    text: str
    seconds: float


class Outcome(StrEnum):
    """What the agent who is dialled does."""

    ACCEPTS = "answers and accepts"
    PRESSES_NOTHING = "answers but presses nothing"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    VOICEMAIL = "voicemail"
    HANGS_UP = "hangs up"  # after talking


@dataclass(frozen=True, slots=True)
class AgentDoes:
    kind: ClassVar[str] = AGENT
    outcome: Outcome

    @property
    def text(self) -> str:
        return self.outcome.value


Event = Key | Word | AgentDoes | None  # None: the time waited for is up


class Mode(StrEnum):
    """What a call is doing while time passes."""

    SPEAKING = "speaking"
    LISTENING = "listening"  # nothing has come yet
    HEARING = "hearing"  # speech
    KEYING = "keying"
    RINGING = "ringing"  # an agent's phone
    REACHING = "reaching"  # it is decided what that agent does
    BRIDGED = "bridged"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Wait:
    """A call does this until then, unless something happens before."""

    mode: Mode
    until: float


# --- what is noted ----------------------------------------------------------------------------------------------------

Who = Literal["line", "caller", "agent", "whisper", "system"]  # whisper: what only the agent hears


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing heard or done, begun so many seconds after the start. Keys stand in brackets."""

    at: float
    who: Who
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A webhook as it was posted, and its answer."""

    url: str
    fields: dict[str, str]
    document: str
