"""Delivers records to the plan's own systems as they are written: reads what is due, sends it, and says what became of
it. At least once; in order for each member; what a receiver refuses is left to staff (bot.records.dispatches)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.bootstrap import Bot
from bot.config import Settings
from bot.records import dispatches
from bot.records.database import Away, reading
from bot.records.dispatches import Dispatch, Problem, Sink
from bot.records.export import member_resource, record
from bot.sinks.fhir import FhirServer
from bot.sinks.http import Arrived, Failed
from bot.sinks.webhook import SignedWebhook
from bot.vault import SealBroken

SENDING_S = 120.0  # a dispatch being sent for longer was in the hands of a worker that died
DELIVER_FOR_S = 5.0  # what still waits then is left to the next round, so that no receiver holds up another
FIRST_REST_S = 2.0
LONGEST_REST_S = 60.0
CLOSE_S = 10.0

# It is the receiver that ails, not this record: it is left alone for a while, whatever else waits for it.
_AILING: frozenset[Problem] = frozenset({"unreachable", "timeout", "unwell", "not_let_in", "nonsense"})

log = logging.getLogger(__name__)


class Receiver(Protocol):
    """A way to one of the plan's systems."""

    name: Sink

    def send(self, dispatch: Dispatch, record: dict[str, Any], patient: dict[str, Any] | None) -> Arrived | Failed:
        """`record` as exports write it; `patient` is whom it is about, where they are known."""
        ...


@dataclass(slots=True)
class Line:
    """A receiver, and how long it is left alone since it last failed."""

    receiver: Receiver
    rests_until: float = 0.0
    rest: float = FIRST_REST_S

    def failed(self, now: float) -> None:
        self.rests_until, self.rest = now + self.rest, min(2 * self.rest, LONGEST_REST_S)

    def works(self) -> None:
        self.rest = FIRST_REST_S


class Courier:
    """Delivers in a thread of its own, whenever it is woken: a receiver that hangs keeps no member waiting."""

    def __init__(self, bot: Bot) -> None:
        self._bot, self._lines = bot, open_lines(bot.settings)
        self._woken, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        if self._lines:
            self._thread.start()

    def wake(self) -> None:
        """Something may be due."""
        self._woken.set()

    def close(self) -> None:
        """What is being sent is finished, within bounds; what was not noted as sent by then is sent once more later."""
        self._ended.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while self._woken.wait() and not self._ended.is_set():
            self._woken.clear()
            try:
                deliver_due(self._bot, self._lines)
            except Away:
                log.warning("the records are away: delivered later")
            except Exception as error:  # noqa: BLE001  # a courier that ends delivers nothing any more
                log.error("a delivery failed on our side", extra={"ids": {"error": type(error).__name__}})


def open_lines(settings: Settings) -> list[Line]:
    """One to each system that the settings name."""
    makers: Mapping[str, Callable[[Settings], Receiver]] = {"webhook": SignedWebhook, "fhir": FhirServer}
    return [Line(makers[sink](settings)) for sink in settings.deliver_to]


def deliver_due(bot: Bot, lines: Sequence[Line]) -> None:
    """One round: send what is due to every receiver that is not left alone."""
    dispatches.let_go(bot.records, bot.clock() - SENDING_S)
    for line in lines:
        if bot.clock() >= line.rests_until:
            _deliver_to(bot, line)


def _deliver_to(bot: Bot, line: Line) -> None:
    until = bot.clock() + DELIVER_FOR_S
    while ids := _due(bot, line.receiver.name):
        for id in ids:
            dispatch = dispatches.take(bot.records, id, bot.clock())
            if dispatch is not None and not _deliver(bot, line, dispatch):
                return
            if bot.clock() >= until:
                return


def _due(bot: Bot, sink: Sink) -> list[int]:
    with reading(bot.records) as conn:
        return dispatches.due(conn, sink, bot.clock())


def _deliver(bot: Bot, line: Line, dispatch: Dispatch) -> bool:
    """Whether this receiver may be sent more."""
    outcome = _outcome(bot, line.receiver, dispatch)
    now = bot.clock()
    if isinstance(outcome, Arrived):
        line.works()
        dispatches.arrived(bot.records, dispatch, now)
        return True
    ids = {"sink": dispatch.sink, "dispatch": dispatch.uid, "problem": outcome.problem, "status": outcome.status}
    log.warning("a record did not arrive", extra={"ids": ids})
    dispatches.failed(bot.records, dispatch, outcome.problem, now, status=outcome.status, again_in=outcome.again_in)
    if outcome.problem in _AILING:
        line.failed(now)
        return False
    return True


def _outcome(bot: Bot, receiver: Receiver, dispatch: Dispatch) -> Arrived | Failed:
    """A fault of ours is one of this record: tried again, then shown to staff, and the rest goes on."""
    try:
        return _send(bot, receiver, dispatch)
    except Away:
        raise
    except SealBroken:
        return Failed("unreadable")
    except Exception as error:  # noqa: BLE001  # whatever it is, it must not come back every round for ever
        log.error(
            "a record could not be sent", extra={"ids": {"dispatch": dispatch.uid, "error": type(error).__name__}}
        )
        return Failed("unreadable")


def _send(bot: Bot, receiver: Receiver, dispatch: Dispatch) -> Arrived | Failed:
    plans = bot.content.current.plans
    with reading(bot.records) as conn:
        found = record(conn, bot.vault, plans, dispatch.kind, dispatch.record)
        whom = member_resource(conn, bot.vault, plans, dispatch.about)
    return Failed("gone") if found is None else receiver.send(dispatch, found, whom)
