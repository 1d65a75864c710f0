"""The longest flow by telephone: a caller who speaks, one who only keys, and callers through a relay operator, who
types what the line says and voices what they type. Time is that of a clock by hand: an hour's call takes seconds."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import msgspec

from bot import engine, keypad
from bot.bootstrap import Bot, open_bot
from bot.config import ensure_keys, load_settings
from bot.content.load import load_content
from bot.deciding import moment_of
from bot.embedded_redis import redis_for
from bot.inputs import MessageReceived
from bot.loading import conversation_of, plan_of
from bot.members.import_csv import import_members
from bot.questionnaire import enabled_questions
from bot.records.database import reading
from bot.records.sealing import open_session
from bot.records.stored import load_conversation
from bot.render import fill, title
from bot.session import OnCall
from bot.walk import Question
from webhooks.bench.failure import BenchFailed
from webhooks.bench.people import town_of
from webhooks.calls.happenings import ManualClock, Mode, Pace, Post
from webhooks.calls.in_process import call_line
from webhooks.calls.line import Line
from webhooks.calls.twiml import Gather, Say, Verb, parse
from webhooks.startup import ready_database, ready_model
from webhooks.voice import PAUSE_BEFORE_THE_REST, WORDS_GO_ON

BEGAN = 1_801_584_000.0  # a Tuesday noon in Indiana
MEMBER_ID, BIRTH_DATE, ZIP = "990000000001", "1990-05-17", "46204"
MOST_TURNS = 120
OPERATOR_TYPES_WPM = 60.0  # what an operator must be able to do, 47 CFR 64.604(a)(1)
OPERATOR_TURNS_S = 3.0  # from one side to the other
READS_AND_THINKS_S = 5.0
SPOKEN_ALOUD_S = 1.5
_ANNOUNCEMENT = "Hello, this is relay operator 1234 with a relay call. Go ahead."
_GOALS = {"menu_choice": "screening"}
_LAST = "screening_submit"

Answers = Literal["speech", "keys"]


class Way(msgspec.Struct, frozen=True):
    """How somebody calls. `typed_wpm` is how fast a caller types to the operator; 0 without one."""

    name: str
    answers: Answers = "speech"
    typed_wpm: float = 0.0


WAYS = (
    Way("speaks"),
    Way("keys only", "keys"),
    Way("relay, 60 words a minute", typed_wpm=60),
    Way("relay, 45 words a minute", typed_wpm=45),
    Way("relay, 30 words a minute", typed_wpm=30),
)


class Called(msgspec.Struct, frozen=True):
    """One whole call."""

    way: Way
    turns: int
    questions: int
    time_outs: int  # silences that the line took for nobody being there
    not_understood: int
    minutes: float
    spoken_seconds: float  # by the line
    longest_turn_seconds: float  # spoken in one go


class RelayReport(msgspec.Struct, frozen=True):
    questions: int
    calls: tuple[Called, ...]


def measure_relay(say: Callable[[str], None], step: Callable[[], None] = lambda: None) -> RelayReport:
    """Call once in each way. Raises BenchFailed where a call does not come to its end."""
    with tempfile.TemporaryDirectory() as folder:
        clock = ManualClock(BEGAN)
        ensure_keys(Path(folder))
        with redis_for(load_settings({"SAMPLE_DATA": "no"}, Path(folder))) as settings:
            ready_database(settings, load_content(settings.flows), say).dispose()
            ready_model(settings, say)
            calls = []
            for number, way in enumerate(WAYS):
                with open_bot(settings, clock) as bot:
                    calls.append(_Caller(bot, clock, way, _newcomer(bot, Path(folder), number)).whole_call())
                step()
    return RelayReport(max(call.questions for call in calls), tuple(calls))


def _newcomer(bot: Bot, folder: Path, number: int) -> str:
    """A made-up woman of 36: of all adults she is asked the most."""
    member_id = str(int(MEMBER_ID) + number)
    file = folder / f"member-{number}.csv"
    with file.open("w", newline="") as out:
        sheet = csv.writer(out)
        sheet.writerow(("plan", "member_id", "first_name", "last_name", "birth_date", "sex", "zip", "benefits_begin"))
        sheet.writerow((town_of(bot).plan, member_id, "Pat", "Sample", BIRTH_DATE, "F", ZIP, "2020-01-01"))
    if import_members(bot.records, bot.vault, bot.content.current.plans, file).added != 1:
        raise BenchFailed("the made-up member could not be imported")
    return member_id


@dataclass(slots=True)
class _Caller:
    bot: Bot
    clock: ManualClock
    way: Way
    member_id: str

    @property
    def relay(self) -> bool:
        return self.way.typed_wpm > 0

    def whole_call(self) -> Called:
        line = call_line(self.bot, "+13175550142", town_of(self.bot).number, self.clock)
        line.start()
        heard = line.listen()
        if self.relay:
            line.say(_ANNOUNCEMENT)
            heard = line.listen()
        asked: list[str] = []
        while asked[-1:] != [_LAST] and not line.over and len(asked) < MOST_TURNS:
            question, call = self._question(line)
            asked.append(question.collect.slot)
            heard = self._answer(line, question, call, heard)
        if asked[-1] != _LAST or self._question(line)[0].collect.slot == _LAST:
            raise BenchFailed(f"{self.way.name}: the screening was not sent; the last question was {asked[-1]}")
        return self._measured(line, asked)

    def _measured(self, line: Line, asked: list[str]) -> Called:
        spoken = [len(entry.text.split()) / Pace().words for entry in line.log if entry.who == "line"]
        said = " ".join(entry.text for entry in line.log if entry.who == "line")
        return Called(
            way=self.way,
            turns=sum("/turn" in post.url for post in line.posts),
            questions=len(set(asked)),
            time_outs=_time_outs(line),
            not_understood=sum(said.count(words) for words in ("did not get that", "not clear yet", "do not get it")),
            minutes=line.seconds / 60,
            spoken_seconds=sum(spoken),
            longest_turn_seconds=_longest(line),
        )

    # --- answering ---

    def _answer(self, line: Line, question: Question, call: OnCall, heard: str) -> str:
        words = self._words(question)
        if self.way.answers == "keys":
            return self._key(line, question, call, words)
        if self.relay:
            return self._voice(line, words, heard)
        _hear_out(line)
        line.wait(SPOKEN_ALOUD_S)
        line.say(words)
        return line.listen()

    def _voice(self, line: Line, words: str, heard: str) -> str:
        """The operator types the rest of what the line said, turns to the caller and voices what they type."""
        typing = len(heard.split()) * (60 / OPERATOR_TYPES_WPM - 1 / Pace().words)
        line.wait(max(typing, 0.0) + OPERATOR_TURNS_S + READS_AND_THINKS_S)
        if line.mode is Mode.LISTENING:
            line.say(f"{words} go ahead", wpm=self.way.typed_wpm)
        return line.listen()

    def _key(self, line: Line, question: Question, call: OnCall, words: str) -> str:
        _hear_out(line)
        keys = "".join(letter for letter in words if letter.isdigit())
        if question.choices and question.collect.kind in ("choice", "choices"):
            keys = self._key_of(line, question, call, self._value(question))
        elif question.collect.kind == "bool":
            keys = "1" if words == "yes" else "2"
        elif not keys:
            line.say(words)  # a name has no keys
            return line.listen()
        line.press(keys if len(keys) == keypad.DIGITS.get(question.collect.kind) else f"{keys}#")
        return line.listen()

    def _key_of(self, line: Line, question: Question, call: OnCall, value: str) -> str:
        """The key of an option, after as many pages as it takes."""
        pages = keypad.pages(question, relay=False)
        for page in pages:
            key = next((choice.key for choice in page.choices if choice.value == value), "")
            if key:
                return key
            line.press(f"{keypad.MORE}#" if question.collect.kind == "choices" else keypad.MORE)
            line.listen()
        raise BenchFailed(f"{value} stands on no page of {question.collect.slot}")

    def _words(self, question: Question) -> str:
        match question.collect.kind:
            case "member_id":
                return " ".join(self.member_id) if not self.relay else self.member_id
            case "birth_date":
                year, month, day = BIRTH_DATE.split("-")
                return f"{month}{day}{year}" if self.way.answers == "keys" else f"{int(month)}/{int(day)}/{year}"
            case "date":
                return "03152027" if self.way.answers == "keys" else "March 15 2027"
            case "zip":
                return ZIP
            case "bool":
                return "yes"
            case "choice" | "choices":
                value = self._value(question)
                chosen = next(choice for choice in question.choices if choice.value == value)
                return fill(title(chosen, "en"), question.slots, "en")
            case _:
                return "something else"

    def _value(self, question: Question) -> str:
        """The option after which most is asked; at equal length the first."""
        goal = _GOALS.get(question.collect.slot)
        values = [choice.value for choice in question.choices]
        if goal in values:
            return str(goal)
        several = question.collect.kind == "choices"

        def asked_after(value: str) -> int:
            slots = {**question.slots, question.collect.slot: [value] if several else value}
            return len(enabled_questions(question.flow, slots))

        return max(values, key=asked_after)

    # --- where the call stands ---

    def _question(self, line: Line) -> tuple[Question, OnCall]:
        """The open question, and what the call has of its own."""
        call = line.posts[0].fields["CallSid"]
        message = MessageReceived("", self.clock.now, "", town_of(self.bot).number, "", call=call)
        conversation, content = conversation_of(self.bot, message), self.bot.content.current
        with reading(self.bot.records) as conn:
            row = load_conversation(conn, conversation)
        if row is None:
            raise BenchFailed("the call has left nothing behind")
        session = open_session(self.bot.vault, conversation, row.session)
        found = engine.stands_at(session, content, moment_of(self.bot, plan_of(content, message.recipient), message))
        if not isinstance(found, Question):
            raise BenchFailed(f"{self.way.name}: the call stands at no question before the screening was sent")
        return found, session.call or OnCall()


def _hear_out(line: Line) -> None:
    """Whoever calls hears a long prompt to its end before they answer."""
    while line.mode is Mode.LISTENING and _timeout(line.posts[-1]) == PAUSE_BEFORE_THE_REST:
        line.silence()


def _time_outs(line: Line) -> int:
    """Silences that were taken for nobody being there; not the pauses after which a long prompt or answer goes on."""
    count = 0
    for before, post in pairwise(line.posts):
        silent = "/turn" in post.url and not (post.fields.get("Digits") or post.fields.get("SpeechResult"))
        count += silent and _timeout(before) not in (PAUSE_BEFORE_THE_REST, WORDS_GO_ON)
    return count


def _timeout(post: Post) -> int:
    """Seconds of silence after which the document of this post gives up."""
    return next((verb.timeout for verb in parse(post.document) if isinstance(verb, Gather)), 0)


def _longest(line: Line) -> float:
    """Seconds the line speaks in one document."""
    return max(_words(parse(post.document)) for post in line.posts if post.document) / Pace().words


def _words(verbs: Sequence[Verb]) -> int:
    prompts = [prompt for verb in verbs for prompt in (verb.prompts if isinstance(verb, Gather) else (verb,))]
    return sum(len(prompt.text.split()) for prompt in prompts if isinstance(prompt, Say))
