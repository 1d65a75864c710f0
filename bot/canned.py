"""Canned replies: what staff of Member Services send with a click, once they have filled its blanks. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot.flow import Content, Plan, Variation
from bot.render import VARIABLE, choose, plan_variables, spoken

CANNED = "utter_canned_"  # the names of canned replies begin with it
MOST_OF_A_BLANK = 80  # characters

_UNSEEN = {"Cc", "Cf", "Cs"}
_STILL_OPEN = re.compile(r"\{[^{}\n]*\}|[{}]|_{3,}")


@dataclass(frozen=True, slots=True)
class Canned:
    """A reply as it is offered: `text` has what is the plan's own, and `{name}` where a blank is to be filled.
    `blanks` says what belongs into each, in the order of the text."""

    id: str
    title: str
    text: str
    blanks: Mapping[str, str]


class BlankWrong(ValueError):
    """Blanks keep a reply from being sent; `names` says which."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class BlankLeft(BlankWrong):
    """They are empty."""


class BlankTooLong(BlankWrong):
    """They hold more than MOST_OF_A_BLANK characters."""


def canned_replies(content: Content, plan: Plan, language: str) -> tuple[Canned, ...]:
    """The replies that staff of `plan` are offered, in the order of the file. One that speaks of what the plan lacks
    (no nurse line, say) is left out."""
    known = {name: said for name, value in plan_variables(plan, language).items() if (said := spoken(value, language))}
    found = []
    for name, variations in content.responses.items():
        if is_canned(name):
            fillable = [
                each for each in variations if _variables(each, language) <= known.keys() | blanks_of(each).keys()
            ]
            if variation := choose(fillable, known, "twilio"):
                found.append(_canned(name, variation, language, known))
    return tuple(found)


def fill_canned(canned: Canned, values: Mapping[str, str]) -> str:
    """The text to send. A value goes in as one clean line; braces in it are no blanks. Raises BlankLeft where a blank
    has no value, BlankTooLong where it has too much of one; nothing is cut in secret."""
    clean = {name: _one_line(values.get(name, "")) for name in canned.blanks}
    if left := tuple(name for name, value in clean.items() if not value):
        raise BlankLeft(left)
    if too_long := tuple(name for name, value in clean.items() if len(value) > MOST_OF_A_BLANK):
        raise BlankTooLong(too_long)
    return _put_in(clean, canned.text)


def open_blanks(text: str) -> tuple[str, ...]:
    """What in a text typed or edited by hand still waits to be filled, as it stands there: `{visit_day}`, `___`, or a
    brace that is left of one. Each once, in order; such a text is not to be sent."""
    return tuple(dict.fromkeys(_STILL_OPEN.findall(text)))


def is_canned(response: str) -> bool:
    """Whether the response of this name is for staff to send."""
    return response.startswith(CANNED)


def title_of(variation: Variation) -> str:
    """What staff see in the list; empty where it is missing."""
    return (variation.metadata.get("canned", {}).get("title") or "").strip()


def blanks_of(variation: Variation) -> Mapping[str, str]:
    """The labels of the blanks by their names, as declared; empty where one is missing."""
    blanks = variation.metadata.get("canned", {}).get("blanks", {})
    return {name: (label or "").strip() for name, label in blanks.items()}


def _canned(name: str, variation: Variation, language: str, known: Mapping[str, str]) -> Canned:
    text, labels = _text(variation, language), blanks_of(variation)
    in_order = dict.fromkeys(blank for blank in VARIABLE.findall(text) if blank in labels)
    return Canned(name, title_of(variation), _put_in(known, text), {blank: labels[blank] for blank in in_order})


def _text(variation: Variation, language: str) -> str:
    return variation.text.get(language) or variation.text["en"]


def _variables(variation: Variation, language: str) -> set[str]:
    return set(VARIABLE.findall(_text(variation, language)))


def _put_in(values: Mapping[str, str], text: str) -> str:
    """Once over the text, so that what comes in is never read again; a blank without a value stays."""
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def _one_line(value: str) -> str:
    """Without what cannot be seen: control characters, marks of direction, joiners."""
    seen = (each for each in value if each.isspace() or unicodedata.category(each) not in _UNSEEN)
    return " ".join("".join(seen).split())
