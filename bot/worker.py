"""The work that waits: messages left behind, replies never handed over, texts and alerts due, rewards each day."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from types import FrameType
from uuid import uuid4

from bot.alerting import tell
from bot.bootstrap import Bot, open_bot
from bot.config import Settings
from bot.delivery import Courier
from bot.desk_turn import take_act
from bot.handovers import note_sent
from bot.inputs import LetGo, TellNobodyFree
from bot.outbound import Accepted, Outlet, Simulator
from bot.records import alerts, callbacks, deliveries, outbox, queue, rewards
from bot.records.database import Away, reading
from bot.records.outbox import Due
from bot.records.sealing import seal_reply
from bot.rounds import keep_going
from bot.session_store import StoreAway
from bot.turn import RecordsAway, sweep, take_turn
from bot.twilio_rest import TwilioRest

EVERY_S = 1.0  # a round at least so often, woken or not
UNANSWERED_AFTER_S = 20.0  # a reply not handed over by then goes by the outbox: Twilio has hung up long before
SENDING_S = 60.0  # a text being sent for longer was in the hands of a worker that died
SEND_FOR_S = 5.0  # texts that still wait then are left to the next round: an alert must not wait for all of them
DAY_S = 86_400.0
PATIENCE_WITH_AGENTS = 2  # times the plan's claim_minutes that a member waits for the agent who has the conversation
WORKER = "worker"  # who acts where nobody of staff does

log = logging.getLogger(__name__)


def run_worker(settings: Settings) -> None:
    """Work until told to stop (SIGTERM, SIGINT)."""
    with open_bot(settings) as bot:
        _run(bot, TwilioRest(settings) if bot.twilio_connected else Simulator())


def _run(bot: Bot, outlet: Outlet) -> None:
    stop = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    with closing(Courier(bot)) as courier:
        keep_going(bot.settings.queue_at.reveal(), Rounds(bot, outlet, courier), EVERY_S, stop)


@dataclass(slots=True)
class Rounds:
    """One round at each call, with the rewards of the day in the first of each day. Records leave meanwhile."""

    bot: Bot
    outlet: Outlet
    courier: Courier
    rewarded: float = 0.0

    def __call__(self) -> None:
        bot, now = self.bot, self.bot.clock()
        self.courier.wake()
        work_once(bot, self.outlet)
        if now - self.rewarded >= DAY_S:
            self.rewarded = now
            _guarded("rewards", lambda: rewards.reevaluate_all(bot.records, bot.content.current.plans, now))


def work_once(bot: Bot, outlet: Outlet) -> None:
    """One round of everything; a store that is away spoils only what needs it."""
    for name, job in (
        ("left behind", lambda: take_left_behind(bot)),
        ("postponed", lambda: take_postponed(bot)),
        ("unanswered", lambda: post_unanswered(bot)),
        ("promises", lambda: keep_promises(bot)),
        ("outbox", lambda: send_due(bot, outlet)),
        ("call-backs", lambda: remind_staff(bot)),
        ("alerts", lambda: alert_staff(bot)),
    ):
        _guarded(name, job)


def _guarded(name: str, job: Callable[[], object]) -> None:
    try:
        job()
    except (StoreAway, RecordsAway, *Away):
        log.warning("a store is away: tried again in the next round", extra={"ids": {"job": name}})
    except Exception as error:  # noqa: BLE001  # the other jobs go on: a worker that ends serves nobody
        log.error("a job of the worker failed", extra={"ids": {"job": name, "error": type(error).__name__}})


def _apart(conversation: str, job: Callable[[], object]) -> None:
    """One conversation's fault is not the others'; a store that is away is everybody's."""
    try:
        job()
    except (StoreAway, RecordsAway, *Away):
        raise
    except Exception as error:  # noqa: BLE001  # a message that cannot be opened, say: its webhooks fail, and are seen
        fault = {"conversation": conversation, "error": type(error).__name__}
        log.error("a conversation could not be taken", extra={"ids": fault})


def take_left_behind(bot: Bot) -> None:
    """Give messages their turn whose holder died: they wait in Redis past the lease."""
    for conversation in list(bot.sessions.waiting(bot.clock() - bot.settings.lease_seconds)):
        _apart(conversation, partial(sweep, bot, conversation))


def take_postponed(bot: Bot) -> None:
    """Give messages their turn whose webhook was answered before it."""
    with reading(bot.records) as conn:
        waiting = outbox.pending(conn, bot.vault)
    for conversation, message in waiting:
        _apart(conversation, partial(take_turn, bot, message))


def post_unanswered(bot: Bot) -> None:
    """Send replies never handed over by the outbox. Redis forgets them first: dying in between, they are still due."""
    now = bot.clock()
    with reading(bot.records) as conn:
        lost = outbox.unanswered(conn, now - UNANSWERED_AFTER_S)
    if not lost:
        return
    try:
        for conversation, message_id in lost:
            bot.sessions.forget_reply(conversation, message_id, seal_reply(bot.vault, None))
    except StoreAway:  # members wait: better that a webhook re-delivered after all this time is answered once more
        log.warning("redis is away: replies sent by the outbox could be replayed", extra={"ids": {"count": len(lost)}})
    outbox.post_unanswered(bot.records, bot.vault, [message_id for _, message_id in lost], now)


def send_due(bot: Bot, outlet: Outlet) -> None:
    """Send what is due, each text taken by one worker; what an opt-out or an agent forbids is dropped. What a worker
    died with is sent again where that cannot show it twice."""
    outbox.let_go(bot.records, bot.clock() - SENDING_S, again=outlet.repeatable)
    with reading(bot.records) as conn:
        ids = outbox.due(conn, bot.clock())
    began = bot.clock()
    for outbox_id in ids:
        if bot.clock() - began > SEND_FOR_S:
            return
        text = outbox.take(bot.records, bot.vault, outbox_id, bot.clock())
        if text is not None:
            _send(bot, outlet, text)


def _send(bot: Bot, outlet: Outlet, text: Due) -> None:
    if not text.allowed:
        outbox.drop(bot.records, text)
        return
    outcome = outlet.send(text)
    deliveries.settle(bot.records, bot.vault, text, outcome, bot.clock())
    if isinstance(outcome, Accepted) and text.message_id:
        note_sent(bot.sessions, text.conversation, text.message_id)


def keep_promises(bot: Bot) -> None:
    """Tell who waits for a person that nobody came in time; put back in line whom an agent does not answer."""
    now = bot.clock()
    with reading(bot.records) as conn:
        late = queue.to_be_told(conn, now)
        unanswered = queue.unanswered_by_agents(conn)
    for conversation in late:
        _apart(conversation, partial(_act, bot, TellNobodyFree, conversation))
    for conversation, plan, since in unanswered:
        patience = bot.content.current.plans[plan].claim_minutes if plan in bot.content.current.plans else 0
        if now - since > PATIENCE_WITH_AGENTS * 60 * (patience or 10):
            _apart(conversation, partial(_act, bot, LetGo, conversation))


def _act(bot: Bot, act: type[TellNobodyFree] | type[LetGo], conversation: str) -> None:
    take_act(bot, act(uuid4().hex, bot.clock(), WORKER, conversation))


def remind_staff(bot: Bot) -> None:
    """Have staff told of calls that they are to make soon, or should have made."""
    callbacks.remind_staff(bot.records, bot.settings.alert_by, bot.clock())


def alert_staff(bot: Bot) -> None:
    """Tell staff of what is urgent or due, again until it has arrived."""
    with reading(bot.records) as conn:
        waiting = alerts.due(conn, bot.clock())
    for alert in waiting:
        alerts.settle(bot.records, alert, arrived=tell(bot.settings, alert), now=bot.clock())
