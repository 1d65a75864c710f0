"""The reward is earned once per member and programme year, with active benefits and all three steps."""

from __future__ import annotations

import json
import threading
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, select

from bot.members.roster import Details
from bot.records.rewards import STEPS, evaluate, peek, progress, reevaluate_all
from bot.records.tables import rewards
from tests.members.people import INDIANA, OHIO, PLANS, add_member, at, complete

ANN = Details("999900000001", "Ann", "Bell", "1990-05-04", zip="46201")
JUNE = at(2026, 6, 15)


def ledger(conn: Connection) -> list[tuple[int, int]]:
    return [(row.programme_year, row.cents) for row in conn.execute(select(rewards).order_by(rewards.c.id))]


def finish(conn: Connection, member: str, when: float, reference: str = "m1") -> list[int]:
    return [complete(conn, member, step, when, reference) for step in ("preference", "pmp", "screening")]


def test_three_steps_and_active_benefits_earn_it_once_and_the_row_cites_the_three(conn: Connection) -> None:
    add_member(conn, "ann", ANN)
    cited = finish(conn, "ann", at(2026, 6, 1))
    first = evaluate(conn, "ann", INDIANA, JUNE)
    assert (first.state, first.cents, first.steps_done, first.granted) == ("earned", 3000, STEPS, True)
    again = evaluate(conn, "ann", INDIANA, at(2026, 11, 30))
    assert (again.state, again.granted) == ("earned", False)
    assert ledger(conn) == [(2026, 3000)]
    assert cited == json.loads(conn.scalars(select(rewards.c.completions)).one())


@pytest.mark.parametrize(
    ("begin", "end", "standing"),
    [
        (date(2026, 6, 15), None, "earned"),  # first day counts
        (date(2026, 1, 1), date(2026, 6, 15), "earned"),  # last day counts
        (date(2026, 6, 16), None, "waiting_benefits"),
        (date(2026, 1, 1), date(2026, 6, 14), "inactive"),
        (None, None, "inactive"),
    ],
)
def test_benefits_decide_when_all_steps_are_done(
    conn: Connection, begin: date | None, end: date | None, standing: str
) -> None:
    add_member(conn, "ann", ANN, benefits_begin=begin, benefits_end=end)
    finish(conn, "ann", at(2026, 6, 1))
    assert standing == evaluate(conn, "ann", INDIANA, JUNE).state
    assert ([(2026, 3000)] if standing == "earned" else []) == ledger(conn)


def test_the_day_is_the_plans_not_utc(conn: Connection) -> None:
    add_member(conn, "ann", ANN, benefits_begin=date(2026, 6, 16))
    finish(conn, "ann", at(2026, 6, 1))
    assert evaluate(conn, "ann", INDIANA, at(2026, 6, 16, hour=3)).state == "waiting_benefits"
    assert evaluate(conn, "ann", INDIANA, at(2026, 6, 16, hour=5)).state == "earned"


@pytest.mark.parametrize("missing", sorted(STEPS))
def test_without_any_one_step_it_is_not_earned(conn: Connection, missing: str) -> None:
    add_member(conn, "ann", ANN)
    for step in STEPS - {missing}:
        complete(conn, "ann", step, at(2026, 6, 1))
    state = evaluate(conn, "ann", INDIANA, JUNE)
    assert ("not_yet", STEPS - {missing}) == (state.state, state.steps_done)
    assert ledger(conn) == []


def test_peek_counts_the_steps_of_this_turn_and_writes_nothing(conn: Connection) -> None:
    add_member(conn, "ann", ANN)
    complete(conn, "ann", "preference", at(2026, 6, 1))
    assert peek(conn, "ann", INDIANA, JUNE, frozenset({"pmp"})).state == "not_yet"
    assert peek(conn, "ann", INDIANA, JUNE, frozenset({"pmp", "screening"})).state == "earned"
    assert ledger(conn) == []
    assert {"preference"} == progress(conn, "ann", INDIANA, JUNE)


def test_steps_done_before_new_year_count_once_benefits_begin_after_it(conn: Connection) -> None:
    add_member(conn, "ann", ANN, benefits_begin=date(2027, 1, 1))
    finish(conn, "ann", at(2026, 12, 20))
    assert evaluate(conn, "ann", INDIANA, at(2026, 12, 20)).state == "waiting_benefits"
    assert evaluate(conn, "ann", INDIANA, at(2027, 1, 1)).granted
    assert ledger(conn) == [(2027, 3000)]


def test_next_year_needs_new_steps_and_the_old_ones_never_pay_twice(conn: Connection) -> None:
    add_member(conn, "ann", ANN)
    finish(conn, "ann", at(2026, 6, 1))
    evaluate(conn, "ann", INDIANA, JUNE)
    finish(conn, "ann", at(2026, 8, 1), "done again in the same year")
    state = evaluate(conn, "ann", INDIANA, at(2027, 2, 1))
    assert ("not_yet", frozenset()) == (state.state, state.steps_done)
    finish(conn, "ann", at(2027, 2, 2), "new year")
    assert evaluate(conn, "ann", INDIANA, at(2027, 2, 2)).granted
    assert ledger(conn) == [(2026, 3000), (2027, 3000)]


def test_a_clock_behind_new_year_does_not_pay_the_old_year_too(conn: Connection) -> None:
    add_member(conn, "ann", ANN)
    finish(conn, "ann", at(2026, 12, 31))
    assert evaluate(conn, "ann", INDIANA, at(2027, 1, 1)).granted
    assert not evaluate(conn, "ann", INDIANA, at(2026, 12, 31)).granted
    assert ledger(conn) == [(2027, 3000)]


@pytest.mark.parametrize(
    ("done_on", "cents"),
    [(date(2026, 5, 20), 5000), (date(2026, 7, 1), 5000), (date(2026, 7, 2), 2500), (date(2026, 8, 30), 2500)],
)
def test_the_day_of_the_last_step_chooses_the_window(conn: Connection, done_on: date, cents: int) -> None:
    add_member(conn, "ann", ANN, plan="ohio", benefits_begin=date(2026, 6, 1))
    finish(conn, "ann", at(done_on.year, done_on.month, done_on.day))
    assert cents == evaluate(conn, "ann", OHIO, at(2026, 12, 1)).cents
    assert [(2026, cents)] == ledger(conn)


def test_after_the_last_window_there_is_nothing_to_earn(conn: Connection) -> None:
    add_member(conn, "ann", ANN, plan="ohio", benefits_begin=date(2026, 6, 1))
    finish(conn, "ann", at(2026, 8, 31))
    state = evaluate(conn, "ann", OHIO, at(2026, 12, 1))
    assert (state.state, state.cents, ledger(conn)) == ("not_yet", 0, [])


def test_the_daily_run_grants_what_came_due_by_date(engine: Engine) -> None:
    with engine.begin() as conn:
        for number in range(450):  # more than two batches
            name = f"m{number:03}"
            begin = date(2026, 7, 1) if number % 3 else date(2026, 9, 1)
            add_member(conn, name, Details(f"9999{number:08}", "A", "B", "1990-01-01"), benefits_begin=begin)
            finish(conn, name, at(2026, 6, 1))
    assert reevaluate_all(engine, PLANS, at(2026, 6, 30)) == 0
    assert reevaluate_all(engine, PLANS, at(2026, 7, 1)) == 300
    assert reevaluate_all(engine, PLANS, at(2026, 7, 1)) == 0
    assert reevaluate_all(engine, PLANS, at(2026, 9, 1)) == 150


def test_transactions_at_once_grant_it_once(engine: Engine) -> None:
    with engine.begin() as conn:
        add_member(conn, "ann", ANN)
        finish(conn, "ann", at(2026, 6, 1))
    together = threading.Barrier(8)
    granted: list[bool] = []

    def turn(when: float) -> None:
        together.wait()
        with engine.begin() as conn:
            granted.append(evaluate(conn, "ann", INDIANA, when).granted)

    # Four of them believe it is next year already: the same three steps must not pay for two years.
    threads = [threading.Thread(target=turn, args=(JUNE if n % 2 else at(2027, 1, 2),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in granted if one] == [True]
    assert len(granted) == 8
    with engine.begin() as conn:
        assert len(ledger(conn)) == 1
