"""Loads enrolment files, X12 834 005010X220A1 (docs/imports.md), in bounded memory and short transactions.

Each loop is read into the cells of a members file; from there on everything is as in import_csv."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from bot.flow import Plan
from bot.members import missing
from bot.members.batches import batches, transactions
from bot.members.csv_rows import Progress, Unreadable
from bot.members.load_rows import Loader, Taken
from bot.members.member_rows import BadRow, MemberRow, read_member_row
from bot.members.rejects import Origin, RowProblem
from bot.members.roster import member_id_index
from bot.members.roster_order import Order
from bot.members.seen import Seen, seeing
from bot.members.x12_loops import Closed, Loop, Transaction, read_loops
from bot.members.x12_member import ELEMENTS, BadLoop, Cells, MemberLoop, Subscriber, read_member
from bot.members.x12_rejects import LoopRejects, rejecting_loops
from bot.members.x12_segments import EnvelopeProblem
from bot.records.rewards import reevaluate_all
from bot.vault import Vault

MISSING_LIMIT = 10.0  # percent


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever imports may choose. `plan`: for all of the file, whatever it names. `force`: also what is older."""

    plan: str = ""
    dry_run: bool = False
    force: bool = False
    rejects: Path | None = None
    list_missing: Path | None = None
    end_missing: bool = False
    missing_limit: float = MISSING_LIMIT  # percent of a plan's active members


@dataclass(frozen=True, slots=True)
class EnrolmentReport:
    """What an import did. Members are counted once however many loops name them; `rejected` counts loops."""

    added: int
    changed: int
    terminated: int
    reinstated: int
    unchanged: int
    rejected: int
    around: int  # problems of envelopes and transactions
    missing: int | None  # active members whom a full file does not name; None: there was no full file
    missing_ended: bool
    problems: tuple[RowProblem, ...]  # the first 1,000
    rewards_granted: int
    dry_run: bool
    ignored_columns: tuple[str, ...] = ()


@dataclass(slots=True)
class _Import:
    """One run: what it works with, and where in the file it is."""

    vault: Vault
    plans: Mapping[str, Plan]
    choices: Choices
    now: float
    today: date
    rejects: LoopRejects
    seen: Seen
    transaction: Callable[[], AbstractContextManager[Connection]]
    order: Order = field(default_factory=Order)
    plan: Plan | None = None  # of the transaction being read; None: it is passed over
    subscriber: Subscriber | None = None
    whole: dict[str, date] = field(default_factory=dict)  # plans with a full file, and its day


def import_834(
    engine: Engine,
    vault: Vault,
    plans: Mapping[str, Plan],
    path: Path,
    choices: Choices | None = None,
    *,
    progress: Progress | None = None,
    now: float | None = None,
) -> EnrolmentReport:
    """Add, change, end and reinstate the members of an 834 file; the same file again changes nothing. Loops it cannot
    take are reported and, where `rejects` is a path, written there. Raises Unreadable."""
    choices = choices or Choices()
    moment = time.time() if now is None else now
    if choices.plan and choices.plan not in plans:
        raise Unreadable(f"there is no plan {choices.plan!r}; there are: {', '.join(plans)}")
    with (
        rejecting_loops(path, choices.rejects) as rejects,
        seeing() as seen,
        transactions(engine, choices.dry_run) as transaction,
    ):
        today = datetime.fromtimestamp(moment, UTC).date()
        work = _Import(vault, plans, choices, moment, today, rejects, seen, transaction)
        loader = Loader(vault, moment, seen, rejects.add)
        for batch in batches(_taken(work, path, progress)):
            with transaction() as conn:
                work.order.write(conn, moment)
                loader.load(conn, batch)
        for late in batches(loader.late()):
            with transaction() as conn:
                loader.link(conn, late)
        absent, ended = _see_to_missing(work)
        granted = 0 if choices.dry_run else reevaluate_all(engine, plans, moment)
        return _report(work, absent, ended, granted)


# --- the file --------------------------------------------------------------------------------------------------------


def _taken(work: _Import, path: Path, progress: Progress | None) -> Iterator[Taken]:
    for found in read_loops(path, progress):
        match found:
            case EnvelopeProblem():
                work.rejects.note(RowProblem(found.number, found.reason, _place("", found.number)))
            case Transaction():
                _begin(work, found)
            case Closed():
                _end(work, found.transaction)
            case Loop() if work.plan is not None:
                yield from _rows(work, found, work.plan)


def _begin(work: _Import, transaction: Transaction) -> None:
    """Find out whose transaction it is, and whether it may be loaded."""
    work.subscriber = None
    plan, reason = _plan_of(work, transaction)
    work.plan = plan
    if plan is not None:
        if not work.order.knows(plan.id, transaction):
            with work.transaction() as conn:
                work.order.read(conn, plan.id, transaction)
        if not work.choices.force and work.order.is_older(plan.id, transaction):
            reason = "it is older than one loaded before from this sender and was passed over (--force loads it)"
            work.plan = None
        else:
            work.order.note(plan.id, transaction)
    if reason:
        where = _place(transaction.control, transaction.number)
        work.rejects.note(RowProblem(transaction.number, f"no member of this transaction was loaded: {reason}", where))


def _plan_of(work: _Import, transaction: Transaction) -> tuple[Plan | None, str]:
    """The plan a transaction is for, or why none of it can be loaded."""
    if transaction.reason:
        return None, transaction.reason
    if work.choices.plan:
        return work.plans[work.choices.plan], ""
    every = work.plans.values()
    by_payer = [plan for plan in every if transaction.payer_id and transaction.payer_id in plan.roster.payer_ids]
    found = by_payer or [plan for plan in every if set(transaction.sender_ids) & set(plan.roster.sender_ids)]
    if len(found) == 1:
        return found[0], ""
    how_many = "no plan names" if not found else "more than one plan names"
    return None, f"{how_many} its payer (N1*IN) or sender (GS02, ISA06) under `roster`; --plan says which it is"


def _end(work: _Import, transaction: Transaction) -> None:
    if work.plan is not None and transaction.whole:
        day = _day(transaction.effective, work.today)
        work.whole[work.plan.id] = max(day, work.whole.get(work.plan.id, day))


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


# --- a member --------------------------------------------------------------------------------------------------------


def _rows(work: _Import, loop: Loop, plan: Plan) -> Iterator[Taken]:
    """One row for each guardian of the member, or one."""
    origin = _origin(loop)
    above = work.subscriber
    if loop.segments[0][1] != "N":
        work.subscriber = None  # whatever this one turns out to be, who follows is not of the one before
    try:
        if loop.reasons:
            raise BadLoop("; ".join(loop.reasons))
        member = read_member(loop, plan, above, work.today)
    except BadLoop as bad:
        work.subscriber = None
        work.rejects.add(origin, [str(bad)])
        return
    work.subscriber = above if loop.segments[0][1] == "N" else member.subscriber
    origin = _origin(loop, member.household)
    index = member_id_index(work.vault, plan.id, member.cells["member_id"])
    work.seen.name(index, origin.line, 0)  # a member whose loop is rejected is not missing
    try:
        rows = [_row(work, cells) for cells in _each_guardian(member)]
    except BadRow as bad:
        work.rejects.add(origin, [_with_element(reason) for reason in bad.reasons])
        return
    for row in rows:
        yield Taken(origin, row, index, member.event)


def _each_guardian(member: MemberLoop) -> list[Cells]:
    return [member.cells | guardian for guardian in member.guardians] or [member.cells]


def _row(work: _Import, cells: Cells) -> MemberRow:
    return read_member_row(cells, work.plans, work.today)


def _with_element(reason: str) -> str:
    column, _, rest = reason.partition(" ")
    return f"{column} ({ELEMENTS[column]}) {rest}" if column in ELEMENTS else reason


def _origin(loop: Loop, household: tuple[str, ...] = ()) -> Origin:
    first = loop.segments[0].number
    raw = tuple(segment.raw for segment in loop.segments)
    return Origin(first, raw, _place(loop.transaction.control, first), loop.transaction.head, household)


def _place(control: str, segment: int) -> str:
    return f"{f'ST {control}, ' if control else ''}segment {segment:,}"


# --- a full file -----------------------------------------------------------------------------------------------------


def _see_to_missing(work: _Import) -> tuple[int | None, bool]:
    """How many a full file does not name, and whether they were ended."""
    if not work.whole:
        return None, False
    total, may_end = 0, work.choices.end_missing
    with work.transaction() as conn:
        for plan, day in work.whole.items():
            count = missing.count_missing(conn, work.seen, plan, day)
            total += count
            if may_end and (reason := _why_not(conn, work, plan, day, count)):
                work.rejects.note(RowProblem(0, f"no missing member was ended: {reason}", f"plan {plan}"))
                may_end = False
        if work.choices.list_missing is not None:
            missing.list_missing(conn, work.vault, work.seen, work.whole, work.choices.list_missing)
        for plan, day in work.whole.items():
            if may_end and total:
                missing.end_missing(conn, work.seen, plan, day, work.now)
    return total, may_end and total > 0


def _why_not(conn: Connection, work: _Import, plan: str, day: date, count: int) -> str:
    if work.rejects.count or work.rejects.around:
        return "something in the file was rejected, so that who is missing is not sure"
    if day > work.today:
        return "the file is of a day to come"
    active, limit = missing.count_active(conn, plan, day), work.choices.missing_limit
    if count * 100 > limit * active:
        return f"{count:,} of {active:,} active members are more than {limit:g} percent (--missing-limit)"
    return ""


# --- report ----------------------------------------------------------------------------------------------------------


def _report(work: _Import, absent: int | None, ended: bool, granted: int) -> EnrolmentReport:
    outcomes = work.seen.outcomes()
    return EnrolmentReport(
        added=outcomes.get("added", 0),
        changed=outcomes.get("updated", 0),
        terminated=outcomes.get("terminated", 0),
        reinstated=outcomes.get("reinstated", 0),
        unchanged=outcomes.get("unchanged", 0),
        rejected=work.rejects.count,
        around=work.rejects.around,
        missing=absent,
        missing_ended=ended,
        problems=tuple(sorted(work.rejects.problems, key=lambda problem: problem.line)),
        rewards_granted=granted,
        dry_run=work.choices.dry_run,
    )
