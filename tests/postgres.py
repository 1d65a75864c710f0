"""A PostgreSQL server of the tests' own: `pytest --postgres` runs on it what otherwise runs on SQLite.

Every data folder of a test has a database there, as it would have a file; one made from a template is a copy."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from psycopg import sql

from tests.peers import absent

_INSTALLED = Path("/usr/lib/postgresql")  # where Debian's package puts each version
_NOT_FOR_KEEPS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SMALL = ("wal_level=minimal", "max_wal_senders=0", "max_wal_size=64MB", "min_wal_size=32MB", "autovacuum=off")
_OPTIONS = ("listen_addresses=", "max_connections=200", *_NOT_FOR_KEEPS, *_SMALL)
_MEMORY = Path("/dev/shm")  # a database is 350 files: on a disk's file system making them takes most of a test's time
_ROOM = 2**30


class Postgres:
    """A server on a socket in a folder; nobody else can reach it."""

    def __init__(self, folder: Path, bin: Path) -> None:
        self._folder, self._bin = folder, bin
        self._databases: dict[Path, str] = {}  # by the data folder they belong to
        self._numbers = itertools.count()

    def start(self) -> None:
        self._run("initdb", "--no-sync", "--auth=trust", "--username=carestart", "--encoding=UTF8", "--locale=C.UTF-8")
        options = " ".join([f"-k {self._folder}", *(f"-c {each}" for each in _OPTIONS)])
        self._run("pg_ctl", "--wait", f"--log={self._folder / 'log'}", f"--options={options}", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "--mode=immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), f"--pgdata={self._folder / 'data'}", *arguments]
        user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        done = subprocess.run(command, user=user, cwd=self._folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def url(self, data: Path, template: Path | None = None) -> str:
        """The database of a data folder, made when first asked for."""
        if data not in self._databases:
            name = f"d{next(self._numbers)}"
            copy = sql.SQL("")
            if template is not None:
                copy = sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(self._databases[template]))
            self._admin(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), copy))
            self._databases[data] = name
        return f"postgresql://carestart@/{self._databases[data]}?host={self._folder}"

    def dump(self, data: Path) -> bytes:
        """All that the database of a data folder holds."""
        command = [str(self._bin / "pg_dump"), f"--host={self._folder}", "--username=carestart", self._databases[data]]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def known(self) -> set[Path]:
        return set(self._databases)

    @contextmanager
    def away(self, data: Path) -> Iterator[None]:
        """The database of a data folder breaks every connection and takes none."""
        name = self._databases[data]
        self._admin(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
        self._admin(sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(name))
        try:
            yield
        finally:
            self._admin(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name)))

    def drop_all_but(self, kept: set[Path]) -> None:
        for data in self._databases.keys() - kept:
            name = sql.Identifier(self._databases.pop(data))
            self._admin(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def _admin(self, statement: sql.Composable) -> None:
        with psycopg.connect(f"postgresql://carestart@/postgres?host={self._folder}", autocommit=True) as conn:
            conn.execute(statement)


@contextmanager
def server() -> Iterator[Postgres]:
    """A server while it is needed."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    folder = Path(mkdtemp(prefix="pg", dir=_MEMORY if roomy else None))  # short: a socket's path has at most 107 bytes
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    postgres = Postgres(folder, _programs())
    try:
        postgres.start()
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """The newest installed server's programs."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(_INSTALLED.glob("*/bin/initdb"), key=lambda program: int(program.parts[-3]))
    if not versions:
        absent("needs a PostgreSQL server: install your system's package (Debian: apt-get install postgresql)")
    return versions[-1].parent


running: Postgres | None = None  # while the suite runs on PostgreSQL


def database_of(data: Path, template: Path | None = None) -> dict[str, str]:
    """The setting that makes a data folder's database one of the server's; nothing where the suite runs on SQLite."""
    return {"DATABASE_URL": running.url(data, template)} if running is not None else {}


def url_of(file: Path) -> str:
    """The URL of a database of its own: this SQLite file, or one of the server's."""
    return database_of(file).get("DATABASE_URL", f"sqlite:///{file}")


def only_on_sqlite(why: str) -> None:
    """Skip where the suite runs on PostgreSQL."""
    if running is not None:
        pytest.skip(f"on SQLite only: {why}")
