"""Wakes the worker: one job of RQ's that says nothing but "a round". What is due, and when, stands in SQL."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

QUEUE = "carestart"
ROUND = "round"  # the only job there is
ROUND_S = 120  # a round that takes longer hangs, and is ended
FORGET_S = 60  # what RQ keeps of a job that failed

# What is read back of a job. Whatever else the hash says (functions to call back, addresses to post to, other jobs that
# depend on it) is nothing of ours: whoever can write to this Redis can wake the worker, and nothing more.
_READ = frozenset([b"data", b"origin", b"status", b"created_at", b"enqueued_at", b"started_at", b"ended_at"])

log = logging.getLogger(__name__)


class QueueAway(Exception):
    """The Redis of the queue cannot be reached or cannot answer now: the worker goes by the clock."""


class Refused(Exception):
    """A job in our queue that is none of ours."""


class RoundJob(Job):
    """A job as we take it: its name alone counts, and no function is looked up by it."""

    round: Callable[[], None]  # what to do; from the worker that takes it

    def perform(self) -> None:
        if self.func_name != ROUND:
            raise Refused
        self.round()

    def restore(self, raw_data: dict[bytes, bytes]) -> None:
        super().restore({name: value for name, value in raw_data.items() if name in _READ})
        self.timeout, self.result_ttl, self.failure_ttl = ROUND_S, 0, FORGET_S


def open_queue(url: str, patience: float = 1.0) -> Queue:
    """The queue at this Redis, which is no Cluster; an answer may take `patience` seconds. Nothing is asked yet."""
    options = {"socket_timeout": patience, "socket_connect_timeout": 1.0, "retry": Retry(NoBackoff(), 1)}
    connection = redis.Redis.from_url(url, **options)
    return Queue(QUEUE, connection=connection, job_class=RoundJob, serializer=JSONSerializer)


def wake(queue: Queue) -> None:
    """Have a round begin at once. Wakes are one while one of them waits; one that comes during a round makes another,
    as that round may have looked already. Raises QueueAway."""
    try:
        if not queue.count:
            queue.enqueue(ROUND, job_timeout=ROUND_S, result_ttl=0, failure_ttl=FORGET_S)
    except redis.RedisError as error:
        raise QueueAway from error


def workers_at(url: str) -> int:
    """How many workers wait to be woken there. Raises QueueAway."""
    queue = open_queue(url)
    try:
        return len(SimpleWorker.all(queue=queue))
    except redis.RedisError as error:
        raise QueueAway from error
    finally:
        queue.connection.close()


class Waker:
    """Wakes the worker from a thread of its own, started by the first call: nobody's turn waits for the queue."""

    def __init__(self, url: str) -> None:
        self._queue = open_queue(url)
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Something is due now and has been committed. Where the queue is away, the worker finds it by the clock."""
        self._wanted.set()
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=2)
        self._queue.connection.close()

    def _run(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            if self._ended.is_set():
                return
            try:
                wake(self._queue)
            except QueueAway:
                log.warning("the queue is away: the worker goes by the clock")
