"""Programs of others that tests run against, for real. A test whose peer is absent says so and how to get it; with
SKIP_NOTHING set (`.ci/run` sets it) that is a failure."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

NODE_PEERS = Path(__file__).parent / "node" / "node_modules"
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def node_peer(path: str) -> Path:
    """A file of a package in tests/node, which `make test` installs where there is npm."""
    found = NODE_PEERS / path
    if shutil.which("node") is None or not found.exists():
        absent(f"needs {path.split('/')[0]} on Node 20 or newer: install Node.js with npm, then run `make test`")
    return found


def chromium() -> str:
    """The distribution's Chromium."""
    found = next(filter(None, map(shutil.which, _CHROMIUMS)), None)
    if found is None:
        absent("needs Chromium: install your system's package (Debian: apt-get install chromium)")
    return found


def absent(reason: str) -> NoReturn:
    """Skip this test for want of a peer, unless nothing may be skipped."""
    if os.environ.get("SKIP_NOTHING"):
        pytest.fail(reason)
    pytest.skip(reason)
