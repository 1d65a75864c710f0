"""A process tree: children come back when they die, and nothing outlives its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from webhooks.process_tree import Child, supervise

ROOT = Path(__file__).parents[2]
# Writes its process id to a file of its own, then sleeps; ends with its parent.
CHILD = """
import os, pathlib, sys, time
from webhooks.process_tree import end_with_parent
end_with_parent(int(sys.argv[2]))
(pathlib.Path(sys.argv[1]) / str(os.getpid())).touch()
time.sleep(600)
"""
STUBBORN = CHILD.replace(
    "time.sleep(600)", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
)
PARENT = """
import os, sys, threading
from webhooks.process_tree import Child, stop_on_signals, supervise
command = [sys.executable, "-c", sys.argv[2], sys.argv[1], str(os.getpid())]
supervise([Child("one", command), Child("two", command)], dict(os.environ), stop_on_signals())
"""


def eventually(true, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.05)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(") ")[2].startswith("Z"))


def pids(folder):
    return [int(file.name) for file in folder.iterdir()]


@pytest.fixture
def tree(tmp_path):
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, tmp_path, CHILD], env=environ)
    eventually(lambda: len(pids(tmp_path)) == 2)
    yield parent
    parent.kill()
    parent.wait()


def test_a_child_that_dies_is_started_again(tree, tmp_path):
    first = pids(tmp_path)
    os.kill(first[0], signal.SIGKILL)
    eventually(lambda: len(pids(tmp_path)) == 3)
    assert alive(first[1])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_child_and_then_the_parent(tree, tmp_path, how):
    tree.send_signal(how)
    assert 0 == tree.wait(15)
    assert not any(map(alive, pids(tmp_path)))


def test_children_end_when_the_parent_is_killed(tree, tmp_path):
    tree.kill()
    tree.wait()
    eventually(lambda: not any(map(alive, pids(tmp_path))))


def test_a_child_that_keeps_dying_is_started_ever_more_seldom():
    said = []
    stopping = threading.Event()
    timer = threading.Timer(4.0, stopping.set)
    timer.start()
    supervise([Child("broken", [sys.executable, "-c", "raise SystemExit(3)"])], {}, stopping, say=said.append)
    assert "broken ended with status 3; starting it again in 1 s" == said[0]
    assert "broken ended with status 3; starting it again in 2 s" == said[1]
    assert len(said) <= 3


def test_a_child_that_will_not_end_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("webhooks.process_tree._GRACE_SECONDS", 0.5)
    command = [sys.executable, "-c", STUBBORN, str(tmp_path), str(os.getpid())]
    stopping = threading.Event()
    started = threading.Timer(0, lambda: (eventually(lambda: pids(tmp_path)), time.sleep(0.3), stopping.set()))
    started.start()
    supervise([Child("stubborn", command)], os.environ | {"PYTHONPATH": str(ROOT)}, stopping)
    started.join()
    assert not any(map(alive, pids(tmp_path)))
