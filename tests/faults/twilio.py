"""A Twilio to test with: delivers signed webhooks over real sockets, in order for each conversation, again on failure
or not, and shows what the member's phone got: by the webhook's answer or by the outbox."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode
from xml.etree import ElementTree

from sqlalchemy import select

from bot.bootstrap import Bot
from bot.records import tables as t
from bot.records.database import reading
from tests.phone import OURS
from tests.twilio.signed import FORM, sign, sms_form
from tests.webhooks.fake_bot import BASE

PATIENCE_S = 180.0  # how long a member waits for a reply before the test calls it lost
# Twilio hangs up after 15 s. Not here: an answer that a busy machine gives later still counts as given, so that what is
# lost is lost by a dead process.
PATIENT_S = 60.0
TARGET = "/webhooks/sms"


@dataclass(slots=True)
class Twilio:
    """A member's phone company, for many members at once."""

    port: int
    bot: Bot
    failures: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # from a message to its reply
    by_webhook: dict[str, list[float]] = field(default_factory=dict)  # message -> when replies came with its webhooks
    by_outbox: dict[str, str] = field(default_factory=dict)
    _arrived: threading.Condition = field(default_factory=threading.Condition)
    _asking: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def text(self, number: str, sid: str, words: str, *, twice: bool) -> str:
        """Send one text and wait for its reply. `twice`: the webhook is delivered twice at once, and again on failure;
        otherwise one whose connection fails is not repeated once CareStart has claimed its message."""
        began = time.monotonic()
        answer = self._deliver_twice(number, sid, words) if twice else self._deliver(number, sid, words, again=False)
        reply = answer or self._from_outbox(sid)
        self.seconds.append(time.monotonic() - began)
        return reply

    def watch_outbox(self) -> None:
        """Show what the worker sends on the members' phones, until `stop`."""
        while not self._stop.wait(0.1):
            self.look_at_outbox()

    def look_at_outbox(self) -> None:
        o = t.outbox.c
        with reading(self.bot.records) as conn:
            sent = conn.execute(select(o.message_id, o.body_sealed).where(o.state == "sent")).all()
        with self._arrived:
            for row in sent:
                if row.message_id not in self.by_outbox:
                    self.by_outbox[row.message_id] = self.bot.vault.open(row.body_sealed, "outbox.body").decode()
            self._arrived.notify_all()

    def stop(self) -> None:
        self._stop.set()

    def _deliver_twice(self, number: str, sid: str, words: str) -> str:
        """Two deliveries at once; one of their answers, empty where neither has any."""
        answers: list[str] = []
        all_at_once([lambda: answers.append(self._deliver(number, sid, words, again=True))] * 2)
        told = {answer for answer in answers if answer}
        assert len(told) <= 1, "two deliveries of one message were answered differently"
        return told.pop() if told else ""

    def _from_outbox(self, sid: str) -> str:
        with self._arrived:
            assert self._arrived.wait_for(lambda: sid in self.by_outbox, PATIENCE_S), f"{sid} was never answered"
            return self.by_outbox[sid]

    def _deliver(self, number: str, sid: str, words: str, *, again: bool) -> str:
        """One delivery, with the connection retries that Twilio makes; the text answered, empty for none."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            outcome = post(self.port, number, sid, words)
            if isinstance(outcome, Answer) and outcome.status == 200:
                if outcome.text:
                    self.by_webhook.setdefault(sid, []).append(time.time())
                return outcome.text
            self.failures[outcome if isinstance(outcome, str) else str(outcome.status)] += 1
            if not again and self._claimed(number, sid):
                return ""
            time.sleep(random.uniform(0.5, 1.0))
        raise AssertionError(f"{sid} could not be delivered: {self.failures}")

    def _claimed(self, number: str, sid: str) -> bool:
        with self._asking:  # one at a time: hundreds of threads would want a connection each
            return claimed(self.bot, number, sid)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `text` is what its TwiML sends, empty for nothing."""

    status: int
    text: str
    body: str = ""


def post(
    port: int, number: str, sid: str, words: str, timeout: float = PATIENT_S
) -> Answer | Literal["refused", "broken"]:
    """One signed webhook on a connection of its own."""
    fields = sms_form(MessageSid=sid, SmsSid=sid, SmsMessageSid=sid, From=number, To=OURS, Body=words)
    headers = {"X-Twilio-Signature": sign(BASE + TARGET, fields), "Content-Type": FORM, "Connection": "close"}
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        line.request("POST", TARGET, urlencode(fields, doseq=True), headers)
        response = line.getresponse()
        body = response.read().decode()
    except ConnectionRefusedError:
        return "refused"
    except (OSError, http.client.HTTPException):
        return "broken"
    finally:
        line.close()
    return Answer(response.status, message_in(body) if response.status == 200 else "", body)


def message_in(twiml: str) -> str:
    return "".join(node.text or "" for node in ElementTree.fromstring(twiml).iter("Message"))


def claimed(bot: Bot, number: str, sid: str) -> bool:
    """Whether CareStart has this message: in the inbox, taken, or recorded."""
    from bot.inputs import MessageReceived
    from bot.loading import conversation_of
    from bot.session_store import _keys

    talk = conversation_of(bot, MessageReceived("", 0, number, OURS, ""))
    _, _, bodies, reply, _ = _keys(talk, sid)
    redis = bot.sessions._redis
    if redis.hexists(bodies, sid) or redis.exists(reply):
        return True
    with reading(bot.records) as conn:
        return conn.execute(select(t.inbound.c.state).where(t.inbound.c.message_id == sid)).first() is not None


def all_at_once(jobs: list[Callable[[], None]]) -> None:
    """Run these in a thread each; the first failure is raised."""
    wrong: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001  # handed to the test's own thread below
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
