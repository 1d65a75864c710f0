"""kill -9 of the worker between all steps of a delivery, of Redis, and receivers that fail: nothing lost, nothing that
a receiver could not know for a repeat, every member's records in order. In real processes, over real sockets."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Bot
from bot.config import ROOT
from bot.embedded_redis import EmbeddedRedis
from bot.records import dispatches
from bot.records import tables as t
from bot.setting_values import Secret
from tests.delivery.conftest import TOKEN
from tests.delivery.receiver import SECRET, Fault, Receiver, receiving
from tests.faults import seams
from tests.fhir_peer import FhirServer, fhir_server
from tests.phone import Clock, bot_on, rows
from tests.postgres import database_of

MEMBERS, EACH = 6, 5
FAULTS: list[Fault] = [500, "drop_before", "drop_after", "midway", "hang", *[200] * 5]
FHIR_FAULTS: list[dict[str, Any]] = [{"status": 500}, {"drop": "after"}, {"hang": "after"}, *[{}] * 3]
PATIENCE_S = 100.0


@dataclass
class Storm:
    """A worker that dies at every step, a Redis that is killed, and two receivers that fail."""

    bot: Bot
    redis: EmbeddedRedis
    receiver: Receiver
    server: FhirServer
    log: Path

    def write(self) -> None:
        """Some records about some members, each member's in turn."""
        members = [row.id for row in rows(self.bot, t.members)[:MEMBERS]]
        for number in range(EACH):
            for member in members:
                with self.bot.records.begin() as conn:
                    dispatches.write(conn, "preferences", _preference(member, number))

    def rage(self) -> None:
        """Until everything has arrived."""
        self.receiver.faults = random.choices(FAULTS, k=40)
        self.server.faults(random.choices(FHIR_FAULTS, k=30))
        began, killed = time.monotonic(), 0
        with worker(self._environment()) as start_again:
            while {"sent"} != {row.state for row in rows(self.bot, t.dispatches)}:
                assert time.monotonic() < began + PATIENCE_S, self._left()
                start_again()
                if time.monotonic() > began + 4 * (killed + 1) and killed < 2:
                    killed += self._kill_redis()
                time.sleep(0.05)

    def _environment(self) -> dict[str, str]:
        self.log.mkdir()
        data = self.bot.settings.data
        return {
            "CARESTART_DATA": str(data),
            "REDIS_URL": self.redis.start(),
            "SAMPLE_DATA": "no",
            "DELIVERY_WEBHOOK_URL": self.receiver.url,
            "DELIVERY_WEBHOOK_SECRETS": SECRET,
            "DELIVERY_FHIR_URL": self.server.base,
            "DELIVERY_FHIR_TOKEN": TOKEN,
            "FAULT_SEAMS": ",".join(seams.OF_A_DELIVERY),
            "FAULT_ONE_IN": "6",
            "FAULT_BUDGET": "1",
            "FAULT_MIN_AGE": "0",
            "FAULT_LOG": str(self.log),
            **database_of(data),
        }

    def _kill_redis(self) -> bool:
        """The server and its keeper, who would start it again at once."""
        os.kill(int((self.redis.folder / "keeper.pid").read_text()), signal.SIGKILL)
        while self.redis.running():
            time.sleep(0.05)
        time.sleep(1)
        self.redis.start()
        return True

    def _left(self) -> list[Any]:
        left = [row for row in rows(self.bot, t.dispatches) if row.state != "sent"]
        return [
            len(left),
            time.time(),
            left[0]._asdict(),
            left[-1]._asdict(),
            self.receiver.requests,
            len(self.server.log()),
            seams.deaths(self.log),
        ]


def _preference(member: str, number: int) -> dict[str, Any]:
    return {"member": member, "channel": "mail", "contact_sealed": None, "language": "en",
            "said_by": f"member:{member}", "message_id": f"SM{number}", "at": time.time()}  # fmt: skip


@contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[Any]:
    """A worker's process; the call that is given starts it again where it has died."""
    running: list[subprocess.Popen[bytes]] = []

    def start_again() -> None:
        if not running or running[-1].poll() is not None:
            command = [sys.executable, "-m", "tests.delivery.worker"]
            running.append(subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}))

    try:
        yield start_again
    finally:
        running[-1].kill()
        running[-1].wait()


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_nothing_is_lost_or_doubled_when_worker_redis_and_receivers_fail(
    tmp_path: Path, sample: Path, clock: Clock
) -> None:
    redis = EmbeddedRedis(tmp_path / "redis")
    with receiving() as receiver, fhir_server(TOKEN) as server:
        wanted = {
            "delivery_webhook_url": Secret(receiver.url),
            "delivery_webhook_secrets": Secret(SECRET),
            "delivery_fhir_url": Secret(server.base),
        }
        try:
            with bot_on(tmp_path / "data", redis.start(), clock, sample, **wanted) as bot:
                storm = Storm(bot, redis, receiver, server, tmp_path / "deaths")
                storm.write()
                storm.rage()
                assert set(seams.OF_A_DELIVERY) == set(seams.deaths(storm.log))
                _all_arrived_in_order(bot, receiver)
                _all_are_there_once(bot, server)
        finally:
            redis.stop()


def _all_arrived_in_order(bot: Bot, receiver: Receiver) -> None:
    sent = rows(bot, t.dispatches, t.dispatches.c.sink == "webhook")
    assert MEMBERS * EACH == len(sent)
    place = {one.id: number for number, one in enumerate(receiver.first_arrivals)}
    assert {row.uid for row in sent} == place.keys()
    for member in {row.about for row in sent}:
        arrived = [place[row.uid] for row in sent if row.about == member]
        assert sorted(arrived) == arrived


def _all_are_there_once(bot: Bot, server: FhirServer) -> None:
    written = [row.uid for row in rows(bot, t.preferences)]
    kept = [one["identifier"][0]["value"] for one in server.search("Consent")]
    assert sorted(written) == sorted(kept)
    assert MEMBERS == len(server.search("Patient"))
