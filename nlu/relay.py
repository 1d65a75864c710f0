"""What a relay call leaves around the member's words: GA, SK, Q, XXX and the operator's own sentences.

A text telephone has no question mark and no delete key: Q ends a question, XXX takes back what stands before it, GA
(go ahead) hands the turn over and SK (stop keying) closes the call. The phrases are nlu/data/relay.yml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlu.phrases import PhraseBook, book, phrase_file
from nlu.reading import fold
from nlu.understanding import Floor

_GOING = r"(?:G[. ]?A|SK|GAGA|SKSK)"
_HANDED_OVER = re.compile(rf"(?:^|[\s.!?,;:])(?:(?:{_GOING}|OR|TO)\.?[\s/.,!]+)*{_GOING}[\s.!]*$", re.IGNORECASE)
_ASKED = re.compile(r"\s+Q{1,3}$", re.IGNORECASE)
_LONE_Q = re.compile(r"\s+Q$")
_TAKEN_BACK = re.compile(r"(?:^|\s)X{3,}(?=\s|[.,;]|$)[\s.,;]*", re.IGNORECASE)
_CLOSING_ZIP = re.compile(r"\d{5}(?:-\d{4})?[\s.,]*$")
_GEORGIA = re.compile(
    r"(?:,|\b(?:in|from|near|en)(?!\s+(?:me|us|here|home|casa|mi)\b)(?:\s+[^\W\d_]+){1,2})$", re.IGNORECASE
)
_SENTENCES = re.compile(r"[.,;:!?\n]+\s*|\s+-\s+")
_OPERATOR_NUMBER = re.compile(
    r"\b(?:operator|opr|operador|operadora|ca)\s*(?:number|numero|n[uú]mero|#|no\.?)?\s*\d{2,6}\b"
)
_LONGEST_HANDING_OVER = 4  # words


@dataclass(frozen=True, slots=True)
class Relayed:
    """A text without the marks of a relay call, whether it bore any that only a relay call has, and what it says of
    whose turn it is to speak."""

    text: str
    relay: bool
    floor: Floor | None = None


def without_marks(text: str, *, place: bool = False) -> Relayed:
    """The member's own words. `place`: an address is asked for, so that a GA at its end is Georgia."""
    before, handed = _without_close(text, place=place)
    words = _without_go_ahead(before)
    floor = _floor(text, before, words)
    asked = _ASKED if handed else _LONE_Q
    if words.isupper() or handed:
        words = asked.sub("?", words)
    words = _TAKEN_BACK.split(words)[-1]
    if not _may_announce(words):
        return Relayed(words, handed, floor)
    kept, announced = _without_operator(words)
    return Relayed(kept, handed or announced, floor)


def _floor(text: str, before: str, words: str) -> Floor | None:
    """`before` is what stands before GA and SK, `words` what is left without "go ahead" as well. SK closes, twice for
    good; "GA OR SK" leaves it to us."""
    if _books().waiting.is_all(fold(words).split()):
        return "wait"
    if words == text:
        return None
    marks = text[len(before) :].upper()
    if "SK" not in marks or "OR" in marks:
        return "over"
    return "closed" if marks.count("SK") > 1 else "closing"


def _without_close(text: str, *, place: bool) -> tuple[str, bool]:
    match = _HANDED_OVER.search(text[-40:])
    if match is None:
        return text, False
    before = text[: max(len(text) - 40, 0) + match.start()]
    closes = "SK" in match[0].upper() or len(match[0].split()) > 1
    if not closes and (_GEORGIA.search(before[-60:]) or (place and before and not _CLOSING_ZIP.search(before))):
        return text, False
    # A question mark belongs to the words before it.
    return before + ("?" if match[0].startswith("?") else ""), True


def _without_go_ahead(text: str) -> str:
    """Without "go ahead" at the end; "adelante" alone hands over too and says nothing."""
    stripped = text.rstrip(" .,!")
    words = stripped[-40:].split()
    for length in range(min(_LONGEST_HANDING_OVER, len(words)), 0, -1):
        if _books().handing_over.is_all(fold(" ".join(words[-length:])).split()):
            return " ".join(stripped.split(" ")[:-length]).rstrip(" ,") if " " in stripped else ""
    return text


def _may_announce(text: str) -> bool:
    return any(mark in text.casefold() for mark in _MARKS)


_MARKS = (
    "relay", "rele", "tty", "tdd", "opera", "opr", "communication", "comunica", "retrans", "teletipo", "deaf", "sord",
    "ca ", "says", "said", "answers", "replied", "states", "dice", "dijo", "contesta", "responde",
)  # fmt: skip


def _without_operator(text: str) -> tuple[str, bool]:
    """Without the operator's sentences and without "the caller says"."""
    sentences = _SENTENCES.split(text)
    own = [one for one in sentences if not _announces(one)]
    announced = len(own) < len(sentences)
    kept = " ".join(own).strip() if announced else text
    return _voiced(kept), announced


def _announces(sentence: str) -> bool:
    plain = fold(sentence)
    if _books().denials.said(plain.split()):
        return False
    return _books().announcements.said(plain.split()) or _OPERATOR_NUMBER.search(plain) is not None


def _voiced(text: str) -> str:
    words = text.split()
    places = [end for start, end in _books().voicing.found(fold(text).split()) if start <= 2]
    return " ".join(words[places[0] :]) if places and len(words) == len(fold(text).split()) else text


@dataclass(frozen=True, slots=True)
class _Books:
    announcements: PhraseBook
    handing_over: PhraseBook
    voicing: PhraseBook
    waiting: PhraseBook
    denials: PhraseBook


@cache
def _books() -> _Books:
    content = phrase_file("relay.yml")
    return _Books(*(book(content, name) for name in ("announcements", "handing_over", "voicing", "waiting", "denials")))
