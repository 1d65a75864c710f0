"""Whatever members send, whenever: nothing raises, nothing told is lost, nothing is recorded twice, and the answers
are the position."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select, update

from bot.bootstrap import Bot
from bot.records import tables as t
from bot.records import turn as records
from bot.records.database import reading
from bot.session import decode, encode
from nlu.understanding import Urgency
from tests.golden import NAMES, script
from tests.phone import Clock, Phone, bot_on, count, new_sid, rows, speaks_a_null

LONGEST = 1600  # characters of a text: Twilio refuses a longer one
SLOWEST = 5.0  # seconds of this process's own time: a turn's bound
ENOUGH, MANY = 12, 400  # examples: in make test, in make proof

# What is only ever added to: no row of these changes or goes.
LOGS = (
    t.answers, t.preferences, t.consents, t.pmp_choices, t.completions, t.rewards, t.findings, t.referrals,
    t.verification_failures, t.audit, t.ownership, t.acts,
)  # fmt: skip
MUTABLE = (
    *(table for table in LOGS if table is not t.audit),  # the database itself keeps the audit
    t.handoffs, t.screenings, t.runs, t.inbound, t.outbox, t.conversations, t.spoken_of, t.phone_links, t.opt_outs,
)  # fmt: skip


# --- a bot for many examples -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str, sample: Path, clock: Clock) -> Iterator[Bot]:
    with bot_on(tmp_path_factory.mktemp("properties"), redis_url, clock, sample) as made:
        yield made


def fresh(bot: Bot, redis_url: str) -> None:
    """As it was before anyone texted."""
    forget_redis(redis_url)
    with bot.records.begin() as conn:
        for table in MUTABLE:
            conn.execute(table.delete())
        conn.execute(update(t.members).values(version=0))


def forget_redis(redis_url: str) -> None:
    server = redis.Redis.from_url(redis_url)
    server.flushall()
    server.close()


# --- what members send -----------------------------------------------------------------------------------------------

COMMANDS = [
    "BACK", "skip", "MENU", "repeat", "why?", "later", "CHANGE", "more", "restart", "resume", "AGENT", "ENGLISH",
    "español", "atrás", "saltar", "HELP", "STOP", "START", "ayuda", "I don't want to say", "wrong number",
]  # fmt: skip
OPTION_WORDS = [
    "yes", "no", "sí", "none", "mail", "email", "text", "correo", "doctor", "health screening", "progress", "a person",
    "asthma and diabetes", "never", "not sure", "new search", "1 4", "the second one", "Noah", "someone else",
    "I don't have it", "family doctor near 46204", "Dr Osei", "woman who speaks Spanish",
]  # fmt: skip
FACTS = [
    "999900000011", "9999-0000-0014", "4/23/1979", "2/17/1984", "1979-13-45", "tomorrow", "46204", "00000",
    "daniel@example.org", "not@an", "12 Oak St, Gary IN 46402", "Brian Hart", "3175550110",
]  # fmt: skip
ODD = [
    "",
    " ",
    "?",
    "🙂",
    "👍🏽👍🏽",
    "“yes”",
    "{name}",
    "{{1}}",
    "None",
    "null",
    "%s %(x)s",
    "\n\n1\n",
    "a" * 1600,
    "1" * 1600,
]

member_texts = st.one_of(
    st.integers(0, 12).map(str),
    st.sampled_from(COMMANDS),
    st.sampled_from(OPTION_WORDS),
    st.sampled_from(FACTS),
    st.sampled_from(ODD),
    st.dates().map(lambda day: f"{day.month}/{day.day}/{day.year}"),
    st.floats(allow_nan=True).map(str),
    st.text(max_size=80),
    st.lists(st.sampled_from([*OPTION_WORDS, *COMMANDS, *FACTS]), min_size=2, max_size=4).map(" ".join),
    st.text(min_size=1, max_size=12).map(lambda part: (part * LONGEST)[:LONGEST]),
)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happens: a text, perhaps after a while; or an earlier one delivered again."""

    words: str = ""
    after: float = 0.0
    again: int | None = None  # how far back among what was sent
    forgotten: bool = False  # Redis lost everything before


moves = st.one_of(
    st.builds(Move, words=member_texts, after=st.sampled_from([0.0, 0.0, 0.0, 3600.0, 90_000.0])),
    st.builds(Move, words=member_texts),
    st.builds(Move, again=st.integers(0, 40), forgotten=st.booleans()),
)

stories = st.tuples(
    st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(name), st.integers(0, len(script(name).turns)))),
    st.lists(moves, min_size=1, max_size=10),
)


# --- what must hold --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything recorded: the logs row by row, and the rest."""

    logs: dict[str, list[tuple[Any, ...]]]
    completed: frozenset[str]  # screenings
    messages: frozenset[str]


def kept(bot: Bot) -> Kept:
    with reading(bot.records) as conn:
        logs = {table.name: [tuple(row) for row in conn.execute(_in_order(table))] for table in LOGS}
        done = conn.scalars(select(t.screenings.c.run).where(t.screenings.c.status == "completed"))
        return Kept(logs, frozenset(done), frozenset(conn.scalars(select(t.inbound.c.message_id))))


def _in_order(table: Table) -> Any:
    return select(table).order_by(table.c.id)


def only_grew(before: Kept, after: Kept) -> None:
    for name, log in before.logs.items():
        assert log == after.logs[name][: len(log)], f"{name} lost or changed a row"
    assert before.completed <= after.completed
    assert before.messages <= after.messages


@dataclass(slots=True)
class Told:
    """A phone that checks every turn."""

    phone: Phone
    redis_url: str
    sent: list[tuple[str, str, str | None]] = field(default_factory=list)  # id, words, reply

    def do(self, move: Move) -> None:
        if move.again is None or not self.sent:
            self.phone.wait(move.after)
            self.text(move.words)
        else:
            self.deliver_again(self.sent[-1 - move.again % len(self.sent)], move.forgotten)

    def text(self, words: str, **more: Any) -> str | None:
        sid, before, began = new_sid(), kept(self.phone.bot), time.process_time()
        reply = self.phone.text(words, sid, **more)
        assert time.process_time() - began < SLOWEST
        assert reply is None or isinstance(reply, str)
        speakable(reply or "")
        after = kept(self.phone.bot)
        only_grew(before, after)
        assert after.messages == before.messages | {sid}
        assert self.phone.question() == self.phone.question_from_the_log()
        self.sent.append((sid, words, reply))
        return reply

    def deliver_again(self, sent: tuple[str, str, str | None], forgotten: bool) -> None:
        sid, words, reply = sent
        if forgotten:
            forget_redis(self.redis_url)
        before = kept(self.phone.bot)
        assert reply == self.phone.text(words, sid)
        assert before == kept(self.phone.bot)


def speakable(reply: str) -> None:
    assert len(reply) <= LONGEST
    assert "{" not in reply
    assert not speaks_a_null(reply), "a null slot was spoken"


def sessions_survive_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every session that a turn records reads back as the very same."""
    write = records.record

    def record(engine: Any, vault: Any, turn: records.TurnTaken) -> Any:
        assert turn.after == decode(encode(turn.after))
        return write(engine, vault, turn)

    monkeypatch.setattr(records, "record", record)


def tell(bot: Bot, clock: Clock, redis_url: str, story: tuple[tuple[str, int], list[Move]]) -> None:
    """The beginning of a transcript, then whatever comes."""
    (name, length), then = story
    fresh(bot, redis_url)
    golden = script(name)
    clock.now = golden.at
    told = Told(Phone(bot, clock, golden.turns[0].sender, golden.ours), redis_url)
    for turn in golden.turns[:length]:
        told.phone.number = turn.sender
        told.phone.wait(turn.wait)
        told.phone.text(turn.words, **turn.more)
    with pytest.MonkeyPatch.context() as patch:
        sessions_survive_storage(patch)
        for move in then:
            told.do(move)


UNHURRIED = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "derandomize": True}


@settings(max_examples=ENOUGH, **UNHURRIED)
@given(story=stories)
def test_whatever_members_send_nothing_raises_is_lost_or_doubled(
    bot: Bot, clock: Clock, redis_url: str, story: tuple[tuple[str, int], list[Move]]
) -> None:
    tell(bot, clock, redis_url, story)


@pytest.mark.proof
@settings(max_examples=MANY, **{**UNHURRIED, "derandomize": False, "print_blob": True})
@given(story=stories)
def test_whatever_members_send_at_length(
    bot: Bot, clock: Clock, redis_url: str, story: tuple[tuple[str, int], list[Move]]
) -> None:
    tell(bot, clock, redis_url, story)


# --- at any question -------------------------------------------------------------------------------------------------

CRISES: tuple[tuple[str, Urgency], ...] = (
    ("I want to kill myself", "self_harm"),
    ("me quiero matar", "self_harm"),
    ("I have chest pain", "medical"),
    ("my husband hits me", "violence"),
    ("I took too many pills", "overdose"),
    ("my water broke", "labor"),
)
EVERY_KIND_OF_QUESTION = (
    "check_progress/reward.en", "do_screening/pregnant.es", "do_screening/child.en", "choose_person/parent_of_two.en",
    "choose_pmp/search.en", "choose_pmp/none_fits.es", "verify_member/guardian.en", "verify_member/no_id.en",
    "set_preference/email_corrected.en", "set_preference/odd.es",
)  # fmt: skip


@pytest.mark.parametrize("name", EVERY_KIND_OF_QUESTION)
def test_danger_and_stop_come_first_at_every_question(bot: Bot, clock: Clock, redis_url: str, name: str) -> None:
    """At each question once: the crisis text and staff told, then on; STOP, silence, START, on from there."""
    fresh(bot, redis_url)
    golden = script(name)
    clock.now = golden.at
    phone, asked = Phone(bot, clock, golden.turns[0].sender, golden.ours), set[str]()
    for turn in golden.turns:
        phone.number = turn.sender
        phone.wait(turn.wait)
        phone.text(turn.words, **turn.more)
        question = phone.question()
        path = question.partition(":")[2]
        if question and path not in asked:
            in_danger(phone, question, *CRISES[len(asked) % len(CRISES)])
            stopped(phone, question)
            asked.add(path)
    assert len(asked) > 3


def in_danger(phone: Phone, question: str, words: str, kind: Urgency) -> None:
    urgent = (t.handoffs.c.urgent, t.handoffs.c.reason == f"crisis_{kind}")
    before, answers = count(phone.bot, t.handoffs, *urgent), count(phone.bot, t.answers)
    said = {variation.text[language] for variation in phone.bot.content.current.responses[f"utter_crisis_{kind}"]
            for language in ("en", "es")}  # fmt: skip
    assert phone.text(words) in said, f"at {question}"
    assert before + 1 == count(phone.bot, t.handoffs, *urgent)
    assert phone.text("hm") is not None
    assert answers == count(phone.bot, t.answers), "something was taken as an answer"
    assert question == phone.question()
    phone.text("REPEAT")


def stopped(phone: Phone, question: str) -> None:
    assert phone.text("STOP") is not None, f"at {question}"
    assert 1 == len(rows(phone.bot, t.opt_outs))
    for words in ("1", "hello?", "46204", "I want a doctor", "STOP", "MENU", "HELP"):
        assert phone.text(words) is None, f"{words} at {question}"
    phone.text("START")
    assert [] == rows(phone.bot, t.opt_outs)
    assert question == phone.question()
