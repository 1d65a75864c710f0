"""Writers of one SQLite database wait for each other, and no longer than they may."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.records.database import Away, Database, open_engine


@pytest.fixture
def two(tmp_path: Path) -> tuple[Database, Database]:
    """The same database, opened by two who give up after 0.4 s."""
    url = f"sqlite:///{tmp_path / 'two.db'}"
    return open_engine(url, seconds=0.5), open_engine(url, seconds=0.5)


def test_a_writer_that_waits_in_vain_gives_up_and_can_write_later(two: tuple[Database, Database]) -> None:
    one, other = two
    with one.begin() as holder:
        holder.execute(text("CREATE TABLE said (word TEXT)"))
        began = time.monotonic()
        with pytest.raises(Away), other.begin():
            pass
        assert 0.35 < time.monotonic() - began < 2
    with other.begin() as writer:
        writer.execute(text("INSERT INTO said VALUES ('later')"))
    with one.connect() as reader:
        assert "later" == reader.execute(text("SELECT word FROM said")).scalar_one()
    for engine in two:
        engine.dispose()


def test_a_writer_goes_on_when_the_one_before_it_is_done(two: tuple[Database, Database]) -> None:
    one, other = two
    with one.begin() as holder:
        holder.execute(text("CREATE TABLE said (word TEXT)"))
    written = threading.Event()

    def write() -> None:
        with other.begin() as writer:
            writer.execute(text("INSERT INTO said VALUES ('second')"))
        written.set()

    thread = threading.Thread(target=write)
    with one.begin() as holder:
        thread.start()
        holder.execute(text("INSERT INTO said VALUES ('first')"))
        assert not written.wait(0.1)
    thread.join(5)
    with one.connect() as reader:
        assert ["first", "second"] == list(reader.execute(text("SELECT word FROM said")).scalars())
    for engine in two:
        engine.dispose()
