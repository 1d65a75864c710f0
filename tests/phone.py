"""A phone to test with: a bot on real stores, a clock by hand, and what was recorded to look at."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from bot import engine
from bot.bootstrap import Bot, build_bot
from bot.config import load_settings
from bot.content import ContentFolder
from bot.deciding import moment_of
from bot.inputs import MessageReceived
from bot.loading import conversation_of, plan_of
from bot.records import tables as t
from bot.records.database import reading
from bot.records.sealing import open_session
from bot.records.stored import fold, load_conversation
from bot.session import Mark, Run, Session, with_run
from bot.turn import handed_over, take_turn
from bot.walk import Question
from tests.postgres import database_of

START = datetime(2027, 2, 2, 16, 0, tzinfo=UTC).timestamp()  # a Tuesday, 11 in the morning in Indiana
OURS = "+13175550100"

_content_folder = cache(ContentFolder)
_sids = itertools.count(1)


@dataclass(slots=True)
class Clock:
    """Time that moves when told to, and a little at every look."""

    now: float = START

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def new_sid() -> str:
    return f"SM{next(_sids):032x}"


@dataclass(slots=True)
class Phone:
    """One member's phone. `text` sends and returns the answer (None: silence)."""

    bot: Bot
    clock: Clock
    number: str = "+13175550199"
    ours: str = OURS
    said: list[tuple[str, str | None]] = field(default_factory=list)

    def text(self, words: str, sid: str = "", **more: Any) -> str | None:
        self.clock.now += 5
        message = MessageReceived(sid or new_sid(), self.clock(), self.number, self.ours, words, **more)
        reply = take_turn(self.bot, message).text
        handed_over(self.bot, message.id)
        self.bot.handovers.flush()  # the clock by hand is faster than the thread behind it
        self.said.append((words, reply))
        return reply

    def texts(self, *words: str) -> str | None:
        """Send several; the last answer."""
        return [self.text(one) for one in words][-1]

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @property
    def conversation(self) -> str:
        return conversation_of(self.bot, MessageReceived("", 0, self.number, self.ours, ""))

    def session(self) -> Session:
        """The durable session, read back from SQL."""
        with reading(self.bot.records) as conn:
            row = load_conversation(conn, self.conversation)
        assert row is not None
        return open_session(self.bot.vault, self.conversation, row.session)

    def question(self) -> str:
        """The question open now, found by walking from what is stored."""
        return self._open(self.session())

    def question_from_the_log(self) -> str:
        """The question open when every run is folded anew from its recorded answers."""
        session = self.session()
        with reading(self.bot.records) as conn:
            for run in (*session.runs, *session.member_runs.values()):
                marks = fold(conn, self.bot.vault, run.id)
                session = with_run(session, Run(run.id, run.flow, tuple(Mark(*mark) for mark in marks)))
        return self._open(session)

    def _open(self, session: Session) -> str:
        found = engine.stands_at(session, self.bot.content.current, self._moment())
        return found.key if isinstance(found, Question) else ""

    def _moment(self) -> engine.Moment:
        plan = plan_of(self.bot.content.current, self.ours)
        return moment_of(self.bot, plan, MessageReceived("", self.clock.now, self.number, self.ours, ""))


def count(bot: Bot, table: Table, *where: Any) -> int:
    with reading(bot.records) as conn:
        return int(conn.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def rows(bot: Bot, table: Table, *where: Any) -> list[Any]:
    with reading(bot.records) as conn:
        return list(conn.execute(select(table).where(*where).order_by(*table.primary_key.columns)))


@contextmanager
def bot_on(data: Path, redis_url: str, clock: Clock, template: Path | None = None, **changes: Any) -> Iterator[Bot]:
    """A bot on a data folder of its own; `template` is a database with the sample people and providers."""
    data.mkdir(parents=True, exist_ok=True)
    if template is not None:
        shutil.copytree(template, data, dirs_exist_ok=True)
    settings = load_settings({"REDIS_URL": redis_url, "SAMPLE_DATA": "no", **database_of(data, template)}, data)
    with pytest.MonkeyPatch.context() as patch:  # reading all content takes most of a second: once is enough
        patch.setattr("bot.bootstrap.ContentFolder", _content_folder)
        bot = build_bot(replace(settings, **changes), clock)
    try:
        yield bot
    finally:
        bot.close()


def counts(bot: Bot) -> dict[str, int]:
    """How many of each record there are."""
    kinds = (t.preferences, t.consents, t.pmp_choices, t.screenings, t.findings, t.referrals, t.rewards, t.handoffs)
    return {str(table.name): found for table in kinds if (found := count(bot, table))}


def speaks_a_null(reply: str) -> bool:
    """A slot without a value was said as "None": not as an option's title, numbered or asked about."""
    return bool(re.search(r"(?<!\d )\bNone\b", re.sub(r"(?m)^Which one do you mean: .*$", "", reply)))
