"""Rules: what a caller hears is short enough to follow, never tells them to write, nor an operator to press keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.check.wording import filled
from bot.content.draft import Draft
from bot.content.rule import Finding
from bot.flow import Variation

_MAX_SENTENCE = 25  # words; the relay operator types every one of them
_MAX_RESPONSE = 50  # words, options left out

# "Dr.", "St.", "a.m." and "p. m." end no sentence.
_SENTENCE_END = re.compile(r"(?<!\bDr)(?<!\bSt)(?<![ap]\.m)(?<![ap]\. m)[.!?]+(?=\s|$)|\n+")
_WORD = re.compile(r"[^\s.,:;!?¿¡]*\w\S*")

_TO_WRITE = (
    r"\b[Rr]eply\b",
    r"\b(?:Text|Send|Write)\b",
    r"\btext us\b",
    r"\b(?:and|or|please) send\b",
    r"\b(?:[Rr]esponda|[Ee]nvíe|[Mm]ande|[Ee]scriba)\b",
)
# Words in capitals; those of three letters are mostly names (PMP, ZIP, TTY), so only commands among them.
_IN_CAPITALS = (r"\b[A-ZÁÉÍÓÚÜÑ]{4,}\b", r"\b(?:YES|NO|SI|SÍ|WHY|POR QUE)\b")
_RELAY = re.compile(r"(?<!not )\bslots\.relay\b(?: and )?")
_KEYS = re.compile(r"\b(?:[Pp]ress|[Kk]eys?|star|pound|[Mm]arque|[Tt]eclas?|asterisco|numeral)\b")
_WRITTEN_COMMAND = re.compile("|".join((*_TO_WRITE, *_IN_CAPITALS)))


def spoken_length(draft: Draft) -> Iterator[Finding]:
    for name, variation in heard_variations(draft):
        for language, text in variation.text.items():
            sentences = spoken_sentences(filled(text, language, draft))
            for sentence in sentences:
                if (words := spoken_words(sentence)) > _MAX_SENTENCE:
                    message = f"{name} has a sentence of {words} words in {language!r}, over {_MAX_SENTENCE}"
                    yield variation.source, message
            if (words := sum(map(spoken_words, sentences))) > _MAX_RESPONSE:
                yield variation.source, f"a caller hears {words} words of {name} in {language!r}, over {_MAX_RESPONSE}"


def spoken_command(draft: Draft) -> Iterator[Finding]:
    for name, variation in heard_variations(draft):
        for language, text in variation.text.items():
            if commands := list(dict.fromkeys(_WRITTEN_COMMAND.findall(text))):
                yield variation.source, f"a caller hears {', '.join(commands)} in {name} in {language!r}"


def relay_keys(draft: Draft) -> Iterator[Finding]:
    for name, variation in _relayed_variations(draft):
        for language, text in variation.text.items():
            if keys := list(dict.fromkeys(_KEYS.findall(text))):
                yield variation.source, f"a relay operator hears {', '.join(keys)} in {name} in {language!r}"


def _relayed_variations(draft: Draft) -> Iterator[tuple[str, Variation]]:
    """Every wording that may be said on a relay call: those for it, and others that none of those stands for."""
    relayed: dict[str, set[str]] = {}
    for name, variation in heard_variations(draft):
        stands_for = relayed.setdefault(name, set())
        if _RELAY.search(variation.condition):
            stands_for.add(_without_relay(variation.condition))
        elif not stands_for.isdisjoint({variation.condition, ""}) or variation.metadata.get("keys_only"):
            continue
        yield name, variation


def _without_relay(condition: str) -> str:
    rest = _RELAY.sub("", condition).strip()
    return rest.removeprefix("(").removesuffix(")") if " or " in rest else rest


def heard_variations(draft: Draft) -> Iterator[tuple[str, Variation]]:
    """Every wording that may be said on a call: those for voice, and general ones that no voice wording stands for."""
    for name, variations in draft.content.responses.items():
        spoken: set[str] = set()  # the conditions that a wording for voice already covers
        for variation in variations:
            if variation.channel == "twilio_voice":
                spoken.add(variation.condition)
            covered = variation.channel == "" and not spoken.isdisjoint({variation.condition, ""})
            if variation.channel != "twilio" and not covered and not variation.metadata.get("texts_only"):
                yield name, variation


def spoken_sentences(text: str) -> list[str]:
    """The sentences of a text as they are said, each without what ends it."""
    return [sentence for part in _SENTENCE_END.split(text) if (sentence := part.strip())]


def spoken_words(text: str) -> int:
    """The words of a text; a number, whatever its length, is one."""
    return len(_WORD.findall(text))
