"""The product as it runs, in processes of its own that are started again whenever they die."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import ROOT
from tests.postgres import database_of
from tests.webhooks.fake_bot import ACCOUNT, BASE, TOKEN

LEASE_S, TURN_S, WEBHOOK_S = 2.0, 1.0, 4.0
SENDING_S = 5.0  # how long a text may be in a worker's hands before that worker counts as dead


def quick(redis_url: str, data: Path) -> dict[str, str]:
    """Settings under which a dead holder is succeeded in two seconds."""
    return {
        "CARESTART_DATA": str(data),
        "REDIS_URL": redis_url,
        "SAMPLE_DATA": "no",
        "LEASE_SECONDS": str(LEASE_S),
        "TURN_SECONDS": str(TURN_S),
        "WEBHOOK_SECONDS": str(WEBHOOK_S),
        "LOG_LEVEL": "error",
        "PUBLIC_BASE_URL": BASE,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PORT": str(_free_port()),
        **database_of(data),
    }


@dataclass(slots=True)
class Service:
    """A web server and a worker under a small supervisor."""

    settings: Mapping[str, str]
    log: Path
    started: dict[str, int] = field(default_factory=dict)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return int(self.settings["PORT"])

    def keep(self, module: str) -> None:
        """Run this program of ours, again whenever it ends."""
        with (self.log / f"{module}.log").open("ab") as log:
            while not self._stop.is_set():
                process = subprocess.Popen(
                    [sys.executable, "-m", module],
                    cwd=ROOT,
                    env={**os.environ, **self.settings, "FAULT_BEAT": str(self.log / "worker.beat")},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
                self._running[module] = process
                self.started[module] = self.started.get(module, 0) + 1
                while process.poll() is None and not self._stop.is_set():
                    time.sleep(0.02)
                if process.poll() is None:
                    _end(process)

    def kill_now_and_then(self, module: str, every: float) -> None:
        """kill -9, at random times after its first round: one that dies while it starts does no work at all."""
        beat = self.log / "worker.beat"
        while not self._stop.wait(0.1):
            if beat.exists():
                self._stop.wait(random.uniform(0, 2 * every))
                beat.unlink(missing_ok=True)
                with suppress(ProcessLookupError, KeyError):
                    self._running[module].send_signal(signal.SIGKILL)

    def stop(self) -> None:
        self._stop.set()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@contextmanager
def serving(settings: Mapping[str, str], log: Path, *, kill_worker_every: float = 0.0) -> Iterator[Service]:
    """A web server that answers and a worker, until the end of the block."""
    service = Service(settings, log)
    jobs = [
        threading.Thread(target=service.keep, args=("tests.faults.web",)),
        threading.Thread(target=service.keep, args=("tests.faults.worker",)),
    ]
    if kill_worker_every:
        again = (("tests.faults.worker"), kill_worker_every)
        jobs.append(threading.Thread(target=service.kill_now_and_then, args=again))
    for job in jobs:
        job.start()
    try:
        deadline = time.monotonic() + 60
        while not service.answers():
            assert time.monotonic() < deadline, (log / "tests.faults.web.log").read_text()[-2000:]
            time.sleep(0.1)
        yield service
    finally:
        service.stop()
        for job in jobs:
            job.join()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
