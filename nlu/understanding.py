"""What a text means: the records that pass between understanding and deciding."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Language = Literal["en", "es"]

AnswerKind = Literal[
    "bool",  # value: True | False
    "choice",  # value: one option's value
    "choices",  # value: tuple of option values; an exclusive option stands alone
    "number",  # value: float or int
    "date",  # value: ISO date, past or future
    "birth_date",  # value: ISO date, never in the future, never guessed
    "zip",  # value: five digits
    "name",  # value: a person's name as typed, trimmed
    "member_id",  # value: the ID without spaces or hyphens, matching Expecting.pattern
    "phone",  # value: E.164
    "email",  # value: the normalised address
    "address",  # value: the street address as typed, trimmed
    "text",  # value: the text itself
    "provider_search",  # value: the text itself; nlu.answers.provider_search reads what it asks for
]

FREE_WORDS: frozenset[AnswerKind] = frozenset({"text", "name", "address", "provider_search"})  # take nearly any text

Urgency = Literal["self_harm", "medical", "violence", "overdose", "labor"]
OptWord = Literal["out", "in", "help"]

# Whose turn it is to speak, where the text says so: GA or "go ahead", SK (stop keying), SKSK, "one moment please".
Floor = Literal["over", "closing", "closed", "wait"]

# The reserved words of every question. `back` etc. are decided in bot.engine; here they are only recognised.
Command = Literal[
    "back",
    "skip",
    "menu",
    "repeat",
    "person",
    "why",
    "change",
    "more",
    "restart",
    "resume",
    "later",
    "english",
    "spanish",
    "wrong_number",
    "cancel",
    "not_understood",
    "callback",
    "spell",
    "no_relay",  # no operator stands between after all
    "no_callback",  # not to be called after all
    "to_text",  # from a call to texts
]


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a member may choose: the value recorded, the key to press, every label (all languages, synonyms)."""

    value: str
    key: str  # the number shown before it: "1"
    labels: tuple[str, ...]
    exclusive: bool = False  # "none of these": cannot stand beside others


@dataclass(frozen=True, slots=True)
class Expecting:
    """What the open question can take."""

    kind: AnswerKind
    today: date
    options: tuple[Option, ...] = ()
    pattern: str = ""  # regular expression of a member ID, from the plan file


@dataclass(frozen=True, slots=True)
class Value:
    """The text answers the open question with this value."""

    value: str | bool | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The text may mean any of these options (their values); ask which."""

    between: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotAnAnswer:
    """The text does not answer the open question."""


Answer = Value | Ambiguous | NotAnAnswer


@dataclass(frozen=True, slots=True)
class Understanding:
    """Everything one text may mean; which of it counts is decided by bot.engine's tuple of rules."""

    urgent: Urgency | None = None
    perhaps: Urgency | None = None  # danger, less surely: not alarmed; None where `urgent` is told
    opt: OptWord | None = None
    command: Command | None = None
    answer: Answer = field(default_factory=NotAnAnswer)
    intent: str | None = None  # a name of nlu.intents; None when unsure. "out_of_scope" is sure: not a matter of ours
    between: tuple[str, ...] = ()  # two or three intents too near each other to choose, the likeliest first; ask which
    confidence: float = 0.0  # of the likeliest intent
    nth: int = 0  # which question is meant, counted from 1: "the 3rd one was wrong"; 0 where none is counted out
    language: Language | None = None  # a strong signal only; None keeps the session's
    question: bool = False  # the text asks something ("what does that mean?") and so is never an answer
    rest: str = ""  # what follows the answer in the same text and says something else; understand it on its own
    relay: bool = False  # the text bears marks that only a relay call has
    floor: Floor | None = None  # who is to speak next
    bare: bool = False  # there is nothing in the text but such marks
