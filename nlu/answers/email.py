"""An e-mail address, typed or spoken."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from nlu.answers.number_words import CARDINALS
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import either

_APART = re.compile(r"[\s<>()\[\],;:\"]+")
_MOST_TYPED = 8  # addresses worth checking
_SPOKEN = (
    (re.compile(r"\b(?:under ?score|guion bajo)\b"), "_"),
    (re.compile(r"\b(?:dash|hyphen|guion(?: medio)?|minus)\b"), "-"),
    (re.compile(r"[(\[]?\b(?:at sign|at|arroba)\b[)\]]?"), "@"),
    (re.compile(r"\b(?:dot|period|point|punto)\b"), "."),
    (re.compile(r"\s*([@._+-])\s*"), r"\1"),
)
_AROUND_WORDS = either(
    """
    ok|yes|si|sure|its|it's|it is|my|mi|email|e-mail|mail|correo|electronico|electrónico|address|direccion|dirección
    is|es|um|uh|ok|okay|pues|send it to|to|use|the|el|a|las?|que|your|de
    """
)
_AROUND = re.compile(rf"^(?:{_AROUND_WORDS}[\s:,]+)+")
_THANKS = re.compile(r"(?<=\w)[\s,.]+(?:please|thanks|thank you|gracias|por favor|ga)[\s.!]*$")
_HEARD_AS_GMAIL = re.compile(r"\b(?:g|gee) mail\b")
_GMAIL_ALONE = re.compile(r"@gmail$")  # it has one domain; yahoo and hotmail have many


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The one address in the text, normalised; whether it can receive mail is not asked."""
    pieces = [piece.rstrip(".!?") for piece in _APART.split(reading.text) if "@" in piece]
    if len(pieces) > _MOST_TYPED:
        return NotAnAnswer()
    typed = [_valid(piece) for piece in pieces]
    found = {address for address in typed if address is not None}
    if not found and not reading.question:
        spoken = _valid(_as_written(reading.text))
        found = set() if spoken is None else {spoken}
    return Value(found.pop()) if len(found) == 1 else NotAnAnswer()


def _as_written(text: str) -> str:
    """ "jane dot doe at example dot com" as it is written."""
    text = _THANKS.sub("", _AROUND.sub("", text.casefold().strip().rstrip(".!")))
    text = _HEARD_AS_GMAIL.sub("gmail", text)
    for pattern, sign in _SPOKEN:
        text = pattern.sub(sign, text)
    text = _GMAIL_ALONE.sub("@gmail.com", text)
    if text.count("@") != 1:
        return ""
    local, domain = text.split("@")
    return f"{_joined(local)}@{_joined(domain)}"


def _joined(part: str) -> str:
    """Letters and digits spelled one by one run together; two whole words in a row are no address."""
    words = part.split()
    spelled = [str(CARDINALS[word]) if len(words) > 1 and CARDINALS.get(word, 10) < 10 else word for word in words]
    whole = [word for word in spelled if len(word) > 1 and word.isalpha()]
    return "".join(spelled) if len(whole) <= 2 else ""


def _valid(address: str) -> str | None:
    if not address or len(address) > 254:
        return None
    try:
        found = validate_email(address, check_deliverability=False).normalized
        return found.lower() if address.isupper() else found  # capitals only: a text telephone has no others
    except (EmailNotValidError, UnicodeError):
        return None
