"""Whatever has been recorded: the sums hold, and the numbers are those of a slow count by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from bot.content import load_content
from bot.flow import Collect, Content
from bot.members.roster import Details
from bot.records import tables as t
from bot.records.database import reading
from bot.records.funnel import ACTIVE_S, STEPS, Entries, count_funnel
from tests.funnel.sums import holds
from tests.members.people import add_member, file_engine
from tests.members.people import at as moment

NOW = moment(2026, 6, 15)
MEMBERS = ("ann", "ben", "cal")
TABLES = (t.spoken_of, t.conversations, t.completions, t.rewards, t.places, t.answers, t.screenings, t.runs)
FORM = "hns_adult"


@cache
def content() -> Content:
    return load_content(Path(__file__).parents[2] / "flows")


@cache
def questions() -> list[str]:
    return [step.id for step in content().flows[FORM].steps if isinstance(step, Collect) and step.progress]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = file_engine(tmp_path_factory.mktemp("funnel"))
    with engine.begin() as conn:
        for number, id in enumerate(MEMBERS):
            begin = date(2026, 1, 1) if number else date(2027, 1, 1)
            add_member(conn, id, Details(f"99990000000{number}", id, "Bell", "1990-05-04"), benefits_begin=begin)
    yield engine
    engine.dispose()


@dataclass(frozen=True, slots=True)
class Talk:
    phone: str
    how: str | None
    language: str | None
    days_ago: int
    lasted: int
    of: frozenset[str]


@dataclass(frozen=True, slots=True)
class Run:
    member: str
    sent: bool
    log: tuple[tuple[int, str], ...]  # question's number, status
    kept: bool  # whether the open question was


talks = st.builds(
    Talk,
    phone=st.sampled_from("pqr"),
    how=st.sampled_from(["sms", "voice", "relay", None]),
    language=st.sampled_from(["en", "es", None]),
    days_ago=st.integers(0, 60),
    lasted=st.integers(0, 20),
    of=st.frozensets(st.sampled_from(MEMBERS), max_size=2),
)
runs = st.builds(
    Run,
    member=st.sampled_from(MEMBERS),
    sent=st.booleans(),
    log=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["value", "declined", "withdrawn"])), max_size=8
    ).map(tuple),
    kept=st.booleans(),
)  # fmt: skip
of_members = st.sampled_from(MEMBERS)
completions = st.tuples(of_members, st.sampled_from(STEPS), st.sampled_from(["carestart", "portal"]))
places = st.frozensets(st.tuples(of_members, st.sampled_from(["set_preference", "choose_pmp"])))
entries = st.builds(
    Entries,
    since=st.none() | st.integers(0, 60).map(lambda days: NOW - days * 86_400.0),
    until=st.none() | st.integers(0, 60).map(lambda days: NOW - days * 86_400.0),
    language=st.sampled_from([None, "en", "unknown"]),
    channel=st.sampled_from([None, "sms", "relay"]),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(talks, max_size=7), st.lists(runs, max_size=5), st.lists(completions, max_size=8), places,
    st.frozensets(of_members), entries,
)  # fmt: skip
def test_sums_hold_and_agree_with_a_count_by_hand(
    engine: Engine,
    talks: list[Talk],
    runs: list[Run],
    done: list[tuple[str, str, str]],
    places: frozenset[tuple[str, str]],
    rewarded: frozenset[str],
    counted: Entries,
) -> None:
    write(engine, talks, runs, done, places, rewarded)
    with reading(engine) as conn:
        funnel = count_funnel(conn, content(), NOW, counted)
    holds(funnel)
    begun = by_hand(talks, counted)
    steps = {who: len({step for member, step, _ in done if member == who}) for who in MEMBERS}
    stage_of = {who: (5 if who in rewarded else 1 + steps[who]) if who in MEMBERS else 0 for who in begun}
    expected = [sum(stage >= number for stage in stage_of.values()) for number in range(6)]
    assert expected == [stage.entered for stage in funnel.stages]
    of_form = next(form for form in funnel.screenings if form.flow == FORM)
    assert len({run.member for run in runs} & begun.keys()) == of_form.began
    assert len({run.member for run in runs if run.sent} & begun.keys()) == of_form.sent
    chosen = [run for who in begun if (run := the_one(runs, who)) is not None]
    assert sum(len(standing(run)) for run in chosen) == sum(one.answered + one.declined for one in of_form.questions)
    for who, latest in begun.items():
        if who in MEMBERS and len(begun) == 1 and stage_of[who] < 4:
            assert funnel.stages[stage_of[who]].still_here == (latest >= NOW - ACTIVE_S)


def the_one(runs: list[Run], who: str) -> Run | None:
    """The first that was sent, else the latest; later in the list is earlier (see `write`)."""
    theirs = [run for run in runs if run.member == who]
    sent = [run for run in theirs if run.sent]
    return sent[-1] if sent else next(iter(theirs), None)


def standing(run: Run) -> set[int]:
    """The questions whose last word is an answer."""
    return {question for question, status in dict(run.log).items() if status != "withdrawn"}


def by_hand(talks: list[Talk], counted: Entries) -> dict[str, float]:
    """Who is counted -> when they were last active."""
    known = {talk.phone for talk in talks if talk.of and talk.how != "relay"}
    found: dict[str, list[tuple[float, str, Talk]]] = {}
    for number, talk in enumerate(talks):
        alone = f"c{number}" if talk.how == "relay" else f"phone {talk.phone}"
        absorbed = not talk.of and talk.how != "relay" and talk.phone in known
        for who in talk.of or ([] if absorbed else [alone]):
            found.setdefault(who, []).append((started(talk), f"c{number}", talk))
    return {
        who: max(updated(talk) for *_, talk in their) for who, their in found.items() if wanted(min(their)[2], counted)
    }


def wanted(first: Talk, counted: Entries) -> bool:
    return (
        (counted.since is None or started(first) >= counted.since)
        and (counted.until is None or started(first) < counted.until)
        and counted.language in (None, first.language or "unknown")
        and counted.channel in (None, first.how or "unknown")
    )


def started(talk: Talk) -> float:
    return NOW - talk.days_ago * 86_400.0


def updated(talk: Talk) -> float:
    return min(NOW, started(talk) + talk.lasted * 86_400.0)


def write(
    engine: Engine,
    talks: list[Talk],
    runs: list[Run],
    done: list[tuple[str, str, str]],
    places: frozenset[tuple[str, str]],
    rewarded: frozenset[str],
) -> None:
    with engine.begin() as conn:
        for table in TABLES:
            conn.execute(delete(table))

        def add(table: Any, **row: Any) -> None:
            conn.execute(insert(table).values(row))

        for number, talk in enumerate(talks):
            add(
                t.conversations, id=f"c{number}", version=1, owner="bot", session_sealed=b"", address_sealed=b"",
                phone_index=talk.phone, language=talk.language, how=talk.how, started_at=started(talk),
                updated_at=updated(talk),
            )  # fmt: skip
            for who in talk.of:
                add(t.spoken_of, conversation=f"c{number}", member=who, at=started(talk))
        for number, (who, step, source) in enumerate(done):
            add(t.completions, member=who, step=step, source=source, reference=str(number), at=NOW)
        for who in rewarded:
            add(t.rewards, member=who, programme_year=2026, cents=3000, completions="[]", at=NOW)
        for who, flow in places:
            add(t.places, member=who, flow=flow, speaker="s", conversation="c0", marks_sealed=b"", at=NOW)
        for number, run in enumerate(runs):
            add_run(add, f"r{number}", run, NOW - number)


def add_run(add: Any, id: str, run: Run, when: float) -> None:
    state = "finished" if run.sent else "open"
    add(t.runs, id=id, member=run.member, flow=FORM, state=state, started_at=when)
    stands: dict[int, str] = {}
    for question, status in run.log:
        stands.pop(question, None)
        if status != "withdrawn":
            stands[question] = status
        add(
            t.answers, member=run.member, conversation="c0", run=id, flow=FORM, question=questions()[question],
            status=status, said_by="x", how="sms", message_id="m", at=when,
        )  # fmt: skip
    if not run.log:
        return
    waits = next((key for number, key in enumerate(questions()) if number not in stands), "")
    add(
        t.screenings, run=id, member=run.member, questionnaire="q", status="x", said_by="x", language="en",
        open_question=waits if run.kept and not run.sent else None, started_at=when,
    )  # fmt: skip
