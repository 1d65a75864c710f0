"""The product as `carestart run` serves it, with sample people and staff, on a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from bot.config import ROOT, sample_password
from bot.records.database import Database, open_engine
from tests.peers import absent
from tests.postgres import database_of
from tests.setup.test_run import Running

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Server:
    """It serves at `url` what is in `records`; `password` is that of everybody of the sample staff."""

    url: str
    password: str
    process: int
    records: Database

    def kill_web(self) -> None:
        """kill -9 of the whole web server; `carestart run` starts it again."""
        (web,) = (child for child, command in _children(self.process) if "webhooks.cli web" in command)
        os.killpg(web, signal.SIGKILL)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def wait(self, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not self.answers():
            assert time.monotonic() < deadline, "the web server did not come back"
            time.sleep(0.1)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """`carestart run` on this empty folder, whatever the hour and the day."""
    data = folder / "data"
    database = database_of(data)
    running = Running(data, 2, FLOWS=str(always_open(folder / "flows")), **database)
    records = open_engine(database.get("DATABASE_URL", f"sqlite:///{data / 'carestart.db'}"))
    with (folder / "log").open("w") as log:
        reader = threading.Thread(target=log.writelines, args=(running.process.stdout,))
        reader.start()  # a pipe that nobody reads fills up, and then the server stands still
        try:
            url, password = f"http://127.0.0.1:{running.port}", sample_password(data)
            yield Server(url, password, running.process.pid, records)
        finally:
            records.dispose()
            running.process.terminate()
            reader.join()
            running.process.communicate(timeout=30)


def always_open(folder: Path) -> Path:
    """The content, where it is ten in the morning now; Member Services is open in Indiana, and closed in Ohio today."""
    shutil.copytree(ROOT / "flows", folder)
    zone = where_it_is_ten()
    today = DAYS[datetime.now(ZoneInfo(zone)).weekday()]
    _set_hours(folder / "plans" / "indiana.yml", zone, {day: ["00:00-23:59"] for day in DAYS})
    _set_hours(folder / "plans" / "ohio.yml", zone, {day: ["09:00-17:00"] for day in DAYS if day != today})
    return folder


def where_it_is_ten() -> str:
    """A time zone; the sign in its name is that of POSIX, west is plus."""
    east = (10 - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def _set_hours(plan: Path, zone: str, week: dict[str, list[str]]) -> None:
    yaml = YAML()
    content = yaml.load(plan)
    content["hours"] = {"zone": zone, "week": week, "holidays": []}
    with plan.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)


def _children(process: int) -> Iterator[tuple[int, str]]:
    """(id, command) of what this process started."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    if not listed.exists():
        absent("needs /proc, as Linux has it, to find the web server's process")
    for child in map(int, listed.read_text().split()):
        yield child, Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
