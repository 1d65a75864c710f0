"""The worker is woken through a queue, works by the clock without it, and is killed: real processes, a real server."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from rq import Callback, Queue
from rq.command import send_shutdown_command
from rq.serializers import JSONSerializer
from rq.suspension import suspend

from bot.bootstrap import Bot
from bot.config import ROOT
from bot.desk_turn import take_act
from bot.embedded_redis import EmbeddedRedis
from bot.inputs import Claim, Write
from bot.records import outbox
from bot.records import tables as t
from bot.wake import QUEUE, ROUND, QueueAway, Waker, open_queue, wake, workers_at
from bot.worker import EVERY_S
from tests.faults import people
from tests.phone import Phone, bot_on, count, rows
from tests.postgres import database_of
from webhooks.diagnosis import check_queue

SELDOM = 60.0  # seconds between rounds of a worker that has to be woken
SOON_S = 0.5
PATIENCE_S = 30.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A server of this test's own, to be stopped and started."""
    server = EmbeddedRedis(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def queue(server: EmbeddedRedis) -> Queue:
    return open_queue(server.start())


@dataclass
class Now:
    """The real time, which a phone may put ahead a little; its texts then seem to come later than they do."""

    now: float = 0.0

    def __call__(self) -> float:
        return time.time()


@pytest.fixture
def bot(tmp_path: Path, server: EmbeddedRedis, sample: Path) -> Iterator[Bot]:
    with bot_on(tmp_path / "data", server.start(), Now(), sample, twilio_opt_out="self") as bot:  # type: ignore[arg-type]
        yield bot


@pytest.fixture
def member(bot: Bot) -> Phone:
    """Someone who has said hi."""
    phone = Phone(bot, Now(), people.phone(0))  # type: ignore[arg-type]
    phone.text("hi")
    return phone


@dataclass(slots=True)
class Workers:
    """Workers of the product on this bot's stores."""

    bot: Bot
    folder: Path
    _all: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, every: float, **more: str) -> subprocess.Popen[bytes]:
        """One that has done its first round and waits."""
        data = self.bot.settings.data
        given = {
            "CARESTART_DATA": str(data),
            "REDIS_URL": self.bot.settings.redis_url.reveal(),
            "SAMPLE_DATA": "no",
            "SIMULATOR": "yes",
            "WAITING_EVERY": str(every),
            "WAITING_FOLDER": str(self.folder),
            **database_of(data),
            **more,
        }
        before = workers_at(given["REDIS_URL"])
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "tests.faults.waiting"]
            self._all.append(subprocess.Popen(command, cwd=ROOT, env={**os.environ, **given}, stdout=log, stderr=log))
        wait_for(lambda: workers_at(given["REDIS_URL"]) > before, self.log)
        return self._all[-1]

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def sent(self) -> list[str]:
        return [line.split("\t")[2] for line in self._lines()]

    def sent_at(self, text: str) -> float:
        """When it was sent; waits for it."""
        wait_for(lambda: text in self.sent, self.log)
        return next(float(line.split("\t")[0]) for line in self._lines() if line.endswith(f"\t{text}"))

    def _lines(self) -> list[str]:
        file = self.folder / "sent"
        return file.read_text().splitlines() if file.exists() else []

    def end(self) -> None:
        for process in self._all:
            process.kill()
            process.wait()


@pytest.fixture
def worker(bot: Bot, tmp_path: Path) -> Iterator[Workers]:
    running = Workers(bot, tmp_path)
    yield running
    running.end()


_texts = itertools.count(1)


def put(bot: Bot, phone: Phone) -> str:
    """Something due now, committed; nobody is told."""
    text = f"text {next(_texts)}"
    with bot.records.begin() as conn:
        assert outbox.post(conn, bot.vault, phone.conversation, text, "staff", time.time())
    return text


def wait_for(done: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.01)


@contextmanager
def hanging(worker: Workers) -> Iterator[None]:
    """Whatever is sent hangs; inside the block something does."""
    (worker.folder / "hang").touch()
    yield
    (worker.folder / "hang").unlink()


def in_the_hands_of_one(worker: Workers) -> None:
    wait_for((worker.folder / "hanging").exists, worker.log)


def test_what_an_agent_writes_leaves_at_once(bot: Bot, member: Phone, worker: Workers) -> None:
    worker.start(SELDOM)
    take_act(bot, Claim(uuid4().hex, bot.clock(), "agent:kim", member.conversation))
    written = time.monotonic()
    take_act(bot, Write(uuid4().hex, bot.clock(), "agent:kim", member.conversation, text="Good morning"))
    assert worker.sent_at("Good morning") - written < SOON_S


def test_a_turn_that_puts_nothing_down_wakes_nobody(bot: Bot, member: Phone, queue: Queue) -> None:
    member.text("help")
    bot.waker.close()
    assert 0 == queue.count


@pytest.mark.proof
def test_a_wake_that_is_lost_costs_the_next_tick_only(bot: Bot, member: Phone, worker: Workers) -> None:
    worker.start(EVERY_S)
    for _ in range(3):
        put_at = time.monotonic()
        assert worker.sent_at(put(bot, member)) - put_at < EVERY_S + SOON_S
    assert "queue" not in worker.log.read_text(), "it is there all the time"


def test_a_wake_during_a_round_makes_another(bot: Bot, member: Phone, worker: Workers, queue: Queue) -> None:
    worker.start(SELDOM)
    with hanging(worker):
        first = put(bot, member)
        wake(queue)
        in_the_hands_of_one(worker)
        second = put(bot, member)  # this round has looked already
        wake(queue)
    assert worker.sent_at(first) < worker.sent_at(second)


def test_wakes_are_one_while_one_waits(queue: Queue) -> None:
    for _ in range(5):
        wake(queue)
    assert 1 == queue.count


@pytest.mark.parametrize(("outlet", "times"), [({"WAITING_REPEATABLE": "yes"}, 1), ({}, 0)])
def test_a_worker_killed_in_mid_round_is_succeeded_at_once(
    bot: Bot, member: Phone, worker: Workers, queue: Queue, outlet: dict[str, str], times: int
) -> None:
    dead = worker.start(SELDOM, **outlet)
    with hanging(worker):
        lost = put(bot, member)
        wake(queue)
        in_the_hands_of_one(worker)
        dead.kill()
        dead.wait()
    other = Phone(bot, Now(), people.phone(1))  # type: ignore[arg-type]
    other.text("hi")
    worker.start(SELDOM, **outlet)
    put_at = time.monotonic()
    text = put(bot, other)
    wake(queue)
    assert worker.sent_at(text) - put_at < SOON_S, "a dead worker's job holds up no wake"

    def let_go() -> bool:
        wake(queue)
        return {"sent" if times else "unknown", "sent"} == {row.state for row in rows(bot, t.outbox)}

    wait_for(let_go, worker.log)
    assert times == worker.sent.count(lost)


def test_a_round_that_hangs_is_ended_with_its_process(bot: Bot, member: Phone, worker: Workers, queue: Queue) -> None:
    stuck = worker.start(SELDOM, WAITING_ROUND="1")
    with hanging(worker):
        put(bot, member)
        wake(queue)
        assert stuck.wait(PATIENCE_S) != 0
    assert "waiting.py" in worker.log.read_text(), "it says where it hung"


def test_the_worker_goes_on_while_redis_is_dead_and_is_woken_again_after(
    bot: Bot, member: Phone, worker: Workers, server: EmbeddedRedis, queue: Queue
) -> None:
    worker.start(0.5)
    texts = []
    for _ in range(2):
        keeper = int((server.folder / "keeper.pid").read_text())
        os.kill(keeper, signal.SIGKILL)  # and with it the server
        wait_for(lambda: not server.running(), worker.log)
        with pytest.raises(QueueAway):
            wake(queue)
        texts.append(put(bot, member))
        worker.sent_at(texts[-1])
        server.start()
        wait_for(lambda: workers_seen(queue) >= 1, worker.log)
        texts.append(put(bot, member))
        wake(queue)
        worker.sent_at(texts[-1])
    assert texts == worker.sent
    wait_for(lambda: len(texts) == count(bot, t.outbox, t.outbox.c.state == "sent"), worker.log)


def workers_seen(queue: Queue) -> int:
    """Those alive: who died with the server is still on its books."""
    return sum(client["name"] != "" for client in queue.connection.client_list())


@pytest.mark.proof
def test_two_workers_send_each_text_once(bot: Bot, member: Phone, worker: Workers, queue: Queue) -> None:
    worker.start(0.2)
    worker.start(0.2)
    texts = []
    for _ in range(40):
        texts.append(put(bot, member))
        wake(queue)
    for text in texts:
        worker.sent_at(text)
    assert sorted(texts) == sorted(worker.sent)


def test_a_worker_told_to_stop_finishes_its_round(bot: Bot, member: Phone, worker: Workers, queue: Queue) -> None:
    told = worker.start(1.0)
    with hanging(worker):
        text = put(bot, member)
        wake(queue)
        in_the_hands_of_one(worker)
        told.send_signal(signal.SIGTERM)
        time.sleep(0.1)
    assert 0 == told.wait(PATIENCE_S)
    assert [text] == worker.sent
    assert 0 == workers_at(bot.settings.redis_url.reveal())


def test_rounds_leave_nothing_behind_in_redis(bot: Bot, member: Phone, worker: Workers, queue: Queue) -> None:
    worker.start(SELDOM)
    for _ in range(20):
        text = put(bot, member)
        wake(queue)
        worker.sent_at(text)
    time.sleep(0.2)
    left = {key.decode() for key in queue.connection.scan_iter("rq:*")}
    assert not [key for key in left if key.startswith("rq:job:") or "results" in key or "executions" in key]
    assert len(left) <= 6, left


class Pickled:
    """Makes a folder where somebody unpickles it."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def __reduce__(self) -> Any:
        return os.mkdir, (self.folder,)


def test_whoever_can_write_to_the_queue_can_only_wake_the_worker(
    bot: Bot, member: Phone, worker: Workers, queue: Queue, tmp_path: Path
) -> None:
    worker.start(SELDOM)
    made = [tmp_path / f"forged {number}" for number in range(4)]
    forge = Queue(QUEUE, connection=queue.connection, serializer=JSONSerializer)
    forge.enqueue("os.mkdir", str(made[0]))
    forge.enqueue(ROUND, on_success=Callback("tests.faults.test_rounds.called_back"), meta={"made": str(made[1])})
    forge.enqueue("os.rmdir", "nowhere", on_failure=Callback("tests.faults.test_rounds.called_back"))
    unpickled = Queue(QUEUE, connection=queue.connection)
    unpickled.enqueue("os.mkdir", Pickled(made[2]))
    unpickled.enqueue(ROUND, meta={"made": Pickled(made[3])})
    queue.connection.set("rq:called_back", "no")
    suspend(queue.connection)
    for name in queue.connection.smembers("rq:workers"):
        send_shutdown_command(queue.connection, name.decode().removeprefix("rq:worker:"))
    wait_for(lambda: not queue.count, worker.log)
    text = put(bot, member)
    wake(queue)
    worker.sent_at(text)
    assert not [folder for folder in made if folder.exists()]
    assert b"no" == queue.connection.get("rq:called_back")


def called_back(_job: object, connection: redis.Redis, *_rest: object) -> None:
    connection.set("rq:called_back", "yes")


def test_who_wakes_a_queue_that_is_away_does_not_wait(server: EmbeddedRedis, caplog: pytest.LogCaptureFixture) -> None:
    url = server.start()
    server.stop()
    waker = Waker(url)
    began = time.monotonic()
    waker.wake()
    assert time.monotonic() - began < 0.05
    wait_for(lambda: "the queue is away" in caplog.text, server.log)
    waker.close()


def test_the_doctor_says_who_waits_to_be_woken(bot: Bot, worker: Workers, server: EmbeddedRedis) -> None:
    worker.start(SELDOM)
    [finding] = check_queue(bot.settings)
    assert finding.found.startswith("1 of ") and not finding.remedy
    server.stop()
    [finding] = check_queue(bot.settings)
    assert "QUEUE_URL" in finding.remedy
