"""When the worker works: when woken, each second in any case, and by the clock alone while the queue is away."""

from __future__ import annotations

import faulthandler
import logging
import threading
import time
from collections.abc import Callable
from types import FrameType

import redis
from rq import Queue, SimpleWorker, worker_registration
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.timeouts import BaseDeathPenalty
from rq.utils import now

from bot.wake import ROUND_S, RoundJob, open_queue

BEAT_S = 60.0  # how often RQ is told that this worker lives, where nothing else tells it
BREATH_S = 0.05  # between rounds, however often one is woken: each looks at everything

log = logging.getLogger(__name__)

Round = Callable[[], None]


class EndsTheProcess(BaseDeathPenalty):
    """What hangs is ended together with its process, which is what every other part of it is prepared for; the places
    where its threads stood go to stderr. An exception in the midst of a turn could be taken for a fault of that turn,
    and would not reach a call that never returns."""

    def setup_death_penalty(self) -> None:
        faulthandler.dump_traceback_later(self._timeout, exit=True)

    def cancel_death_penalty(self) -> None:
        faulthandler.cancel_dump_traceback_later()


def keep_going(url: str, round_: Round, every: float, stop: threading.Event) -> None:
    """Do rounds until `stop` is set: RQ's worker does while the queue at `url` answers. Only for the main thread."""
    queue = open_queue(url, every + 1.0)  # more than the wait for a wake takes
    away = False
    while not stop.is_set():
        if _answers(queue):
            away = False
            _work(queue, round_, every, stop)
        elif not away:
            away = True
            log.warning("the queue is away: rounds go by the clock")
        if not stop.is_set():
            _watched(round_)
            stop.wait(every)


def _answers(queue: Queue) -> bool:
    try:
        return bool(queue.connection.ping())
    except redis.RedisError:
        return False


def _work(queue: Queue, round_: Round, every: float, stop: threading.Event) -> None:
    """Until `stop` is set or the queue goes away; RQ's worker ends with the queue."""
    try:
        RoundsWorker(queue, round_, every, stop).work(logging_level="WARNING")
    except redis.RedisError as error:
        log.warning("the queue does not answer", extra={"ids": {"error": type(error).__name__}})


def _watched(round_: Round) -> None:
    with EndsTheProcess(ROUND_S):  # type: ignore[no-untyped-call]
        round_()


class RoundsWorker(SimpleWorker):
    """RQ's worker for our one job, in this process: the bot is opened once."""

    death_penalty_class = EndsTheProcess
    log_result_lifespan = False

    def __init__(self, queue: Queue, round_: Round, every: float, stop: threading.Event) -> None:
        self._round, self._every, self._stop = round_, every, stop
        self._rested = self._beaten = 0.0
        super().__init__(
            [queue],
            connection=queue.connection,
            job_class=RoundJob,
            serializer=queue.serializer,
            log_job_description=False,
        )

    @property
    def connection_timeout(self) -> float:  # type: ignore[override]
        """As the queue was opened: one that hangs is away too, and RQ would wait for seven minutes."""
        return self._every + 1.0

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """The round in hand is finished. Nothing is written to Redis: this may come while it is away."""
        self._stop.set()
        self._stop_requested = True

    def subscribe(self) -> None:
        """Nobody commands this worker through Redis."""

    def check_for_suspension(self, burst: bool) -> None:
        """Nobody stops it through Redis: members wait."""

    def run_maintenance_tasks(self) -> None:
        """Forget workers that died, and what they had in hand. RQ would also look after groups and rate limits, which
        nobody here uses, and would unpickle what it finds there."""
        [queue] = self.queues
        worker_registration.clean_worker_registry(queue)
        queue.started_job_registry.cleanup()
        queue.failed_job_registry.cleanup()
        queue.intermediate_queue.cleanup(self, queue)
        self.last_cleaned_at = now()  # type: ignore[assignment]

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Wait to be woken, doing a round each second meanwhile. None when told to stop; what Redis raises goes on."""
        while not self._stop.wait(max(0.0, self._rested + BREATH_S - time.monotonic())):
            self._beat()
            try:
                return self._next()
            except DequeueTimeout:
                _watched(self._round)
                self._rested = time.monotonic()
        return None

    def execute_job(self, job: Job, queue: Queue) -> None:
        assert isinstance(job, RoundJob)
        job.round = self._round
        super().execute_job(job, queue)
        self._rested = time.monotonic()

    def _next(self) -> tuple[Job, Queue] | None:
        return self.queue_class.dequeue_any(
            self.queues,
            self._every,  # type: ignore[arg-type]  # Redis takes fractions of a second
            connection=self.connection,
            job_class=self.job_class,
            serializer=self.serializer,
            death_penalty_class=self.death_penalty_class,
        )

    def _beat(self) -> None:
        if time.monotonic() - self._beaten > BEAT_S:
            self._beaten = time.monotonic()
            self.heartbeat()
