"""One text, normalised once, in the shapes that every recogniser reads."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from nlu.vocabulary import either

MAX_LENGTH = 1600  # the longest text message Twilio delivers

_QUOTES = str.maketrans(
    {"‘": "'", "’": "'", "‛": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_EMOJI = str.maketrans(
    {
        **dict.fromkeys("👍👌✅☑✔🆗💯", " thumbsup "),
        **dict.fromkeys("👎❌✖🚫", " thumbsdown "),
        "🔟": " 10 ",
        **dict.fromkeys("\ufe0e\ufe0f\u20e3🏻🏼🏽🏾🏿", None),  # variation selectors, keycap frame, skin tones
    }
)
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")  # control, format, surrogate, private, unassigned
_NOT_WORD = re.compile(r"[\W_]+")
_EMAIL = re.compile(r"\be[- ]mail")

_ASKING = re.compile(
    r"(?:(?:and|but|ok|okay|um|well|so|hey|hi|hello|y|pero|bueno|pues|oiga|disculpe|hola|este|entonces) )*"
    + either(
        r"""
        (?:what|whats|wat|wut)(?: (?:is|are|does|do|did|if|about|should|kind|else|happens|was|u|you|s)\b|$)
        why\b|how (?:do|does|did|can|come|much|many|long|is|are|about|will|would)\b|how$
        (?:who|whos|where|wheres) (?:is|are|do|does|can|will|s)\b|whos this|when (?:is|are|do|does|will|can)\b
        which (?:one|is|are|of)\b|
        (?:do|does|did|can|could|will|would|should|are) (?:you|u|i|we|they|it|this|that|my|he|she)\b
        is (?:it|this|that|there|my|the)\b
        que (?:es|son|significa|quiere decir|quiere|debo|hago|pasa|tipo|cosa)\b|(?:por|x) que\b|xq\b|pq\b
        como (?:se|puedo|hago|es|le|lo|funciona|asi)\b|cuando (?:es|puedo|van|va)\b
        (?:cual|cuales|cuanto|cuanta|quien|quienes|donde|adonde)\b|puedo\b|para que\b|a que se\b
        """
    )
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as typed and as compared."""

    text: str  # NFKC, straight quotes, no control characters, trimmed, at most MAX_LENGTH characters
    plain: str  # lower case, no accents, no punctuation; words one space apart
    words: tuple[str, ...]  # plain, split
    question: bool  # it asks something


def read(text: str) -> Reading:
    """Normalise any string at all; never raises."""
    shown = normalise(text)
    plain = fold(shown)
    return Reading(shown, plain, tuple(plain.split()), _asks(shown, plain))


def normalise(text: str) -> str:
    """The text with one form for each character: full-width digits become digits, curly quotes straight."""
    text = text[:MAX_LENGTH]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_QUOTES))[:MAX_LENGTH].translate(_QUOTES).translate(_DASHES)
        text = "".join(_seen(character) for character in text)
    return " ".join(_without_controls(text).split(" ")).strip()


def fold(text: str) -> str:
    """What two spellings of the same words have in common: case, accents and punctuation are gone."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFD", text.translate(_EMOJI))
        text = "".join(character for character in text if unicodedata.category(character) != "Mn")
    text = _EMAIL.sub("email", text.replace("'", ""))
    return _NOT_WORD.sub(" ", text).strip()


def _seen(character: str) -> str:
    if character in "\n\t\r":
        return character
    if unicodedata.category(character) in _UNSEEN:
        return " " if character in "\u2028\u2029" else ""
    return str(unicodedata.decimal(character, character))


def _without_controls(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else " " if character.isspace() else ""
        for character in text
    )


def _asks(text: str, plain: str) -> bool:
    """A question mark after words, or question words in front. "2?" is a hesitant answer, not a question."""
    if text.endswith("?") or text.startswith("¿"):
        return not plain.replace(" ", "").isdigit()
    return _ASKING.match(plain) is not None
