"""`carestart run`: from an empty folder to a served product, once per folder, and gone without a trace."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.postgres import database_of

ROOT = Path(__file__).parents[2]
START_SECONDS = 90  # a busy machine, and a classifier to train

pytestmark = pytest.mark.slow


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def carestart(*arguments, **settings):
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | settings
    program = [sys.executable, "-m", "webhooks.cli", *map(str, arguments)]
    return subprocess.Popen(program, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Running:
    """A `carestart run` that serves."""

    def __init__(self, data, workers=1, **settings):
        self.port = free_port()
        self.process = carestart("run", "--data", data, "--port", self.port, "--workers", workers, **settings)
        self.said = ""
        deadline = time.monotonic() + START_SECONDS
        while "Ctrl-C ends it" not in self.said:
            line = self.process.stdout.readline()
            assert line, f"ended with {self.process.wait()}: {self.said}"
            assert time.monotonic() < deadline, self.said
            self.said += line

    def end(self, how):
        self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=30)
        return rest

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@pytest.fixture
def running():
    """Starts `carestart run`; whatever still runs at the end is ended."""
    started = []

    def start(data):
        started.append(Running(data, **database_of(data)))
        return started[-1]

    yield start
    for run in started:
        run.process.kill()
        run.process.communicate()


def eventually(true, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.1)


def processes_of(data):
    """Every process that names this data folder or has it in its environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(data).encode() in told and int(folder.name) != os.getpid():
            found.append(folder.name)
    return found


@pytest.mark.timeout(300)
def test_a_newcomer_runs_it_twice_and_the_data_stays(tmp_path, running):
    data = tmp_path / "data"
    first = running(data)
    assert "Loading sample providers" in first.said and "Loading sample members" in first.said
    assert "CareStart is ready" in first.said
    assert f"http://127.0.0.1:{first.port}/simulator/" in first.said
    assert first.answers()

    again = carestart("run", "--data", data, "--port", free_port())
    assert "already runs on" in again.communicate(timeout=60)[0]
    assert 1 == again.returncode

    elsewhere = carestart("run", "--data", tmp_path / "other", "--port", first.port)
    assert f"port {first.port} is in use" in elsewhere.communicate(timeout=60)[0]

    doctor = carestart("doctor", "--data", data, **database_of(data))
    said = doctor.communicate(timeout=60)[0]
    assert 0 == doctor.returncode, said

    assert "Stopped; the data stays" in first.end(signal.SIGINT)
    assert 0 == first.process.returncode
    second = running(data)
    assert "Loading" not in second.said
    assert second.answers()

    second.end(signal.SIGKILL)
    if Path("/proc/self/environ").exists():
        eventually(lambda: not processes_of(data))
    eventually(lambda: not second.answers())


def test_the_doctor_says_what_to_do_about_an_empty_installation(tmp_path):
    doctor = carestart("doctor", "--data", tmp_path, **database_of(tmp_path))
    said = doctor.communicate(timeout=60)[0]
    assert 1 == doctor.returncode
    assert "carestart migrate" in said
    assert "embedded Redis answers" in said
