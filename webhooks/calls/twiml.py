"""TwiML voice documents as records. Strict: a verb or attribute that we do not use is a mistake of ours. Pure."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn, TypeVar

MAX_DOCUMENT_BYTES = 64 * 1024
MAX_SAID = 3000  # characters for a Polly voice, the fewest that a kind of voice may have
MAX_HINTS, MAX_HINT = 500, 100
MAX_NUMBERS = 10

SPEECH, KEYS = "speech", "dtmf"


class BadTwiml(ValueError):
    """A document that Twilio would refuse or that says what we do not know."""


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    language: str = "en-US"
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """A recording at `url`, or tones."""

    url: str = ""
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    length: int = 1


Prompt = Say | Play | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """What to listen for. `speech_timeout` None: as soon as the caller seems to have ended ("auto")."""

    prompts: tuple[Prompt, ...]
    input: frozenset[str]
    action: str
    timeout: int
    speech_timeout: int | None
    language: str
    hints: tuple[str, ...]
    num_digits: int | None
    finish_on_key: str
    action_on_empty_result: bool
    profanity_filter: bool


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str


@dataclass(frozen=True, slots=True)
class Number:
    """Whom to dial. `url` is what they hear before they are put through."""

    number: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Dial:
    numbers: tuple[Number, ...]
    action: str
    timeout: int
    answer_on_bridge: bool
    caller_id: str


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, slots=True)
class Reject:
    reason: str = "rejected"


Verb = Prompt | Gather | Redirect | Dial | Hangup | Reject

_Record = TypeVar("_Record")


def parse(document: str) -> tuple[Verb, ...]:
    """The verbs of a document in order. Raises BadTwiml."""
    if len(document.encode()) > MAX_DOCUMENT_BYTES:
        raise BadTwiml(f"over {MAX_DOCUMENT_BYTES} bytes")
    try:
        root = ET.fromstring(document)
    except ET.ParseError as error:
        raise BadTwiml(f"not XML: {error}") from error
    if root.tag != "Response":
        raise BadTwiml(f"the document is a <{root.tag}>, not a <Response>")
    _Attributes(root).end()
    return tuple(_children(root, _VERBS))


# --- the verbs --------------------------------------------------------------------------------------------------------


def _say(element: ET.Element) -> Say:
    attributes = _Attributes(element)
    text = _text(element)
    if len(text) > MAX_SAID:
        _refuse(element, f"says more than {MAX_SAID} characters")
    said = Say(text, attributes.language(), attributes.word("voice"))
    attributes.end()
    return said


def _play(element: ET.Element) -> Play:
    attributes = _Attributes(element)
    digits = attributes.matching("digits", r"[0-9*#wW]*", "")
    attributes.end()
    return Play("" if digits else _text(element), digits)


def _pause(element: ET.Element) -> Pause:
    attributes = _Attributes(element)
    _no_text(element)
    pause = Pause(attributes.seconds("length", 1))
    attributes.end()
    return pause


def _gather(element: ET.Element) -> Gather:
    attributes = _Attributes(element)
    attributes.posts()
    timeout = attributes.seconds("timeout", 5)
    gather = Gather(
        prompts=tuple(_children(element, _PROMPTS)),
        input=frozenset(attributes.matching("input", "dtmf|speech|dtmf speech|speech dtmf", KEYS).split()),
        action=attributes.word("action"),
        timeout=timeout,
        speech_timeout=attributes.seconds_or_auto("speechTimeout", timeout),
        language=attributes.language(),
        hints=_hints(element, attributes.word("hints")),
        num_digits=attributes.whole("numDigits"),
        finish_on_key=attributes.matching("finishOnKey", "[0-9*#]?", "#"),
        action_on_empty_result=attributes.true("actionOnEmptyResult", False),
        profanity_filter=attributes.true("profanityFilter", True),
    )
    attributes.end()
    return gather


def _hints(element: ET.Element, written: str) -> tuple[str, ...]:
    hints = tuple(hint.strip() for hint in written.split(",")) if written else ()
    if len(hints) > MAX_HINTS or any(not 0 < len(hint) <= MAX_HINT for hint in hints):
        _refuse(element, f"takes at most {MAX_HINTS} hints of 1 to {MAX_HINT} characters")
    return hints


def _redirect(element: ET.Element) -> Redirect:
    attributes = _Attributes(element)
    attributes.posts()
    attributes.end()
    return Redirect(_text(element))


def _dial(element: ET.Element) -> Dial:
    attributes = _Attributes(element)
    attributes.posts()
    dial = Dial(
        numbers=_numbers(element),
        action=attributes.word("action"),
        timeout=attributes.seconds("timeout", 30),
        answer_on_bridge=attributes.true("answerOnBridge", False),
        caller_id=attributes.word("callerId"),
    )
    attributes.end()
    return dial


def _numbers(element: ET.Element) -> tuple[Number, ...]:
    if not len(element):
        return (Number(_text(element)),)
    numbers = tuple(_children(element, {"Number": _number}))
    if len(numbers) > MAX_NUMBERS:
        _refuse(element, f"rings at most {MAX_NUMBERS} numbers")
    return numbers


def _number(element: ET.Element) -> Number:
    attributes = _Attributes(element)
    attributes.posts()
    url = attributes.word("url")
    attributes.end()
    return Number(_text(element), url)


def _hangup(element: ET.Element) -> Hangup:
    _Attributes(element).end()
    _no_text(element)
    return Hangup()


def _reject(element: ET.Element) -> Reject:
    attributes = _Attributes(element)
    _no_text(element)
    reject = Reject(attributes.matching("reason", "rejected|busy", "rejected"))
    attributes.end()
    return reject


_PROMPTS: dict[str, Callable[[ET.Element], Prompt]] = {"Say": _say, "Play": _play, "Pause": _pause}
_VERBS: dict[str, Callable[[ET.Element], Verb]] = {
    **_PROMPTS,
    "Gather": _gather,
    "Redirect": _redirect,
    "Dial": _dial,
    "Hangup": _hangup,
    "Reject": _reject,
}


# --- elements and attributes ------------------------------------------------------------------------------------------


def _children(parent: ET.Element, known: dict[str, Callable[[ET.Element], _Record]]) -> Iterator[_Record]:
    if (parent.text or "").strip() or any((child.tail or "").strip() for child in parent):
        _refuse(parent, "has text between its verbs")
    for child in parent:
        if child.tag not in known:
            _refuse(parent, f"cannot hold <{child.tag}>")
        yield known[child.tag](child)


def _text(element: ET.Element) -> str:
    if len(element):
        _refuse(element, f"cannot hold <{element[0].tag}>")
    text = " ".join((element.text or "").split())
    if not text:
        _refuse(element, "is empty")
    return text


def _no_text(element: ET.Element) -> None:
    if len(element) or (element.text or "").strip():
        _refuse(element, "holds nothing")


def _refuse(element: ET.Element, why: str) -> NoReturn:
    raise BadTwiml(f"<{element.tag}> {why}")


class _Attributes:
    """The attributes of an element, taken one by one; what is left at the `end` is unknown."""

    def __init__(self, element: ET.Element) -> None:
        self._element = element
        self._left = dict(element.attrib)

    def word(self, name: str) -> str:
        return self._left.pop(name, "")

    def matching(self, name: str, pattern: str, default: str) -> str:
        value = self._left.pop(name, default)
        if not re.fullmatch(pattern, value):
            _refuse(self._element, f"{name}={value!r} is not possible")
        return value

    def whole(self, name: str) -> int | None:
        return int(value) if (value := self.matching(name, r"([1-9][0-9]{0,4})?", "")) else None

    def seconds(self, name: str, default: int) -> int:
        return int(self.matching(name, r"[0-9]{1,5}", str(default)))

    def seconds_or_auto(self, name: str, default: int) -> int | None:
        value = self.matching(name, r"auto|[1-9][0-9]{0,4}", str(default or 1))
        return None if value == "auto" else int(value)

    def true(self, name: str, default: bool) -> bool:
        return self.matching(name, "true|false", str(default).lower()) == "true"

    def language(self) -> str:
        return self.matching("language", r"[a-z]{2}-[A-Z]{2}", "en-US")

    def posts(self) -> None:
        """Everything of ours is fetched by POST."""
        self.matching("method", "POST", "POST")

    def end(self) -> None:
        if self._left:
            _refuse(self._element, f"has unknown attributes: {', '.join(sorted(self._left))}")
