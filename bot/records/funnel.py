"""How far people come: from the first message to the reward, and at which question they stop. Reads only.

An entry is a member of whom a conversation was verified to speak; or a phone on which nobody has been verified yet (a
relay call is one of its own: its number may be the operator's). Each entry stands at exactly one stage, the furthest,
so that every number here is a sum of the same entries and nothing can be counted twice or negative."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
)

from bot.flow import Collect, Content, Flow
from bot.records import tables as t
from bot.records.places import GOOD_FOR_S

PATIENCE_S = 30
ACTIVE_S = GOOD_FOR_S  # a conversation that moved since then is under way: as long as a place in a task is kept
STAGES = ("started", "verified", "one_step", "two_steps", "all_steps", "reward")
STEPS = ("preference", "pmp", "screening")
LANGUAGES = ("en", "es")
CHANNELS = ("sms", "voice", "relay")
UNKNOWN = "unknown"  # the language or channel of conversations of before it was kept
_TASK_OF = {"preference": "set_preference", "pmp": "choose_pmp"}  # the step's flow, whose place is kept while under way


@dataclass(frozen=True, slots=True)
class Entries:
    """Which entries are counted: begun from `since` on and before `until` (UTC seconds), in a language, by a channel.
    What is None does not narrow."""

    since: float | None = None
    until: float | None = None
    language: str | None = None  # of LANGUAGES, or UNKNOWN
    channel: str | None = None  # of CHANNELS, or UNKNOWN


@dataclass(frozen=True, slots=True)
class Stage:
    """entered = went_on + still_here + stopped. Whoever has the reward has gone on: there is nothing left to do."""

    key: str  # of STAGES
    entered: int
    went_on: int
    still_here: int  # active lately; with all steps done also who waits for benefits to begin
    stopped: int


@dataclass(frozen=True, slots=True)
class Group:
    """The stages of the entries that began in one language, or by one channel."""

    key: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Where those who are verified stand with one step: verified is the sum of the others."""

    key: str  # of STEPS
    verified: int
    done_here: int
    done_elsewhere: int  # online or by phone, imported
    under_way: int  # begun, active lately
    left: int  # begun, not active lately
    not_begun: int


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """reached = answered + declined + still_here + stopped. What was taken back and not given again is no answer."""

    key: str
    label: str
    reached: int
    answered: int
    declined: int
    still_here: int
    stopped: int


@dataclass(frozen=True, slots=True)
class Screening:
    """One form, one screening for each member: the first that was sent, else the latest.

    began = sent + who still is or stopped at a question + the same at sending + not_known."""

    flow: str
    title: str  # of the form
    began: int
    sent: int
    unsent_still_here: int  # every question answered, not sent
    unsent_stopped: int
    not_known: int  # under way, at a question that is not in the form today or was not kept
    questions: tuple[QuestionCount, ...]  # in the order of the form


@dataclass(frozen=True, slots=True)
class Funnel:
    counted: Entries
    at: float
    stages: tuple[Stage, ...]
    by_language: tuple[Group, ...]
    by_channel: tuple[Group, ...]
    steps: tuple[Step, ...]
    screenings: tuple[Screening, ...]

    @property
    def entries(self) -> int:
        return self.stages[0].entered


def count_funnel(conn: Connection, content: Content, now: float, counted: Entries | None = None) -> Funnel:
    """Count it as it stands at `now`. Use a reading connection."""
    counted = counted or Entries()
    _take_time(conn)
    found: dict[str, list[tuple[Any, ...]]] = {_STANDING: [], _RUNS: [], _ANSWERS: []}
    for part, *row in conn.execute(_everything(content, now, counted)):
        found[part].append(tuple(row))
    standing = [_Standing(*row) for row in found[_STANDING]]
    return Funnel(
        counted=counted,
        at=now,
        stages=_stages(standing),
        by_language=_groups(standing, lambda one: one.language, LANGUAGES),
        by_channel=_groups(standing, lambda one: one.channel, CHANNELS),
        steps=tuple(_step(key, number, standing) for number, key in enumerate(STEPS)),
        screenings=_screenings(content, found[_RUNS], found[_ANSWERS]),
    )


_STANDING, _RUNS, _ANSWERS = "standing", "runs", "answers"


def _take_time(conn: Connection) -> None:
    """PostgreSQL is told to give up what takes longer than a turn; this may, in its transaction. What it would compile
    takes longer to compile than to run."""
    if conn.dialect.name == "postgresql":
        conn.execute(text(f"SET LOCAL statement_timeout = {PATIENCE_S * 1000}"))
        conn.execute(text("SET LOCAL jit = off"))


def _everything(content: Content, now: float, counted: Entries) -> Any:
    """One statement: all numbers are of one instant, and the entries are found once. The rows of each part are as wide
    as those of the first, which also decides the types."""
    entries = _entries(now, counted)
    chosen = _one_run_each(content, entries)
    return union_all(_standings(entries, content, now), _where_they_are(chosen), _answered(chosen))


# --- entries ---------------------------------------------------------------------------------------------------------


def _entries(now: float, counted: Entries) -> CTE:
    """who, member (null: nobody verified yet), language, channel (of the first conversation), active."""
    heard = union_all(_of_members(), _of_unknown_phones()).cte("heard")
    first = (heard.c.started_at, heard.c.id)
    of_one = select(
        heard,
        func.row_number().over(partition_by=heard.c.who, order_by=first).label("number"),
        func.max(heard.c.updated_at).over(partition_by=heard.c.who).label("last_at"),
    ).cte("of_one")
    c = of_one.c
    return (
        select(c.who, c.member, c.language, c.channel, (c.last_at >= now - ACTIVE_S).label("active"))
        .where(c.number == 1, *_narrowed(c, counted))
        .cte("entries")
    )


def _of_members() -> Any:
    link = t.spoken_of.c
    return select(link.member.label("who"), link.member, *_conversation()).join_from(
        t.spoken_of, t.conversations, t.conversations.c.id == link.conversation
    )


def _of_unknown_phones() -> Any:
    """Conversations in which nobody was verified; not from a phone on which somebody was, nor
    of one that is known from imported consents alone."""
    c, other = t.conversations.c, t.conversations.alias("other")
    verified = exists().where(t.spoken_of.c.conversation == c.id)
    elsewhere = exists().where(
        other.c.phone_index == c.phone_index, t.spoken_of.c.conversation == other.c.id, ~_is_relay(other.c)
    )
    phone = case((_is_relay(c), c.id), else_=func.coalesce(c.phone_index, c.id))
    return select(phone, null(), *_conversation()).where(~verified, or_(_is_relay(c), ~elsewhere))


def _is_relay(c: Any) -> ColumnElement[bool]:
    return func.coalesce(c.how, "") == "relay"


def _conversation() -> tuple[ColumnElement[Any], ...]:
    c = t.conversations.c
    return (
        c.id,
        func.coalesce(c.language, UNKNOWN).label("language"),
        func.coalesce(c.how, UNKNOWN).label("channel"),
        func.coalesce(c.started_at, c.updated_at).label("started_at"),
        c.updated_at,
    )


def _narrowed(c: Any, counted: Entries) -> list[ColumnElement[bool]]:
    narrowing = (
        (counted.since, operator.ge, c.started_at),
        (counted.until, operator.lt, c.started_at),
        (counted.language, operator.eq, c.language),
        (counted.channel, operator.eq, c.channel),
    )
    return [compare(column, value) for value, compare, column in narrowing if value is not None]


# --- stages and steps ------------------------------------------------------------------------------------------------

_NO, _BEGUN, _ELSEWHERE, _HERE = range(4)  # how far one step is


@dataclass(frozen=True, slots=True)
class _Standing:
    """How many entries are alike in all this."""

    language: str
    channel: str
    active: bool
    verified: bool
    waits: bool  # for benefits to begin
    rewarded: bool
    preference: int
    pmp: int
    screening: int
    many: int

    @property
    def steps(self) -> tuple[int, ...]:
        return self.preference, self.pmp, self.screening

    @property
    def stage(self) -> int:
        """The furthest, as its place in STAGES."""
        if not self.verified:
            return 0
        return len(STAGES) - 1 if self.rewarded else 1 + sum(step > _BEGUN for step in self.steps)


def _standings(entries: CTE, content: Content, now: float) -> Any:
    done, begun, screened = _done(), _begun(), _screened(content)
    e, m = entries.c, t.members.c
    rewarded = select(t.rewards.c.member).distinct().cte("rewarded")
    waits = and_(m.benefits_begin.is_not(None), m.benefits_begin > datetime.fromtimestamp(now, UTC).date())
    same = (
        e.language,
        e.channel,
        e.active,
        e.member.is_not(None).label("verified"),
        func.coalesce(waits, false()).label("waits"),
        rewarded.c.member.is_not(None).label("rewarded"),
        *(_how_far(done.c[step], begun.c[step]).label(step) for step in _TASK_OF),
        _how_far(done.c.screening, screened.c.begun).label("screening"),
    )
    one = (
        select(*same)
        .select_from(entries)
        .outerjoin(t.members, m.id == e.member)
        .outerjoin(rewarded, rewarded.c.member == m.id)
        .outerjoin(done, done.c.member == m.id)
        .outerjoin(begun, begun.c.member == m.id)
        .outerjoin(screened, screened.c.member == m.id)
        .subquery()
    )
    return select(literal(_STANDING), *one.c, func.count()).group_by(*one.c)


def _how_far(done: ColumnElement[Any], begun: ColumnElement[Any]) -> ColumnElement[int]:
    return case((done > _NO, done), else_=func.coalesce(begun, _NO))


def _done() -> CTE:
    """Of each member, what is done of each step."""
    c = t.completions.c
    where = case((c.source == "carestart", _HERE), else_=_ELSEWHERE)
    steps = [func.max(case((c.step == step, where), else_=_NO)).label(step) for step in STEPS]
    return select(c.member, *steps).group_by(c.member).cte("done")


def _begun() -> CTE:
    """Of each member, the tasks under way: a place in them is kept."""
    c = t.places.c
    steps = [func.max(case((c.flow == flow, _BEGUN), else_=_NO)).label(step) for step, flow in _TASK_OF.items()]
    return select(c.member, *steps).group_by(c.member).cte("begun")


def _screened(content: Content) -> CTE:
    c = t.runs.c
    theirs = and_(c.member.is_not(None), c.flow.in_(content.questionnaires))
    return select(c.member, literal(_BEGUN).label("begun")).where(theirs).distinct().cte("screened")


def _stages(standing: Sequence[_Standing]) -> tuple[Stage, ...]:
    last = len(STAGES) - 1
    still: Counter[int] = Counter()
    stopped: Counter[int] = Counter()
    for one in standing:
        waits = one.stage == last - 1 and one.waits
        (still if one.active or waits else stopped)[one.stage] += one.many
    rewarded = still[last] + stopped[last]
    found = [Stage(STAGES[last], rewarded, rewarded, 0, 0)]
    for number in reversed(range(last)):
        went_on = found[0].entered
        entered = went_on + still[number] + stopped[number]
        found.insert(0, Stage(STAGES[number], entered, went_on, still[number], stopped[number]))
    return tuple(found)


def _groups(standing: Sequence[_Standing], of: Callable[[_Standing], str], known: Iterable[str]) -> tuple[Group, ...]:
    """A group for every key that occurs, the known ones first."""
    there = {of(one) for one in standing}
    keys = [*(key for key in known if key in there), *sorted(there - set(known))]
    return tuple(Group(key, _stages([one for one in standing if of(one) == key])) for key in keys)


def _step(key: str, number: int, standing: Sequence[_Standing]) -> Step:
    many: Counter[tuple[int, bool]] = Counter()
    for one in standing:
        if one.verified:
            many[one.steps[number], one.active] += one.many
    return Step(
        key=key,
        verified=many.total(),
        done_here=many[_HERE, True] + many[_HERE, False],
        done_elsewhere=many[_ELSEWHERE, True] + many[_ELSEWHERE, False],
        under_way=many[_BEGUN, True],
        left=many[_BEGUN, False],
        not_begun=many[_NO, True] + many[_NO, False],
    )


# --- questions -------------------------------------------------------------------------------------------------------

_WITHDRAWN, _VALUE, _DECLINED = range(3)
_AT_FIRST = "first"  # no answer yet: nothing of the screening is stored but its run


def _screenings(
    content: Content, runs: Iterable[tuple[Any, ...]], answers: Iterable[tuple[Any, ...]]
) -> tuple[Screening, ...]:
    at: dict[str, Counter[tuple[bool, str | None, bool]]] = {flow: Counter() for flow in content.questionnaires}
    for flow, question, active, sent, *_, many in runs:
        at[flow][bool(sent), question, bool(active)] += many
    answered: dict[str, Counter[tuple[str, int]]] = {flow: Counter() for flow in content.questionnaires}
    for flow, question, *_, status, many in answers:
        answered[flow][question, status] = many
    return tuple(
        _screening(content.flows[flow], str(form.doc.get("title", flow)), at[flow], answered[flow])
        for flow, form in content.questionnaires.items()
    )


def _one_run_each(content: Content, entries: CTE) -> CTE:
    """id, flow, sent, active: of each member and form the first that was sent, else the latest."""
    r = t.runs.c
    sent = r.state == "finished"
    order = (case((sent, 0), else_=1), case((sent, r.started_at), else_=-r.started_at), r.id)
    number = func.row_number().over(partition_by=(r.member, r.flow), order_by=order).label("number")
    theirs = (
        select(r.id, r.flow, sent.label("sent"), entries.c.active, number)
        .join_from(t.runs, entries, entries.c.member == r.member)
        .where(r.flow.in_(content.questionnaires))
        .subquery()
    )
    return select(theirs.c.id, theirs.c.flow, theirs.c.sent, theirs.c.active).where(theirs.c.number == 1).cte("chosen")


def _where_they_are(chosen: CTE) -> Any:
    c, s = chosen.c, t.screenings.c
    question = case((s.run.is_(None), _AT_FIRST), else_=s.open_question).label("question")
    rows = select(c.flow, question, c.active, c.sent).outerjoin_from(chosen, t.screenings, s.run == c.id).subquery()
    wide = [null()] * 5
    return select(literal(_RUNS), *rows.c, *wide, func.count()).group_by(*rows.c)


def _answered(chosen: CTE) -> Any:
    """How many answers stand of each question: the last entry in the log decides."""
    a = t.answers.c
    status = case((a.status == "withdrawn", _WITHDRAWN), (a.status == "declined", _DECLINED), else_=_VALUE)
    last = (func.max(a.id * 4 + status) % 4).label("status")
    folded = (
        select(chosen.c.flow, a.question, last)
        .join_from(chosen, t.answers, a.run == chosen.c.id)
        .group_by(a.run, chosen.c.flow, a.question)
        .subquery()
    )
    c, wide = folded.c, [null()] * 6
    return select(literal(_ANSWERS), c.flow, c.question, *wide, c.status, func.count()).group_by(*c)


def _screening(
    flow: Flow, title: str, at: Mapping[tuple[bool, str | None, bool], int], answered: Mapping[tuple[str, int], int]
) -> Screening:
    asked = [step for step in flow.steps if isinstance(step, Collect) and step.progress]
    here = {(question, active): many for (sent, question, active), many in at.items() if not sent}
    keys = {step.id for step in asked}
    if asked:
        for active in (True, False):
            first = asked[0].id
            here[first, active] = here.get((first, active), 0) + here.pop((_AT_FIRST, active), 0)
    return Screening(
        flow=flow.id,
        title=title,
        began=sum(at.values()),
        sent=sum(many for (sent, _, _), many in at.items() if sent),
        unsent_still_here=here.get(("", True), 0),
        unsent_stopped=here.get(("", False), 0),
        not_known=sum(many for (question, _), many in here.items() if question not in keys | {""}),
        questions=tuple(_question(step, here, answered) for step in asked),
    )


def _question(
    step: Collect, here: Mapping[tuple[str | None, bool], int], answered: Mapping[tuple[str, int], int]
) -> QuestionCount:
    value, declined = answered.get((step.id, _VALUE), 0), answered.get((step.id, _DECLINED), 0)
    still, stopped = here.get((step.id, True), 0), here.get((step.id, False), 0)
    label = step.label.get("en", step.id)
    return QuestionCount(step.id, label, value + declined + still + stopped, value, declined, still, stopped)
