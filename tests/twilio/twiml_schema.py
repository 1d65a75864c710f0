"""Twilio's own grammar of voice documents: which verb may hold which verbs, attributes and text.

Read off Twilio's library, whose methods are generated from Twilio's TwiML schema: every method of a verb that makes
another is called once with every parameter, and what it made is looked at. It says nothing of an attribute's value;
`webhooks.calls.twiml` does."""

from __future__ import annotations

import inspect
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from twilio.twiml import TwiML
from twilio.twiml.voice_response import VoiceResponse


@dataclass(frozen=True)
class Rule:
    """What one element may have; `kind` is the class that knows its children."""

    kind: type[TwiML]
    attributes: frozenset[str] = frozenset()
    text: bool = False


def assert_valid(document: str) -> None:
    """Raises AssertionError with every fault of a voice document."""
    found = faults(document)
    assert not found, f"{'; '.join(found)}\n{document}"


def faults(document: str) -> list[str]:
    """What Twilio's grammar does not allow in a voice document."""
    try:
        root = ET.fromstring(document)
    except ET.ParseError as error:
        return [f"not XML: {error}"]
    if root.tag != "Response":
        return [f"<{root.tag}> is no document"]
    return list(_faults(root, Rule(VoiceResponse)))


def _faults(element: ET.Element, rule: Rule) -> Iterator[str]:
    unknown = set(element.attrib) - rule.attributes
    if unknown:
        yield f"<{element.tag}> has no {', '.join(sorted(unknown))}"
    words = [element.text, *(child.tail for child in element)]
    if not rule.text and any((text or "").strip() for text in words):
        yield f"<{element.tag}> holds no text"
    known = children(rule.kind)
    for child in element:
        if child.tag in known:
            yield from _faults(child, known[child.tag])
        else:
            yield f"<{element.tag}> holds no <{child.tag}>"


@cache
def children(kind: type[TwiML]) -> dict[str, Rule]:
    """The elements that one of this kind may hold, by name."""
    makers = [make for name, make in vars(kind).items() if inspect.isfunction(make) and not name.startswith("_")]
    made = [make(_Holder(), **_everything(make)) for make in makers]
    return {node.name: Rule(type(node), frozenset(node.attrs), node.value is not None) for node in made}


class _Holder(TwiML):
    """Holds whatever is nested in it, as any verb does."""

    def nest(self, verb: TwiML) -> TwiML:
        return verb


def _everything(make: object) -> dict[str, str]:
    parameters = inspect.signature(make).parameters.values()
    return {each.name: "1" for each in parameters if each.name != "self" and each.kind is not each.VAR_KEYWORD}
