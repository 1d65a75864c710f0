"""The reward ledger: once per member and programme year, for the three steps, when benefits are active.

The programme year is the calendar year in the plan's zone. A step counts from the year after the last reward on, so
that nobody is paid twice for one step, and steps done before benefits begin, or around New Year, are not lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Connection, Engine, bindparam, distinct, exists, func, or_, select

from bot.flow import Plan
from bot.records import dispatches
from bot.records.once import insert_once
from bot.records.tables import completions, members, rewards

STEPS = frozenset({"preference", "pmp", "screening"})
_BATCH = 200

Standing = Literal["earned", "waiting_benefits", "inactive", "not_yet"]


@dataclass(frozen=True, slots=True)
class RewardState:
    """Where a member stands in this programme year.

    earned: in the ledger (or, from `peek`, about to be). waiting_benefits: all three steps, benefits begin later.
    inactive: benefits ended, or the roster gives no begin. not_yet: steps are left, or no reward window fits (cents 0).
    """

    state: Standing
    cents: int  # what is earned, or what there is to earn today
    steps_done: frozenset[str]
    granted: bool = False  # this very call wrote it


@dataclass(frozen=True, slots=True)
class _Completion:
    id: int  # 0: of this turn, not written yet
    at: float


@dataclass(frozen=True, slots=True)
class _Account:
    """Everything the decision needs, read once."""

    plan: Plan
    now: float
    benefits_begin: date | None
    benefits_end: date | None
    rewarded_cents: int | None  # this year's, if it is in the ledger (or a later year's: clocks differ)
    steps: Mapping[str, _Completion]  # the first that counts of each step

    @property
    def today(self) -> date:
        return local_date(self.plan, self.now)


def evaluate(conn: Connection, member_id: str, plan: Plan, now: float) -> RewardState:
    """Grant the reward if it is due, and say where the member stands. Safe to repeat and in several transactions."""
    # One at a time for a member: on either side of New Year two transactions would write two different years.
    conn.execute(_HOLD_MEMBER, {"this": member_id})
    account = _account(conn, member_id, plan, now)
    state = _decide(account)
    if state.state != "earned" or account.rewarded_cents is not None:
        return state
    return RewardState("earned", state.cents, state.steps_done, granted=_grant(conn, member_id, account, state.cents))


def peek(
    conn: Connection, member_id: str, plan: Plan, now: float, just_done: frozenset[str] = frozenset()
) -> RewardState:
    """Where the member will stand once the steps `just_done` are recorded at `now`. Writes nothing."""
    return _decide(_account(conn, member_id, plan, now, just_done))


def progress(conn: Connection, member_id: str, plan: Plan, now: float) -> frozenset[str]:
    """The steps done that count in the programme year of `now`."""
    return frozenset(_account(conn, member_id, plan, now).steps)


def counted(conn: Connection, member_id: str, plan: Plan, now: float) -> Mapping[str, int]:
    """The completion (its id) that counts in the programme year of `now`, for each step done."""
    return {step: done.id for step, done in _account(conn, member_id, plan, now).steps.items()}


def reevaluate_all(engine: Engine, plans: Mapping[str, Plan], now: float) -> int:
    """Grant every reward that has come due: benefits begin by date, imports bring steps and benefits. Daily, and after
    every import; in short transactions. Returns how many were granted.
    """
    granted = 0
    for plan in plans.values():
        after = ""
        while due := _due(engine, plan, now, after):
            with engine.begin() as conn:
                granted += sum(evaluate(conn, member_id, plan, now).granted for member_id in due)
            after = due[-1]
    return granted


def local_date(plan: Plan, at: float) -> date:
    """The day it is for the plan at `at` (UTC seconds)."""
    return datetime.fromtimestamp(at, ZoneInfo(plan.hours.zone)).date()


def benefits_active(begin: date | None, end: date | None, today: date) -> bool:
    """Both days included; no end: open; no begin on file: not active."""
    return begin is not None and begin <= today and (end is None or today <= end)


# --- reading ---------------------------------------------------------------------------------------------------------

_of_member: BindParameter[str] = bindparam("this")
_HOLD_MEMBER = select(members.c.id).where(members.c.id == _of_member).with_for_update()
_LEDGER = select(rewards.c.programme_year, rewards.c.cents).where(rewards.c.member == _of_member)
_BENEFITS = select(members.c.benefits_begin, members.c.benefits_end).where(members.c.id == _of_member)
_COMPLETIONS = (
    select(completions.c.id, completions.c.step, completions.c.at)
    .where(completions.c.member == _of_member)
    .order_by(completions.c.at.desc(), completions.c.id.desc())
)


def _account(
    conn: Connection, member_id: str, plan: Plan, now: float, just_done: frozenset[str] = frozenset()
) -> _Account:
    year = local_date(plan, now).year
    ledger = {row.programme_year: row.cents for row in conn.execute(_LEDGER, {"this": member_id})}
    benefits = conn.execute(_BENEFITS, {"this": member_id}).first()
    steps = {step: _Completion(0, now) for step in just_done}
    steps.update(_first_completions(conn, member_id, _counting_from(plan, ledger, year)))
    begin, end = (benefits.benefits_begin, benefits.benefits_end) if benefits else (None, None)
    rewarded = next((ledger[paid] for paid in sorted(ledger) if paid >= year), None)
    return _Account(plan, now, begin, end, rewarded, steps)


def _counting_from(plan: Plan, ledger: Mapping[int, int], year: int) -> float:
    """Since when (UTC seconds) a step counts: the New Year after the last reward before this year."""
    earlier = [rewarded for rewarded in ledger if rewarded < year]
    if not earlier:
        return float("-inf")
    return datetime(max(earlier) + 1, 1, 1, tzinfo=ZoneInfo(plan.hours.zone)).timestamp()


def _first_completions(conn: Connection, member_id: str, since: float) -> Mapping[str, _Completion]:
    rows = conn.execute(_COMPLETIONS, {"this": member_id})
    return {row.step: _Completion(row.id, row.at) for row in rows if row.at >= since}


def _due(engine: Engine, plan: Plan, now: float, after: str) -> list[str]:
    """Members (ids after `after`, in order) with all steps, active benefits and no reward this year."""
    today = local_date(plan, now)
    this_year = exists().where(rewards.c.member == members.c.id, rewards.c.programme_year == today.year)
    query = (
        select(members.c.id)
        .join(completions, completions.c.member == members.c.id)
        .where(
            members.c.plan == plan.id,
            members.c.id > after,
            members.c.benefits_begin <= today,
            or_(members.c.benefits_end.is_(None), members.c.benefits_end >= today),
            ~this_year,
        )
        .group_by(members.c.id)
        .having(func.count(distinct(completions.c.step)) == len(STEPS))
        .order_by(members.c.id)
        .limit(_BATCH)
    )
    with engine.connect() as conn:
        return list(conn.scalars(query))


# --- deciding --------------------------------------------------------------------------------------------------------


def _decide(account: _Account) -> RewardState:
    done = frozenset(account.steps)
    if account.rewarded_cents is not None:
        return RewardState("earned", account.rewarded_cents, done)
    cents = _cents(account)
    return RewardState(_standing(account, done >= STEPS, cents), cents, done)


def _standing(account: _Account, complete: bool, cents: int) -> Standing:
    if benefits_active(account.benefits_begin, account.benefits_end, account.today):
        return "earned" if complete and cents else "not_yet"
    begins_later = account.benefits_begin is not None and account.today < account.benefits_begin
    if not begins_later:
        return "inactive"
    return "waiting_benefits" if complete and cents else "not_yet"


def _cents(account: _Account) -> int:
    """What the plan's window pays for the day the last step was done (today while steps are left).

    Days count from the begin of benefits; steps done before it count as done on day 0.
    """
    begin = account.benefits_begin
    complete = account.steps.keys() >= STEPS
    last = max(done.at for done in account.steps.values()) if complete else account.now
    day = max(0, (local_date(account.plan, last) - begin).days) if begin else 0
    windows = account.plan.reward_windows
    return next((w.cents for w in windows if w.start_day <= day and (w.end_day is None or day <= w.end_day)), 0)


# --- writing ---------------------------------------------------------------------------------------------------------


def _grant(conn: Connection, member_id: str, account: _Account, cents: int) -> bool:
    cited = [account.steps[step].id for step in ("preference", "pmp", "screening")]
    uid = uuid4().hex
    row = {
        "uid": uid,
        "member": member_id,
        "programme_year": account.today.year,
        "cents": cents,
        "completions": json.dumps(cited),
        "at": account.now,
    }
    granted = insert_once(conn, rewards, row)
    if granted:
        dispatches.note(conn, "rewards", uid, member_id, account.now)
    return granted
