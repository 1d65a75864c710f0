"""Two workers, a member, an operator's luck and Twilio, in random order: what holds whatever happens when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.bootstrap import Bot
from bot.outbound import Refused
from bot.records import deliveries, outbox
from bot.records import tables as t
from bot.records.database import reading
from bot.records.deliveries import Report
from bot.records.outbox import Due
from bot.twilio_rest import TwilioRest
from bot.walk import run_id
from bot.worker import SENDING_S
from tests.outbound.fake_twilio import (
    BREAKS,
    BREAKS_BEFORE_READING,
    BUSY,
    FAILS,
    HANGS,
    UNREACHABLE,
    FakeTwilio,
    How,
    InProcess,
    refuses,
    reports_on,
)
from tests.phone import START, Clock, Phone, rows

PHONES, WORKERS = 2, 2
ENDED = {"sent", "delivered", "undelivered", "failed", "dropped", "unknown"}
PATIENT_ATTEMPTS = 5  # after so many a wait may be longer than the next text waits for

HOWS = st.sampled_from(
    [
        *[How()] * 4,
        *[How(fate=30003)] * 2,
        *[How(says=says, fate=fate) for says in ("hangs", "breaks", 500) for fate in ("delivered", 30003)],
        *(How(fate=30006), How(fate=21610), HANGS, FAILS, BREAKS),
        *(BREAKS_BEFORE_READING, UNREACHABLE, BUSY, BUSY, refuses(21606), refuses(21211), refuses(21610)),
    ]
)
PHONE, WORKER = st.integers(0, PHONES - 1), st.integers(0, WORKERS - 1)
STEPS = st.one_of(
    st.tuples(st.just("post"), PHONE),
    st.tuples(st.just("take"), WORKER),
    st.tuples(st.just("send"), WORKER, HOWS),
    st.tuples(st.just("work"), WORKER, HOWS),
    st.tuples(st.just("work"), WORKER, HOWS),
    st.tuples(st.just("race"), HOWS, HOWS),
    st.tuples(st.just("die"), WORKER, st.none() | HOWS),
    st.tuples(st.just("report"), st.integers(0, 50)),
    st.tuples(st.just("report"), st.integers(0, 50)),
    st.tuples(st.just("repeat"), st.integers(0, 50)),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 6.0, 30.0, SENDING_S + 1, 700.0, 2000.0])),
    st.tuples(st.just("stop"), PHONE),
)


@dataclass
class Story:
    """One schedule as it is played, and what it showed."""

    bot: Bot
    clock: Clock
    phones: list[Phone]
    fake: FakeTwilio = field(default_factory=FakeTwilio)
    in_hand: dict[int, Due] = field(default_factory=dict)
    posted: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # by conversation, in order
    unreported: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    reported: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    first_sent: list[str] = field(default_factory=list)  # texts, as Twilio first took them
    excused: set[tuple[str, str]] = field(default_factory=set)  # (before, after) that may go out the other way round

    def __post_init__(self) -> None:
        self.outlet = TwilioRest(self.bot.settings, InProcess(self.fake))

    def play(self, name: str, *what: Any) -> None:
        self.clock.now += 0.01
        step: Callable[..., None] = getattr(self, name)
        step(*what)

    def post(self, phone: int) -> None:
        conversation, now = self.phones[phone].conversation, self.clock()
        with self.bot.records.begin() as conn:
            outbox.post(conn, self.bot.vault, conversation, "a text", "staff", now)
        self.posted[conversation].append(run_id("outbox", conversation, "staff", now))

    def take(self, worker: int) -> None:
        if worker in self.in_hand:
            return
        now = self.clock()
        outbox.let_go(self.bot.records, now - SENDING_S, again=False)
        with reading(self.bot.records) as conn:
            ids = outbox.due(conn, now)
        for outbox_id in ids:
            text = outbox.take(self.bot.records, self.bot.vault, outbox_id, now)
            if text is None:
                continue
            self._look_at_those_before(text)
            if text.allowed:
                assert text.conversation not in self.opted_out, "taken to be sent after an opt-out"
                self.in_hand[worker] = text
                return
            outbox.drop(self.bot.records, text)

    def _look_at_those_before(self, text: Due) -> None:
        """Those whose wait is long, or whose fate is unknown, may come after this one."""
        before = self.posted[text.conversation][: self.posted[text.conversation].index(text.id)]
        for row in rows(self.bot, t.outbox, t.outbox.c.id.in_(before)):
            if row.state == "unknown" or (row.state == "due" and row.attempts >= PATIENT_ATTEMPTS):
                self.excused.add((row.id, text.id))

    def send(self, worker: int, how: How) -> None:
        text = self.in_hand.pop(worker, None)
        if text is None:
            return
        outcome = self._send(text, how)
        if isinstance(outcome, Refused) and outcome.code == 21610:
            self.opted_out.add(text.conversation)
        deliveries.settle(self.bot.records, self.bot.vault, text, outcome, self.clock())

    def _send(self, text: Due, how: How) -> object:
        self.fake.script.append(how)
        known = len(self.fake.taken)
        outcome = self.outlet.send(text)
        for sms in self.fake.taken[known:]:
            self.unreported += [(sms.outbox, fields) for fields in reports_on(sms)]
            if sms.outbox not in self.first_sent:
                self.first_sent.append(sms.outbox)
        return outcome

    def work(self, worker: int, how: How) -> None:
        self.take(worker)
        self.send(worker, how)

    def race(self, first: How, second: How) -> None:
        """Both look for a text at the same time; who looked last is quicker to send it."""
        self.take(0)
        self.take(1)
        self.send(1, first)
        self.send(0, second)

    def die(self, worker: int, how: How | None) -> None:
        """Before it sends, or after and before it notes so."""
        text = self.in_hand.pop(worker, None)
        if text is not None and how is not None:
            self._send(text, how)

    def report(self, which: int) -> None:
        if self.unreported:
            self._report(*self.unreported.pop(which % len(self.unreported)))

    def repeat(self, which: int) -> None:
        if self.reported:
            self._report(*self.reported[which % len(self.reported)])

    def _report(self, text: str, fields: dict[str, str]) -> None:
        self.reported.append((text, fields))
        code = int(fields.get("ErrorCode", 0))
        heard = Report(text, fields["MessageSid"], fields["MessageStatus"], code)
        deliveries.take_report(self.bot.records, self.bot.vault, heard, self.clock())
        if code == 21610:
            self.opted_out.add(self._conversation(text))

    def _conversation(self, text: str) -> str:
        return next(conversation for conversation, texts in self.posted.items() if text in texts)

    def stop(self, phone: int) -> None:
        self.phones[phone].text("STOP")
        self.opted_out.add(self.phones[phone].conversation)

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    def end(self) -> None:
        """Everybody does what is left to do, and Twilio works."""
        for worker in range(WORKERS):
            self.send(worker, How())
        for _ in range(200):
            while self.unreported:
                self.report(0)
            if not rows(self.bot, t.outbox, t.outbox.c.state.in_(("due", "sending"))):
                return
            self.wait(300)
            self.work(0, How())

    def check(self) -> None:
        texts = [text for ordered in self.posted.values() for text in ordered]
        states = {row.id: row.state for row in rows(self.bot, t.outbox)}
        assert set(texts) == set(states)
        assert set(states.values()) <= ENDED, "every text comes to an end"
        for text in texts:
            copies = [sms.fate for sms in self.fake.taken if sms.outbox == text]
            assert set(copies[:-1]) <= {30003}, "sent again though it may have arrived"
            assert len(copies) <= 3
            assert states[text] != "delivered" or copies[-1] == "delivered"
            assert states[text] not in ("failed", "undelivered") or "delivered" not in copies
        for ordered in self.posted.values():
            out = [text for text in self.first_sent if text in ordered]
            for earlier in ordered:
                overtaken_by = out[: out.index(earlier)] if earlier in out else []
                swapped = {text for text in overtaken_by if ordered.index(text) > ordered.index(earlier)}
                assert all((earlier, text) in self.excused for text in swapped), "two texts were swapped"


def forget(bot: Bot) -> None:
    with bot.records.begin() as conn:
        for table in (t.outbox, t.deliveries, t.opt_outs, t.consents, t.flagged_numbers, t.inbound):
            conn.execute(table.delete())


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=5, max_size=60))
def test_whatever_happens_no_text_is_doubled_swapped_or_left(bot: Bot, clock: Clock, steps: list[tuple[Any]]) -> None:
    phones = [Phone(bot, clock, f"+131755501{number:02}") for number in range(PHONES)]
    for phone in phones:
        phone.text("START")
        phone.text("hi")
    clock.now = max(clock.now, START) + 3600
    forget(bot)
    story = Story(bot, clock, phones)
    for phone in range(PHONES):
        story.post(phone)
        story.post(phone)
    for step in steps:
        story.play(*step)
    story.end()
    story.check()
