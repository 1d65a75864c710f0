"""What the keys of a telephone mean at the open question, and which key each of its options has. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as changed

from bot.flow import Choice
from bot.session import OnCall
from bot.walk import Question
from nlu.understanding import AnswerKind, Command, NotAnAnswer, Understanding, Value

PERSON, AGAIN, BACK, OTHER_LANGUAGE, MORE = "0", "*", "**", "8", "9"
YES_OR_NO = {"1": True, "2": False}
TWICE_S = 3.0  # * and * within this are **: where one key ends the entry they come one by one
BY_KEY: frozenset[AnswerKind] = frozenset({"bool", "choice"})  # answered by one key
DIGITS: dict[AnswerKind, int] = {"bool": 1, "choice": 1, "birth_date": 8, "date": 8, "zip": 5, "phone": 10}
SPELLED: frozenset[AnswerKind] = frozenset({"member_id", "birth_date", "date", "zip", "phone", "email"})

_AT_MOST = {False: 6, True: 5}  # options read out in one go: by voice, through a relay operator
_A_PAGE = {False: 5, True: 4}  # where they are more


@dataclass(frozen=True, slots=True)
class Page:
    """The options read out together, keyed 1, 2, 3."""

    choices: tuple[Choice, ...]
    more: bool  # 9 reads out the next ones


def pages(question: Question, *, relay: bool) -> tuple[Page, ...]:
    """The options of a question, a few at a time. "None of these" stands on each page, so that nobody must hear all."""
    several = question.collect.kind == "choices"
    everywhere = tuple(choice for choice in question.choices if several and choice.exclusive)
    others = [choice for choice in question.choices if choice not in everywhere]
    size = len(others) if len(others) <= _AT_MOST[relay] else _A_PAGE[relay]
    starts = range(0, len(others), size or 1)
    return tuple(Page(_keyed((*others[at : at + size], *everywhere)), at + size < len(others)) for at in starts)


def page(question: Question, call: OnCall) -> Page:
    """The one that was read out last; behind the last comes the first."""
    found = pages(question, relay=call.relay)
    return found[call.page % len(found)] if found else Page((), more=False)


def listed(question: Question, call: OnCall) -> tuple[Choice, ...]:
    """Every option, those just read out first and numbered as they were: "the second one" is one of them."""
    read_out = page(question, call).choices
    known = {choice.value for choice in read_out}
    return _keyed((*read_out, *(choice for choice in question.choices if choice.value not in known)))


def meaning(keys: str, question: Question | None, call: OnCall, now: float, language: str) -> Understanding | None:
    """What the keys mean; None where they are to be read as the digits they are."""
    keys = keys.removesuffix("#")
    command = _command(keys, question, call, now, language)
    if command is not None:
        return Understanding(command=command)
    if question is None or question.collect.kind not in (*BY_KEY, "choices"):
        return None
    if question.collect.kind == "bool":
        return _understood(Value(YES_OR_NO[keys]) if keys in YES_OR_NO else None)
    if question.collect.kind == "choice":
        return _understood(next((Value(c.value) for c in page(question, call).choices if c.key == keys), None))
    return _understood(_several(pressed(keys, question, call), question))


def pressed(keys: str, question: Question, call: OnCall) -> tuple[str, ...] | None:
    """The values chosen so far, on this page and those before it; None where a key is no option's."""
    by_key = {choice.key: choice.value for choice in page(question, call).choices}
    if not set(keys) <= by_key.keys():
        return None
    return tuple(dict.fromkeys((*call.chosen, *(by_key[key] for key in keys))))


def _command(keys: str, question: Question | None, call: OnCall, now: float, language: str) -> Command | None:
    if keys == PERSON:
        return "person"
    if keys == BACK or (keys == AGAIN and now - call.starred_at < TWICE_S):
        return "back"
    if keys == AGAIN:
        return "repeat"
    if keys == OTHER_LANGUAGE:
        return "english" if language == "es" else "spanish"
    if question is not None and question.collect.kind not in (*BY_KEY, "choices"):
        return None
    return "more" if keys.endswith(MORE) and (question is None or page(question, call).more) else None


def _several(values: tuple[str, ...] | None, question: Question) -> Value | None:
    alone = {choice.value for choice in question.choices if choice.exclusive}
    return None if not values or (len(values) > 1 and not alone.isdisjoint(values)) else Value(values)


def _understood(value: Value | None) -> Understanding:
    return Understanding(answer=value or NotAnAnswer())


def _keyed(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    return tuple(changed(choice, key=str(number)) for number, choice in enumerate(choices, 1))
