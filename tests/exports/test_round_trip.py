"""The round trip: members and providers in, conversations held, records out, and into another installation with other
keys. What is exported there is the same, byte for byte."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine, select

from bot.bootstrap import Bot, open_records
from bot.config import ensure_keys, load_settings
from bot.directory.importer import import_providers
from bot.members.import_834 import import_834
from bot.members.import_csv import import_members
from bot.members.member_view import MemberView, member_view
from bot.members.roster import find_by_member_id
from bot.members.sample import SAMPLE_ROSTER
from bot.records import staff
from bot.records import tables as t
from bot.records.database import DELIVER_TO
from bot.records.export import write_export
from bot.records.funnel import Entries, count_funnel
from bot.records.migrate import upgrade
from bot.records.referrals import close_referral, open_referrals, take_referral
from bot.records.reimport import RecordsReport, import_records
from bot.records.rewards import reevaluate_all
from tests.golden import script
from tests.members.test_import_834 import ANN, EVA, LEO, interchange
from tests.phone import Clock, Phone, bot_on, count
from tests.postgres import database_of
from webhooks.sample_data import PROVIDERS

KINDS = ("preferences", "consents", "pmp-choices", "screenings", "referrals", "rewards")
SCRIPTS = (
    "check_progress/reward.en",  # all three steps
    "set_preference/text.es",  # a consent in Spanish
    "set_preference/text_declined.en",
    "choose_pmp/child.en",  # a mother for her child
    "do_screening/pregnant.es",  # a referral
    "do_screening/child.en",
    "repair/wrong_number.en",
    "menu/help_and_stop.en",
)
UNDER_WAY, ANSWERED = "do_screening/pregnant.en", 12  # a screening, and how far it comes before the first export
STRANGER, DANIEL, ANNS = "+13175550188", "+13175550110", "+13175550101"
PROGRESS = ("progress", "999900000011", "4/23/1979", "46204")


def install(data: Path) -> Path:
    """An installation with keys of its own, members from both kinds of files, and providers."""
    ensure_keys(data)
    records = open_records(load_settings({"SAMPLE_DATA": "no", **database_of(data)}, data))
    upgrade(records.engine)
    plans, enrolment = records.content.current.plans, data / "enrolment.834"
    enrolment.write_text(interchange(ANN, LEO, EVA, payer_id="INSAMPLE01"))
    import_providers(records.engine, PROVIDERS)
    import_members(records.engine, records.vault, plans, SAMPLE_ROSTER)
    assert 0 == import_834(records.engine, records.vault, plans, enrolment).rejected
    records.engine.dispose()
    return data


def say(bot: Bot, clock: Clock, name: str, start: int = 0, stop: int | None = None) -> None:
    for turn in script(name).turns[start:stop]:
        clock.now += turn.wait
        Phone(bot, clock, turn.sender).text(turn.words, **turn.more)


def converse(bot: Bot, clock: Clock) -> None:
    for name in SCRIPTS:
        say(bot, clock, name)
    Phone(bot, clock, ANNS).texts("hi", "1", "999900000001", "5/4/1990", "46201", "mail", "yes")
    Phone(bot, clock, STRANGER).texts("hi", "STOP", "START", "STOP")
    close_one_referral(bot.records, clock())
    say(bot, clock, UNDER_WAY, stop=ANSWERED)


def close_one_referral(engine: Engine, now: float) -> None:
    with engine.begin() as conn:
        agent = f"agent:{staff.add(conn, 'grace', 'Grace Park', 'agent', None, now)}"
        [first, *_] = open_referrals(conn)
    assert take_referral(engine, first.id, agent, now)
    assert close_referral(engine, first.id, agent, "helped", now + 60)


def exported(bot: Bot, kind: str) -> bytes:
    out = io.BytesIO()
    write_export(bot.records, bot.vault, bot.content.current.plans, kind, None, out)
    return out.getvalue()


def all_exported(bot: Bot) -> dict[str, bytes]:
    return {kind: exported(bot, kind) for kind in KINDS}


def files_of(bot: Bot, folder: Path) -> list[Path]:
    folder.mkdir()
    for kind, lines in all_exported(bot).items():
        (folder / f"{kind}.ndjson").write_bytes(lines)
    return [folder / f"{kind}.ndjson" for kind in KINDS]


def bring_in(bot: Bot, files: list[Path], **more: bool) -> RecordsReport:
    plans = bot.content.current.plans
    return import_records(bot.records, bot.vault, plans, files, now=bot.clock(), **more)


@dataclass(frozen=True)
class Here:
    """What happened in one installation: what it exported, first and after more was said, and what it told Daniel."""

    first: list[Path]
    later: list[Path]
    told: str
    stopped: int
    completions: int
    keys: dict[int, bytes]
    lookup_key: bytes


@pytest.fixture
def here(tmp_path: Path, redis_url: str, clock: Clock) -> Here:
    redis.Redis.from_url(redis_url).flushall()
    with bot_on(install(tmp_path / "here"), redis_url, clock) as bot:
        converse(bot, clock)
        told = Phone(bot, clock, DANIEL).texts(*PROGRESS)
        stopped, completions = count(bot, t.opt_outs), count(bot, t.completions)
        first = files_of(bot, tmp_path / "first")
        say(bot, clock, UNDER_WAY, start=ANSWERED)
        with bot.records.begin() as conn:
            [still_open, *_] = open_referrals(conn)
        assert take_referral(bot.records, still_open.id, "agent:77", clock())
        later = files_of(bot, tmp_path / "later")
        assert told
        return Here(first, later, told, stopped, completions, bot.vault.keys, bot.vault.lookup_key)


@pytest.fixture
def there(here: Here, tmp_path: Path, redis_url: str, clock: Clock) -> Iterator[Bot]:
    """Elsewhere: other keys, and every record would be delivered from there. (One bot at a time: actions are found in
    the whole process.)"""
    with bot_on(install(tmp_path / "there"), redis_url, clock) as bot:
        delivering = bot.records.execution_options(**{DELIVER_TO: ("webhook", "fhir")})
        yield replace(bot, records=delivering)


def lines_of(files: list[Path]) -> dict[str, bytes]:
    return {file.stem: file.read_bytes() for file in files}


def test_what_was_exported_here_is_exported_there_and_means_the_same(here: Here, there: Bot, clock: Clock) -> None:
    assert here.lookup_key != there.vault.lookup_key and here.keys != there.vault.keys
    exported_here = lines_of(here.first)
    assert all(exported_here.values())

    tried = bring_in(there, here.first, dry_run=True)
    assert {b""} == set(all_exported(there).values())
    report = bring_in(there, here.first)
    assert ((), 0, 0) == (report.problems, report.known, report.updated)
    assert {kind: lines.count(b"\n") for kind, lines in exported_here.items()} == report.added == tried.added
    assert exported_here == all_exported(there)

    assert 0 == count(there, t.dispatches)
    assert 0 == reevaluate_all(there.records, there.content.current.plans, clock())
    everything = rows_of(there)
    again = bring_in(there, here.first)
    assert ({}, 0, sum(report.added.values())) == (again.added, again.updated, again.known)
    assert everything == rows_of(there)

    assert "$30" in here.told
    daniel = Phone(there, clock, DANIEL)
    assert here.told == daniel.texts(*PROGRESS)
    assert exported_here == all_exported(there)
    assert [(daniel.conversation,)] == [phone.conversations for phone in seen_by_staff(there, PROGRESS[1]).phones]


def test_a_stop_holds_there_until_a_start_and_nobody_has_said_anything_yet(
    here: Here, there: Bot, clock: Clock
) -> None:
    with there.records.begin() as conn:
        before = count_funnel(conn, there.content.current, clock(), Entries())
    bring_in(there, here.first)
    assert here.stopped == count(there, t.opt_outs) > 0
    with there.records.begin() as conn:
        assert before.stages == count_funnel(conn, there.content.current, clock(), Entries()).stages
    stranger = Phone(there, clock, STRANGER)
    assert stranger.text("hello?") is None
    assert stranger.text("START")
    bring_in(there, here.first)  # an older STOP does not undo the START
    assert here.stopped == count(there, t.opt_outs) + 1


def test_a_referral_and_a_screening_come_further_and_never_back(here: Here, there: Bot) -> None:
    first, later = lines_of(here.first), lines_of(here.later)
    assert {"referrals", "screenings"} <= {kind for kind in KINDS if first[kind] != later[kind]}
    bring_in(there, here.first)
    report = bring_in(there, here.later)
    assert ((), 2) == (report.problems, report.updated)
    assert later == all_exported(there)
    assert 0 == bring_in(there, here.first).updated
    assert later == all_exported(there)


@pytest.mark.parametrize("order", [1, -1], ids=["steps first", "rewards first"])
def test_each_step_is_there_once_in_whatever_order_kinds_come(here: Here, there: Bot, order: int) -> None:
    for file in here.first[::order]:
        assert not bring_in(there, [file]).problems
    assert lines_of(here.first) == all_exported(there)
    assert here.completions == count(there, t.completions) > 5


def seen_by_staff(bot: Bot, member_id: str) -> MemberView:
    with bot.records.begin() as conn:
        member = find_by_member_id(conn, bot.vault, "indiana", member_id)
        assert member is not None
        view = member_view(conn, bot.vault, bot.content.current.plans, member.id, bot.clock())
    assert view is not None
    return view


def rows_of(bot: Bot) -> dict[str, list[object]]:
    """All that is on file, but for the audit."""
    tables = [table for table in t.metadata.sorted_tables if table is not t.audit]
    with bot.records.begin() as conn:
        return {table.name: sorted(map(repr, conn.execute(select(table)))) for table in tables}
