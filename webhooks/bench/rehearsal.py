"""Learns one whole conversation from the product itself, in process: what a member writes and what must come back.

Every answer has to move the conversation on to another question, so what is learned is no string of errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from bot import engine
from bot.bootstrap import Bot
from bot.deciding import moment_of
from bot.inputs import MessageReceived
from bot.loading import conversation_of, plan_of
from bot.records.database import reading
from bot.records.sealing import open_session
from bot.records.stored import load_conversation
from bot.session import Session
from bot.turn import handed_over, take_turn
from bot.walk import Question
from nlu.understanding import Expecting
from webhooks.bench.failure import BenchFailed
from webhooks.bench.people import BIRTH_DATE, ZIP, Person, Town

_MOST_TURNS = 80
_GREETING = "HI"
_LAST = "screening_submit"
_GOALS = {"menu_choice": "screening", _LAST: "YES"}  # the way to the screening and out of it
_BACK = "BACK"
_NUMBERS = ("3", "70", "150", "30", "1", "0")
_sids = count(1)


@dataclass(frozen=True, slots=True)
class Line:
    """What the member writes and what CareStart answers."""

    words: str
    reply: str


@dataclass(frozen=True, slots=True)
class Play:
    """A conversation from the greeting to the screening sent. `{member_id}` in the words is the member's own."""

    lines: tuple[Line, ...]
    middle: int  # how many lines lead to the question that `there_and_back` answers and takes back
    there_and_back: tuple[Line, Line]


def rehearse(bot: Bot, town: Town, people: tuple[Person, Person, Person]) -> Play:
    """Find the words with one member, hear the answers with another, and go back and forth with a third."""
    words = _find_words(_Rehearsed(bot, town, people[0]))
    second = _Rehearsed(bot, town, people[1])
    lines = tuple(Line(said, second.say(said)) for said in words)
    middle = len(lines) - len(lines) // 3  # well inside the screening
    return Play(lines, middle, _there_and_back(_Rehearsed(bot, town, people[2]), lines, middle))


def _find_words(member: _Rehearsed) -> list[str]:
    words, slot = [_GREETING], ""
    member.say(_GREETING)
    while len(words) < _MOST_TURNS:
        key, slot, expecting = member.question()
        words.append(_words_that_move_on(member, key, slot, expecting))
        if slot == _LAST:
            return words
    raise BenchFailed(f"the screening was not sent within {_MOST_TURNS} turns; the last question was {slot}")


def _words_that_move_on(member: _Rehearsed, key: str, slot: str, expecting: Expecting) -> str:
    reply = ""
    for words in _candidates(slot, expecting):
        reply = member.say(words)
        if member.key() != key:
            return words
    raise BenchFailed(f"no answer was taken at the question {slot}; the last reply was: {reply}")


def _candidates(slot: str, expecting: Expecting) -> Iterator[str]:
    keys = [option.key for option in expecting.options]
    if slot in _GOALS:
        goal = _GOALS[slot]
        yield next((option.key for option in expecting.options if option.value == goal), goal)
        return
    match expecting.kind:
        case "bool":
            yield from ("NO", "YES")
        case "choice" | "choices":
            yield from keys
        case "member_id":
            yield "{member_id}"
        case "birth_date":
            year, month, day = BIRTH_DATE.split("-")
            yield f"{month}/{day}/{year}"
        case "zip":
            yield ZIP
        case "number":
            yield from _NUMBERS
        case _:
            yield from ("none", "SKIP")


def _there_and_back(member: _Rehearsed, lines: tuple[Line, ...], middle: int) -> tuple[Line, Line]:
    """The words that answer the middle question and BACK, with the replies once both are repeating themselves."""
    for line in lines[:middle]:
        member.say(line.words)
    there = lines[middle].words
    laps = [(member.say(there), member.say(_BACK)) for _ in range(3)]
    if laps[1] != laps[2]:
        raise BenchFailed(f"answering and going back does not repeat itself: {laps[1]} then {laps[2]}")
    return Line(there, laps[1][0]), Line(_BACK, laps[1][1])


@dataclass(frozen=True, slots=True)
class _Rehearsed:
    """A member whose turns are taken in this process."""

    bot: Bot
    town: Town
    person: Person

    def say(self, words: str) -> str:
        message = self._message(words.format(member_id=self.person.member_id))
        reply = take_turn(self.bot, message).text
        handed_over(self.bot, message.id)
        if reply is None:
            raise BenchFailed(f"there was no reply to {words!r}")
        return reply

    def key(self) -> str:
        found = self._open_question()
        return found.key if found else ""

    def _open_question(self) -> Question | None:
        found = engine.stands_at(self._session(), self.bot.content.current, self._moment())
        return found if isinstance(found, Question) else None

    def question(self) -> tuple[str, str, Expecting]:
        """The open question: its place, the slot it fills, what it takes."""
        moment, content = self._moment(), self.bot.content.current
        found = self._open_question()
        expecting = engine.expecting(found, content, moment)
        if found is None or expecting is None:
            raise BenchFailed("the conversation stands at no question before the screening was sent")
        return found.key, found.collect.slot, expecting

    def _message(self, words: str) -> MessageReceived:
        sid = f"SM{'e' * 8}{next(_sids):024x}"
        return MessageReceived(sid, self.bot.clock(), self.person.phone, self.town.number, words)

    def _moment(self) -> engine.Moment:
        plan = plan_of(self.bot.content.current, self.town.number)
        return moment_of(self.bot, plan, self._message(""))

    def _session(self) -> Session:
        conversation = conversation_of(self.bot, self._message(""))
        with reading(self.bot.records) as conn:
            row = load_conversation(conn, conversation)
        if row is None:
            raise BenchFailed("the conversation was not recorded")
        return open_session(self.bot.vault, conversation, row.session)
