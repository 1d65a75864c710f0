"""The outbox of records: written with them, taken once, in order for each member, never lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select

from bot.records import dispatches
from bot.records import tables as t
from bot.records.backfill import put_on_their_way
from bot.records.database import open_engine
from bot.records.dispatches import Dispatch, Problem
from tests.members.people import file_engine
from tests.postgres import url_of

DAY = 86_400.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = file_engine(tmp_path)
    yield engine
    engine.dispose()


def note(engine: Engine, about: str, *, at: float = 0.0, kind: str = "rewards", sinks: tuple[str, ...] = ("webhook",)):  # type: ignore[no-untyped-def]
    with engine.execution_options(deliver_to=sinks).begin() as conn:
        dispatches.note(conn, kind, f"record of {about}", about, at)


def due(engine: Engine, now: float, sink: str = "webhook") -> list[int]:
    with engine.connect() as conn:
        return dispatches.due(conn, sink, now)


def taken(engine: Engine, id: int, now: float = 0.0) -> Dispatch:
    dispatch = dispatches.take(engine, id, now)
    assert dispatch is not None
    return dispatch


def state(engine: Engine, id: int) -> str:
    with engine.connect() as conn:
        return str(conn.execute(select(t.dispatches.c.state).where(t.dispatches.c.id == id)).scalar_one())


def test_nothing_is_noted_where_delivery_is_off(engine: Engine) -> None:
    note(engine, "ann", sinks=())
    assert [] == due(engine, 1)


def test_a_kind_goes_to_the_sinks_that_take_it(engine: Engine) -> None:
    note(engine, "ann", sinks=("webhook", "fhir"))
    note(engine, "ben", sinks=("webhook", "fhir"), kind="screenings")
    assert ([1, 2], [3]) == (due(engine, 1), due(engine, 1, "fhir"))


def test_a_member_s_records_go_one_after_the_other(engine: Engine) -> None:
    for about in ("ann", "ann", "ben"):
        note(engine, about)
    assert [1, 3] == due(engine, 1)
    assert dispatches.take(engine, 2, 1) is None
    first = taken(engine, 1)
    assert [3] == due(engine, 1)
    dispatches.failed(engine, first, "unreachable", 1)
    assert [3] == due(engine, 5), "what waits to be tried again keeps its place"
    dispatches.arrived(engine, taken(engine, 1, 11), 11)
    assert [2, 3] == due(engine, 11)


def test_one_that_was_given_up_holds_nobody_up(engine: Engine) -> None:
    note(engine, "ann")
    note(engine, "ann")
    dispatches.failed(engine, taken(engine, 1), "refused", 1, status=422)
    assert ("dead", [2]) == (state(engine, 1), due(engine, 1))


def test_pauses_double_up_to_an_hour_and_end_after_three_days(engine: Engine) -> None:
    note(engine, "ann")
    now, pauses = 0.0, []
    while state(engine, 1) == "due":
        dispatches.failed(engine, taken(engine, 1, now), "unwell", now, status=503)
        with engine.connect() as conn:
            again = conn.execute(select(t.dispatches.c.again_at)).scalar_one()
        pauses.append(again - now)
        assert [] == due(engine, again - 0.01)
        now = again
    assert [10, 20, 40, 80] == pauses[:4]
    assert 3600 == max(pauses)
    assert 3 * DAY <= now < 3 * DAY + 3600


def test_a_receiver_may_ask_for_a_longer_pause_but_not_a_shorter(engine: Engine) -> None:
    for about in ("ann", "ben"):
        note(engine, about)
    dispatches.failed(engine, taken(engine, 1), "unwell", 0, again_in=500)
    dispatches.failed(engine, taken(engine, 2), "unwell", 0, again_in=1)
    assert ([], [2], [2, 1]) == (due(engine, 9), due(engine, 10), due(engine, 500))


def test_what_always_fails_does_not_stand_before_the_others(engine: Engine) -> None:
    for about in ("ann", "ben", "cid"):
        note(engine, about)
    for id in (1, 2):
        dispatches.failed(engine, taken(engine, id), "unwell", 0, status=500)
    note(engine, "dan", at=5)
    assert [3, 4, 1, 2] == due(engine, 10)


def test_an_index_serves_what_is_asked_each_second(engine: Engine) -> None:
    """A million records that were sent must cost nothing."""
    note(engine, "ann")
    if engine.dialect.name != "sqlite":
        pytest.skip("reads SQLite's plan of a query")
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, sql, given, *_more: asked.append((sql, given)))
    due(engine, 1)
    dispatches.let_go(engine, before=1)
    with engine.connect() as conn:
        dispatches.standings(conn)
        dispatches.dead(conn)
        plans = [row[-1] for sql, given in [*asked] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]
    assert len(asked) >= 4
    assert not [step for step in plans if step.startswith("SCAN")]


def test_what_a_worker_died_with_is_due_again_and_its_word_counts_no_more(engine: Engine) -> None:
    note(engine, "ann")
    dead_workers = taken(engine, 1, now=100)
    assert 0 == dispatches.let_go(engine, before=100)
    assert 1 == dispatches.let_go(engine, before=101)
    mine = taken(engine, 1, now=110)
    assert dead_workers.uid == mine.uid, "the receiver knows the repeat"
    dispatches.failed(engine, dead_workers, "timeout", 111)
    assert "sending" == state(engine, 1)
    dispatches.arrived(engine, mine, 112)
    assert "sent" == state(engine, 1)


def test_one_of_many_workers_takes_it(engine: Engine) -> None:
    for member in range(10):
        note(engine, f"m{member}")
    with ThreadPoolExecutor(6) as workers:
        takes = workers.map(lambda id: dispatches.take(engine, id, 1), [*range(1, 11)] * 6)
    assert list(range(1, 11)) == sorted(one.id for one in takes if one)


def test_staff_see_what_was_given_up_and_have_it_sent_again(engine: Engine) -> None:
    for about in ("ann", "ben", "cid"):
        note(engine, about)
    for id in (1, 2):
        dispatches.failed(engine, taken(engine, id), "refused", 5, status=400)
    with engine.connect() as conn:
        assert [(1, "refused", 400), (2, "refused", 400)] == [
            (d.id, d.problem, d.status) for d in dispatches.dead(conn)
        ]
        [standing] = dispatches.standings(conn)
    assert (1, 0.0, 2) == (standing.waiting, standing.oldest, standing.dead)
    assert 1 == dispatches.resend(engine, [1, 3], now=10 * DAY)
    assert 1 == dispatches.drop(engine, [1, 2, 3], now=10 * DAY)
    assert ["due", "dropped", "due"] == [state(engine, id) for id in (1, 2, 3)]
    dispatches.failed(engine, taken(engine, 1, 10 * DAY), "unwell", 10 * DAY)
    assert "due" == state(engine, 1), "three days are before it again"


# --- whatever happens ------------------------------------------------------------------------------------------------


@dataclass
class World:
    """Workers that die at any point, a receiver that ails, and time."""

    engine: Engine
    now: float = 0.0
    written: dict[str, list[str]] = field(default_factory=dict)  # about -> uids in order
    received: list[tuple[str, str]] = field(default_factory=list)  # about, uid; repeats too

    def write(self, about: str) -> None:
        note(self.engine, about, at=self.now)
        with self.engine.connect() as conn:
            newest = select(t.dispatches.c.uid).order_by(t.dispatches.c.id.desc()).limit(1)
            self.written.setdefault(about, []).append(conn.execute(newest).scalar_one())

    def work(self, fates: list[str]) -> None:
        dispatches.let_go(self.engine, self.now - 120)
        for id, fate in zip(due(self.engine, self.now), fates, strict=False):
            dispatch = dispatches.take(self.engine, id, self.now)
            if dispatch is None or fate == "dies before":
                continue
            if fate in ("arrives", "dies after", "answer lost"):
                self.received.append((dispatch.about, dispatch.uid))
            if fate == "arrives":
                dispatches.arrived(self.engine, dispatch, self.now)
            elif fate != "dies after":
                problem: Problem = "timeout" if fate == "answer lost" else "unreachable"
                dispatches.failed(self.engine, dispatch, problem, self.now)

    def first_arrivals(self, about: str) -> list[str]:
        return list(dict.fromkeys(uid for whose, uid in self.received if whose == about))


FATES = st.lists(st.sampled_from(["arrives", "answer lost", "never left", "dies before", "dies after"]), max_size=4)
STEPS = st.lists(st.one_of(st.sampled_from(["ann", "ben"]), FATES, st.floats(1, 3000)), max_size=40)


@settings(max_examples=30)
@given(STEPS)
def test_every_record_arrives_in_order_whatever_happens(steps: list[str | list[str] | float]) -> None:
    with TemporaryDirectory() as folder:
        world = World(file_engine(Path(folder)))
        for step in steps:
            if isinstance(step, str):
                world.write(step)
            elif isinstance(step, list):
                world.work(step)
            else:
                world.now += step
        while "due" in (left := set(states(world.engine))) or "sending" in left:
            world.now += 3600
            world.work(["arrives"] * 9)
        assert {about: world.first_arrivals(about) for about in world.written} == world.written
        world.engine.dispose()


def states(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(select(t.dispatches.c.state)).scalars())


def test_an_engine_knows_where_its_records_go(tmp_path: Path) -> None:
    file_engine(tmp_path).dispose()
    engine = open_engine(url_of(tmp_path / "records.db"), deliver_to=("webhook",))
    with engine.begin() as conn:
        dispatches.note(conn, "rewards", "r", "ann", 0.0)
    assert [1] == due(engine, 1)
    engine.dispose()


def test_what_was_written_before_is_looked_for_once_and_holds_no_writer_up(engine: Engine) -> None:
    row = {"member": None, "phone_index": "p", "kind": "opt_in", "status": "granted", "wording": "w", "channel": "text",
           "wording_sealed": b"w", "language": "en", "said_by": "p", "message_id": "m"}  # fmt: skip
    with engine.begin() as conn:
        for number in range(1100):
            dispatches.write(conn, "consents", {**row, "at": float(number)})
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, sql, *_more: asked.append(sql))
    assert 1100 == put_on_their_way(engine, ("webhook",), None, 2000.0)["consents"]
    assert 0 == put_on_their_way(engine, ("webhook",), None, 2000.0)["consents"]
    assert 2 == len([sql for sql in asked if "EXISTS" in sql and "FROM consents" in sql])


def test_a_consent_of_nobody_known_is_delivered_too(engine: Engine) -> None:
    """A caller who withheld their number says STOP: there is neither a member nor a phone to name."""
    row = {"member": None, "phone_index": None, "kind": "opt_out", "status": "revoked", "wording": "utter@1",
           "wording_sealed": b"", "channel": "voice", "language": "en", "said_by": "conversation", "message_id": "CA1",
           "at": 1.0}  # fmt: skip
    with engine.execution_options(deliver_to=("webhook",)).begin() as conn:
        dispatches.write(conn, "consents", row)
    assert 1 == put_on_their_way(engine, ("webhook", "fhir"), None, 2.0)["consents"]
    assert ([1], [2]) == (due(engine, 3), due(engine, 3, "fhir"))
