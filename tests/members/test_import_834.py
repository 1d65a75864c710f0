"""Enrolment files (X12 834) come whole or broken; what cannot be taken is told by segment and reason, never a value."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from bot.flow import Plan, Roster
from bot.members.csv_rows import Unreadable
from bot.members.household import guardians_of
from bot.members.import_834 import Choices, EnrolmentReport, import_834
from bot.members.import_csv import import_members
from bot.members.roster import Member, find_by_member_id, read_member
from bot.members.x12_rejects import reasons_path
from bot.members.x12_segments import MAX_SEGMENT, is_x12, read_segments
from bot.records.tables import guardian_links, guardians, members, roster_files
from tests.members.people import INDIANA, OHIO, TODAY, VAULT, at, file_engine
from webhooks.bench.enrolment import Envelope, as_834, families

NOW = at(2026, 6, 15)
PLANS = {
    "indiana": replace(INDIANA, roster=Roster(payer_ids=("INPAYER",))),
    "ohio": replace(OHIO, roster=Roster(payer_ids=("OHPAYER",), sender_ids=("OHSTATE",))),
}
ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CARESTART_TEST_DATA", str(ROOT / ".." / "shared" / "data"))) / "x12-834" / "family.txt"
ENVELOPE = Envelope("INPAYER")

ANN = """INS*Y*18*021*XN*A*C**FT
REF*0F*999900000001
REF*1L*GROUP7
DTP*356*D8*20251201
NM1*IL*1*Bell*Ann*Q***34*123456789
PER*IP**HP*3175550100*CP*3175550101*EM*ann@example.org
N3*12 Main St*Apt 4
N4*Indianapolis*IN*462011234
DMG*D8*19900504*F**C:RET:2186-5
LUI*LE*ENG**8
LUI*LE*SPA**7
NM1*70*1*Bel*An
DMG*D8*19910504*F
NM1*31*1
N3*PO Box 9
N4*Gary*IN*46401
DSB*2
DTP*360*D8*20250101
HD*021**DEN**IND
DTP*348*D8*20200101
HD*021**HMO*PLAN A*IND
DTP*348*D8*20260101
REF*1L*POLICY
LX*1
NM1*P3*1*Doe*Sam****XX*1234567893*25
N3*1 Doctor Rd
N4*Lafayette*IN*47901
COB*P*POL9*1
REF*60*OTHER
NM1*IN*2*OTHER PLAN
LS*2700
LX*1
N1*75*COUNTY
REF*17*888800000000
DTP*007*D8*20200101
LE*2700"""
LEO = """INS*N*19*021*XN*A
REF*0F*999900000001
REF*23*999900000002
NM1*IL*1*Bell*Leo
DMG*D8*20150310*M
HD*021**HMO
DTP*348*D8*20260101"""
EVA = """INS*Y*18*021*XN*A
REF*0F*999900000003
NM1*IL*1*Hill*Eva
N4*Indianapolis*IN*46202
DMG*D8*20180310*F
NM1*S3*1*Hill*Rosa
PER*PQ**TE*3175550103
N3*9 Elm St
NM1*GD*1*Stone*Tom
HD*021**HMO
DTP*348*RD8*20260101-20261231"""


def interchange(*loops: str, **envelope: object) -> str:
    """A file of these loops, all counts right."""
    about = replace(ENVELOPE, **envelope)  # type: ignore[arg-type]
    *head, se, ge, iea = as_834((), about)
    body = [line + "~\n" for loop in loops for line in loop.splitlines()]
    return "".join((*head, *body, se.replace("*5*", f"*{len(head) - 2 + len(body) + 1}*"), ge, iea))


def load(
    engine: Engine, folder: Path, content: str | bytes, plans: dict[str, Plan] = PLANS, **choices: object
) -> EnrolmentReport:
    path = folder / "enrolment.834"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return import_834(engine, VAULT, plans, path, Choices(**choices), now=NOW)  # type: ignore[arg-type]


def counts(report: EnrolmentReport) -> dict[str, int]:
    names = ("added", "changed", "terminated", "reinstated", "unchanged", "rejected", "around")
    return {name: number for name in names if (number := getattr(report, name))}


def on_file(engine: Engine, member_id: str, plan: str = "indiana") -> Member:
    with engine.begin() as conn:
        found = find_by_member_id(conn, VAULT, plan, member_id)
    assert found is not None
    return found


def guardians_on_file(engine: Engine, member_id: str) -> list[tuple[str, str]]:
    child = on_file(engine, member_id)
    with engine.begin() as conn:
        found = guardians_of(conn, VAULT, child.id, TODAY)
    return sorted((guardian.details.first, guardian.relationship) for guardian in found)


def everything(engine: Engine) -> list[object]:
    """All that is on file of members and their guardians, without our random ids."""
    with engine.begin() as conn:
        people = {row.id: read_member(VAULT, row) for row in conn.execute(select(members))}
        links = conn.execute(
            select(guardian_links, guardians.c.name_index, guardians.c.phone_index, guardians.c.member).join(
                guardians, guardians.c.id == guardian_links.c.guardian
            )
        ).all()
    own = lambda id_: people[id_].details.member_id if id_ else None  # noqa: E731
    return [
        sorted(repr(replace(one, id="")) for one in people.values()),
        sorted(
            repr((own(k.member), k.relationship, k.expires, k.name_index, k.phone_index, own(k.guardian and k[-1])))
            for k in links
        ),
    ]


# --- what is read ----------------------------------------------------------------------------------------------------


def test_a_loop_is_loaded_with_everything_it_says(engine: Engine, tmp_path: Path) -> None:
    assert {"added": 1} == counts(load(engine, tmp_path, interchange(ANN)))
    ann = on_file(engine, "999900000001")
    own = ann.details
    assert ("Ann", "Bell", "1990-05-04", "F") == (own.first, own.last, own.birth_date, own.sex)
    assert ("12 Main St Apt 4", "Indianapolis", "IN", "46201") == (own.address, own.city, own.state, own.zip)
    assert ("+13175550101", "ann@example.org", "spa", "es") == (own.phone, own.email, own.language, ann.language)
    assert (date(2026, 1, 1), None, "1234567893") == (ann.benefits_begin, ann.benefits_end, ann.pmp_provider)


def test_a_dependent_child_has_the_subscribers_home_and_the_subscriber_as_parent(
    engine: Engine, tmp_path: Path
) -> None:
    assert {"added": 2} == counts(load(engine, tmp_path, interchange(ANN, LEO)))
    assert ("46201", "12 Main St Apt 4") == (lambda d: (d.zip, d.address))(on_file(engine, "999900000002").details)
    assert [("Ann", "parent")] == guardians_on_file(engine, "999900000002")


def test_custodial_parent_and_responsible_person_become_guardians(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, interchange(EVA))
    assert [("Rosa", "parent"), ("Tom", "guardian")] == guardians_on_file(engine, "999900000003")
    assert on_file(engine, "999900000003").benefits_end == date(2026, 12, 31)


def test_a_dependents_guardian_is_never_a_stranger_above_it(engine: Engine, tmp_path: Path) -> None:
    own_number = LEO.replace("999900000001", "999900000002").replace("DMG", "N4*Gary*IN*46401\nDMG")
    assert {"added": 2} == counts(load(engine, tmp_path, interchange(ANN, own_number)))
    assert [] == guardians_on_file(engine, "999900000002")
    follow = {"indiana": replace(PLANS["indiana"], roster=replace(PLANS["indiana"].roster, dependents_follow=True))}
    load(engine, tmp_path, interchange(ANN, own_number), follow)
    assert [("Ann", "parent")] == guardians_on_file(engine, "999900000002")


def test_a_subscriber_that_cannot_be_read_does_not_leave_its_child_to_the_one_before(
    engine: Engine, tmp_path: Path
) -> None:
    follow = {"indiana": replace(PLANS["indiana"], roster=replace(PLANS["indiana"].roster, dependents_follow=True))}
    broken = EVA.replace("REF*0F*999900000003\n", "")
    child = LEO.replace("999900000001", "999900000002").replace("DMG", "N4*Gary*IN*46401\nDMG")
    assert {"added": 2, "rejected": 1} == counts(load(engine, tmp_path, interchange(ANN, broken, child), follow))
    assert [] == guardians_on_file(engine, "999900000002")


def test_a_subscriber_below_its_child_is_found(engine: Engine, tmp_path: Path) -> None:
    child = LEO.replace("DMG", "N4*Gary*IN*46401\nDMG")
    assert {"added": 2} == counts(load(engine, tmp_path, interchange(child, ANN)))
    assert [("Ann", "parent")] == guardians_on_file(engine, "999900000002")


def test_spouses_and_adults_get_no_guardian(engine: Engine, tmp_path: Path) -> None:
    spouse = LEO.replace("INS*N*19", "INS*N*01")
    adult = LEO.replace("999900000002", "999900000004").replace("20150310", "19990310")
    load(engine, tmp_path, interchange(ANN, spouse, adult))
    with engine.begin() as conn:
        assert 0 == conn.scalar(select(func.count()).select_from(guardian_links))


@pytest.mark.parametrize(
    ("before", "after", "language"),
    [
        ("LUI*LE*SPA**7", "LUI*LD*SPA**7", "es"),
        ("LUI*LE*SPA**7", "LUI***SPANISH*7", "es"),
        ("LUI*LE*SPA**7", "LUI*LE*VIE**7", "en"),
    ],
)
def test_the_language_spoken(engine: Engine, tmp_path: Path, before: str, after: str, language: str) -> None:
    load(engine, tmp_path, interchange(ANN.replace(before, after)))
    assert language == on_file(engine, "999900000001").language


def test_several_transactions_groups_and_interchanges_of_two_plans(engine: Engine, tmp_path: Path) -> None:
    ohio = ANN.replace("999900000001", "99990000001")
    first = interchange(ANN)
    start, end = first.index("ST*834"), first.index("GE*1*")
    second = first[start:end].replace("*0001", "*0002").replace("999900000001", "999900000009")
    both = first[:end] + second + first[end:].replace("GE*1*", "GE*2*")
    other = interchange(ohio, payer_id="OHPAYER", control=2)
    other = other.replace("*", "|").replace("~\n", "\x1d")
    assert {"added": 3} == counts(load(engine, tmp_path, both + "\r\n" + other))
    assert "Ann" == on_file(engine, "99990000001", "ohio").details.first


@pytest.mark.parametrize("change", [
    lambda text: text.replace("\n", ""),
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.replace("~\n", "\n"),
    lambda text: text.replace("*", "|").replace("~", "'"),
    lambda text: text.replace("*", "\x1c").replace("~\n", "\x1d"),
    lambda text: "\ufeff" + text,
    lambda text: "\r\n" + text + "\r\n\x1a",
    lambda text: text.replace("~\n", "~\n~\n"),
    lambda text: text.replace("~\n", "~\r\n\r\n"),
])  # fmt: skip
def test_delimiters_and_line_breaks_as_senders_have_them(engine: Engine, tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]
    assert {"added": 3} == counts(load(engine, tmp_path, change(interchange(ANN, LEO, EVA.replace("Eva", "José")))))
    assert "José" == on_file(engine, "999900000003").details.first


def test_a_windows_code_page_keeps_its_accents(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, interchange(ANN.replace("*Ann*", "*José*")).encode("cp1252"))
    assert "José" == on_file(engine, "999900000001").details.first


@pytest.mark.skipif(not SHARED.exists(), reason="the real file is not beside this checkout (../shared/data)")
def test_the_real_family(engine: Engine, tmp_path: Path) -> None:
    plan = replace(INDIANA, member_id_pattern=r"M\d{6}", roster=Roster(("876543219",), dependents_follow=True))
    report = load(engine, tmp_path, SHARED.read_bytes(), {"indiana": plan})
    assert {"added": 3} == counts(report)
    assert [("ROBERT", "parent")] == guardians_on_file(engine, "M000004")
    assert {"92501"} == {on_file(engine, f"M00000{n}").details.zip for n in (2, 3, 4)}


# --- changes ---------------------------------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    content = interchange(ANN, LEO, EVA)
    load(engine, tmp_path, content)
    with engine.begin() as conn:
        before = conn.execute(select(members).order_by(members.c.id)).all()
    assert {"unchanged": 3} == counts(load(engine, tmp_path, content))
    with engine.begin() as conn:
        assert before == conn.execute(select(members).order_by(members.c.id)).all()
        assert 1 == conn.scalar(select(func.count()).select_from(roster_files))


def test_a_change_leaves_what_it_does_not_say(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, interchange(ANN))
    moved = "INS*Y*18*001*43*A\nREF*0F*999900000001\nNM1*IL*1*Bell*Ann\nPER*IP**TE*3175550199"
    assert {"changed": 1} == counts(load(engine, tmp_path, interchange(moved, control=2)))
    own = on_file(engine, "999900000001")
    assert ("+13175550199", "46201", "1990-05-04", "es") == (
        own.details.phone,
        own.details.zip,
        own.details.birth_date,
        own.language,
    )
    assert (date(2026, 1, 1), "1234567893") == (own.benefits_begin, own.pmp_provider)


END = "INS*Y*18*024*07*A\nREF*0F*999900000001\nNM1*IL*1*Bell*Ann\nHD*024**HMO"


@pytest.mark.parametrize(
    ("loop", "last"),
    [
        (END + "\nDTP*349*D8*20260531", date(2026, 5, 31)),
        (END, date(2026, 4, 1)),
        (END.replace("\nHD", "\nHD*024**DEN\nDTP*349*D8*20260215\nHD"), date(2026, 4, 1)),
        (END.replace("\nNM1", "\nDTP*357*D8*20260430\nNM1"), date(2026, 4, 30)),
        (END.replace("\nHD*024**HMO", ""), date(2026, 4, 1)),
        (END + "\nDTP*348*D8*20260101\nDTP*349*D8*20251231", date(2025, 12, 31)),
        (END + "\nDTP*349*D8*99991231", date(2026, 4, 1)),
        (END.replace("*024*07", "*001*07") + "\nDTP*349*D8*20260531", date(2026, 5, 31)),
    ],
)
def test_a_termination_sets_the_last_day_and_a_reinstatement_clears_it(
    engine: Engine, tmp_path: Path, loop: str, last: date
) -> None:
    load(engine, tmp_path, interchange(ANN))
    assert {"terminated": 1} == counts(load(engine, tmp_path, interchange(loop, control=2)))
    ann = on_file(engine, "999900000001")
    assert (last, date(2026, 1, 1), "Ann") == (ann.benefits_end, ann.benefits_begin, ann.details.first)
    back = "INS*Y*18*025*41*A\nREF*0F*999900000001\nNM1*IL*1*Bell*Ann"
    assert {"reinstated": 1} == counts(load(engine, tmp_path, interchange(back, control=3)))
    assert on_file(engine, "999900000001").benefits_end is None


def test_of_two_spans_the_one_that_ends_last_counts_and_death_ends_all(engine: Engine, tmp_path: Path) -> None:
    past = "HD*021**HMO\nDTP*348*D8*20240101\nDTP*349*D8*20251231"
    load(engine, tmp_path, interchange(ANN.replace("LS*2700", past + "\nLS*2700")))
    ann = on_file(engine, "999900000001")
    assert (date(2026, 1, 1), None) == (ann.benefits_begin, ann.benefits_end)
    died = ANN.replace("INS*Y*18*021*XN*A*C**FT", "INS*Y*18*001*XN*A*C**FT***D8*20260320")
    load(engine, tmp_path, interchange(died, control=2))
    assert date(2026, 3, 20) == on_file(engine, "999900000001").benefits_end


def test_several_loops_of_one_member_build_on_each_other(engine: Engine, tmp_path: Path) -> None:
    back = "INS*Y*18*025*41*A\nREF*0F*999900000001\nNM1*IL*1*Bell*Anna"
    assert {"added": 1} == counts(load(engine, tmp_path, interchange(ANN, END, back)))
    ann = on_file(engine, "999900000001")
    assert (None, "Anna", 0) == (ann.benefits_end, ann.details.first, ann.version)


def test_an_older_file_is_refused_and_forced(engine: Engine, tmp_path: Path) -> None:
    newer, older = (
        interchange(ANN.replace("Ann", name), created=day, control=n)
        for name, day, n in (("Anna", "202604020900", 2), ("Ann", "202604010900", 1))
    )
    load(engine, tmp_path, newer)
    report = load(engine, tmp_path, older)
    assert {"around": 1} == counts(report)
    assert str(report.problems[0]).startswith(
        "ST 0001, segment 3: no member of this transaction was loaded: it is older"
    )
    assert "Anna" == on_file(engine, "999900000001").details.first
    assert {"unchanged": 1} == counts(load(engine, tmp_path, newer))
    assert {"changed": 1} == counts(load(engine, tmp_path, older, force=True))


def test_control_numbers_decide_between_files_of_one_minute(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, interchange(ANN, control=10))
    assert {"around": 1} == counts(load(engine, tmp_path, interchange(ANN, control=9)))
    assert {"unchanged": 1} == counts(load(engine, tmp_path, interchange(ANN, control=11)))


def test_another_plans_files_do_not_make_one_older(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, interchange(ANN.replace("999900000001", "99990000001"), payer_id="OHPAYER", control=10))
    assert {"added": 1} == counts(load(engine, tmp_path, interchange(ANN, control=9)))


def test_a_dry_run_reports_the_same_and_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    assert {"added": 3} == counts(load(engine, tmp_path, interchange(ANN, LEO, EVA), dry_run=True))
    with engine.begin() as conn:
        for table in (members, guardians, roster_files):
            assert 0 == conn.scalar(select(func.count()).select_from(table))


# --- a full file -----------------------------------------------------------------------------------------------------


def test_who_is_missing_from_a_full_file_is_counted_listed_and_not_ended(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, interchange(ANN, LEO, EVA))
    report = load(engine, tmp_path, interchange(ANN, whole=True, control=2), list_missing=tmp_path / "missing.csv")
    assert (2, False) == (report.missing, report.missing_ended)
    listed = (tmp_path / "missing.csv").read_text().splitlines()
    assert ["plan,member_id", "indiana,999900000002", "indiana,999900000003"] == [listed[0], *sorted(listed[1:])]
    assert 0o600 == stat.S_IMODE((tmp_path / "missing.csv").stat().st_mode)
    assert on_file(engine, "999900000002").benefits_end is None
    assert load(engine, tmp_path, interchange(ANN, control=3)).missing is None


def test_missing_members_are_ended_on_request_within_a_limit(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, interchange(ANN, LEO, EVA))
    full = interchange(ANN, LEO, whole=True, control=2)
    refused = load(engine, tmp_path, full, end_missing=True)
    assert (1, False, {"unchanged": 2, "around": 1}) == (refused.missing, refused.missing_ended, counts(refused))
    assert "1 of 3 active members are more than 10 percent" in str(refused.problems[0])
    report = load(engine, tmp_path, full, end_missing=True, missing_limit=50.0)
    assert (1, True) == (report.missing, report.missing_ended)
    assert date(2026, 4, 1) == on_file(engine, "999900000003").benefits_end
    assert on_file(engine, "999900000002").benefits_end is None
    assert 0 == load(engine, tmp_path, full, end_missing=True).missing


def test_nobody_is_ended_by_a_file_of_which_something_was_rejected(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, interchange(ANN, LEO, EVA))
    full = interchange(ANN, LEO.replace("20150310", "x"), whole=True, control=2)
    report = load(engine, tmp_path, full, end_missing=True, missing_limit=100.0)
    assert (1, False) == (report.missing, report.missing_ended)


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("*999900000003", "*12", "member_id (REF02) has not the form of the plan's member IDs"),
        ("REF*0F*999900000003\n", "", "there is no member ID (REF)"),
        ("*Hill*Eva", "*Hill", "first_name (NM104) is empty"),
        ("*Hill*Eva", "*Hill*<b>Eva", "first_name (NM104) has characters that are not part of a name"),
        ("*Hill*Eva", '*Hill*"Eva', "first_name (NM104) has characters that are not part of a name"),
        ("*46202", "*462", "zip (N403) is not a ZIP code"),
        ("N4*Indianapolis*IN*46202\n", "", "cannot be added without zip"),
        ("20180310", "20180230", "birth_date (DMG02) is not a date"),
        ("DMG*D8*20180310*F\n", "", "cannot be added without birth_date"),
        ("3175550103", "12345", "guardian_phone (PER of loop 2100F or G) is not a phone number"),
        ("20260101-20261231", "20260101-20251231", "benefits_end (DTP*349) is before benefits_begin"),
        ("*021*XN", "*777*XN", "INS03 is no maintenance type of 834"),
        ("HD*021", "NM1*IL*1*West*Ida\nHD*021", "two members (NM1*IL) stand in one loop"),
        ("HD*021", "N3*" + "x" * MAX_SEGMENT + "\nHD*021", "the segment is longer than 8,192 characters"),
        ("HD*021", "\x00\x01\x02\nHD*021", "a segment does not begin with its name"),
        ("HD*021", "\n".join(["REF*ZZ*1"] * 10_000) + "\nHD*021", "there are more than 1,000 segments"),
    ],
)  # fmt: skip
def test_a_bad_loop_is_told_by_segment_and_reason_and_the_rest_is_loaded(
    engine: Engine, tmp_path: Path, before: str, after: str, reason: str
) -> None:
    assert before in EVA
    report = load(
        engine, tmp_path, interchange(ANN, LEO, EVA.replace(before, after)), rejects=tmp_path / "rejected.834"
    )
    assert (2, 1) == (report.added, report.rejected)
    problem = next(one for one in report.problems if "SE01" not in one.reason)
    assert str(problem).startswith(f"ST 0001, segment {7 + len(ANN.splitlines()) + len(LEO.splitlines())}: ")
    assert reason in problem.reason
    values = {part for part in re.split(r"[*\n]", EVA) if len(part) > 3 and part not in ("PQ", "HMO")} - {
        "Indianapolis"
    }
    assert [] == [value for value in values if value in str(problem)]


def test_rejected_loops_are_an_834_that_can_be_corrected_and_imported_again(engine: Engine, tmp_path: Path) -> None:
    rejects = tmp_path / "rejected.834"
    content = interchange(ANN, LEO.replace("20150310", "2015"), EVA.replace("46202", "462"), whole=True)
    assert {"added": 1, "rejected": 2} == counts(load(engine, tmp_path, content, rejects=rejects))
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in (rejects, reasons_path(rejects))}
    first, second = reasons_path(rejects).read_text().splitlines()
    assert first.startswith("segment 43: was ST 0001, segment 43: birth_date (DMG02) is not a date")
    assert second.startswith("segment 50: was ST 0001, segment 50: zip (N403)")
    again = tmp_path / "again.834"
    report = load(engine, tmp_path, rejects.read_text().replace("D8*2015*", "D8*20150310*"), rejects=again)
    assert ({"added": 1, "unchanged": 1, "rejected": 1}, None) == (counts(report), report.missing)
    assert [("Ann", "parent")] == guardians_on_file(engine, "999900000002")
    assert {"added": 1} == counts(load(engine, tmp_path, again.read_text().replace("*462~", "*46202~")))
    assert not (tmp_path / "none.834").exists()


def test_a_late_guardian_who_never_comes(engine: Engine, tmp_path: Path) -> None:
    rejects = tmp_path / "rejected.834"
    child = LEO.replace("DMG", "N4*Gary*IN*46401\nDMG")
    report = load(engine, tmp_path, interchange(child), rejects=rejects)
    assert {"added": 1, "rejected": 1} == counts(report)
    assert "guardian_member_id" in str(report.problems[0]) and "999900000001" not in str(report.problems[0])
    assert "REF*23*999900000002~" in rejects.read_text()


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("SE*", "SE*1", "SE01"),
        ("GE*1*", "GE*2*", "GE01"),
        ("IEA*1*", "IEA*3*", "IEA01"),
        ("IEA*1*000000001", "IEA*1*000000007", "IEA02"),
        ("*0001~\nGE", "*0007~\nGE", "SE02"),
        ("IEA*1*000000001~\n", "", "IEA is missing"),
        ("GE*1*1~\n", "", "the interchange is closed before its group"),
        ("IEA*1*000000001~\n", "IEA*1*000000001~\nhello", "what follows the last interchange is no X12"),
        ("GE*1*1~", "SE*1*1~\nGE*1*1~", "SE02"),
        ("GE*1*1~", "GE*1*1~\nIEA*1*000000001~\nIEA*1*000000001~", "what follows the last interchange"),
    ],
)
def test_wrong_envelopes_are_reported_and_the_members_loaded(
    engine: Engine, tmp_path: Path, before: str, after: str, reason: str
) -> None:
    content = interchange(ANN, EVA)
    assert before in content
    report = load(engine, tmp_path, content.replace(before, after))
    assert (2, 0) == (report.added, report.rejected)
    assert any(reason in problem.reason for problem in report.problems)
    assert report.around == len(report.problems) > 0


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("INPAYER", "OTHER", "no plan names its payer"),
        ("ST*834", "ST*820", "it is no 834"),
        ("005010X220A1", "004010X095A1", "it is not of version 005010X220A1"),
        ("BGN*00*1*20260401", "BGN*00*1*20261301", "its date and time (BGN03, BGN04) cannot be read"),
        ("GS*BE", "G_*BE", "it stands outside of a group"),
    ],
)
def test_a_transaction_of_which_nothing_can_be_loaded(
    engine: Engine, tmp_path: Path, before: str, after: str, reason: str
) -> None:
    report = load(engine, tmp_path, interchange(ANN, LEO).replace(before, after))
    assert 0 == report.added
    assert any(reason in problem.reason for problem in report.problems)


def test_the_plan_by_sender_and_by_option(engine: Engine, tmp_path: Path) -> None:
    ohio = ANN.replace("999900000001", "99990000001")
    report = load(engine, tmp_path, interchange(ohio, payer_id="X").replace("GS*BE*STATE", "GS*BE*OHSTATE"))
    assert {"added": 1} == counts(report)
    assert {"added": 1} == counts(load(engine, tmp_path, interchange(ANN, payer_id="X"), plan="indiana"))
    with pytest.raises(Unreadable, match="there is no plan"):
        load(engine, tmp_path, interchange(ANN), plan="texas")


@pytest.mark.parametrize("cut", range(0, 1500, 79))
def test_a_truncated_file_loads_whole_loops_only(engine: Engine, tmp_path: Path, cut: int) -> None:
    whole = interchange(ANN, LEO, EVA)
    content = whole[: max(3, len(whole) - 8 - cut)]
    report = load(engine, tmp_path, content)
    assert report.problems
    begun, closed = len(re.findall(r"\nINS[^~]*~", content)), re.search(r"\nSE[^~]*~", content)
    assert report.added == begun - (begun > 0 and not closed)
    for problem in report.problems:
        assert not re.search("Bell|Hill|9999000|3175550", str(problem))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.integers(0, 1200), st.integers(0, 300))
def test_binary_junk_anywhere_is_reported_or_loaded_and_never_raised(
    tmp_path: Path, junk: bytes, place: int, gone: int
) -> None:
    good = interchange(ANN, LEO, EVA).encode()
    path = tmp_path / "junk.834"
    path.write_bytes(good[:place] + junk + good[place + gone :])
    numbers = [read.number for read in read_segments(path) if hasattr(read, "number")]
    assert numbers == sorted(numbers)
    engine = file_engine(tmp_path)
    report = import_834(engine, VAULT, PLANS, path, Choices(dry_run=True), now=NOW)
    assert all("Bell" not in str(problem) and "9999000" not in str(problem) for problem in report.problems)
    engine.dispose()


def test_ten_thousand_repeats(engine: Engine, tmp_path: Path) -> None:
    report = load(engine, tmp_path, interchange(*[ANN] * 10_000))
    assert {"added": 1} == counts(report)
    assert 0 == on_file(engine, "999900000001").version


def test_a_transaction_for_each_member(engine: Engine, tmp_path: Path) -> None:
    one = interchange(ANN)
    start, end = one.index("ST*834"), one.index("GE*1*")
    many = [one[start:end].replace("*0001", f"*{n:04}").replace("999900000001", f"9999{n:08}") for n in range(1, 601)]
    content = one[:start] + "".join(many) + one[end:].replace("GE*1*", "GE*600*")
    assert {"added": 600} == counts(load(engine, tmp_path, content))
    with engine.begin() as conn:
        assert 1 == conn.scalar(select(func.count()).select_from(roster_files))


def test_what_is_x12_is_told_by_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    for content, x12 in (
        (b"ISA*00*", True),
        (b"\xef\xbb\xbf\r\n ISA*", True),
        (b"plan,member_id", False),
        (b"", False),
    ):
        path.write_bytes(content)
        assert x12 == is_x12(path)
    with pytest.raises(Unreadable, match="No such file"):
        is_x12(tmp_path / "none")


# --- the same people as CSV -------------------------------------------------------------------------------------------

_NAME = st.sampled_from(("Ann", "José", "Mary Jo", "O'Neil", "Núñez", "Lee-Park"))
_DAY = st.dates(date(1940, 1, 1), date(2026, 1, 1)).map(str)
_PHONE = st.integers(2_000_000, 9_999_999).map(lambda n: f"317{n}")
_PERSON = st.fixed_dictionaries({
    "first_name": _NAME,
    "last_name": _NAME,
    "birth_date": _DAY,
    "zip": st.integers(10_000, 99_999).map(str),
    "sex": st.sampled_from(("F", "M", "")),
    "address": st.sampled_from(("", "1 Oak Ave", "9 Elm St Apt 2")),
    "city": st.sampled_from(("", "Gary")),
    "state": st.sampled_from(("", "IN")),
    "phone": st.one_of(st.just(""), _PHONE),
    "email": st.sampled_from(("", "a@example.org")),
    "language": st.sampled_from(("", "ENG", "spa")),
    "benefits_begin": st.sampled_from(("", "2026-01-01")),
    "benefits_end": st.sampled_from(("", "2026-12-31")),
    "pmp_npi": st.sampled_from(("", "1234567893")),
    "guardian": st.sampled_from(("", "member", "named")),
    "relationship": st.sampled_from(("parent", "guardian")),
    "guardian_phone": st.one_of(st.just(""), _PHONE),
})  # fmt: skip


def _rows(people: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Children's guardians are the first adult in the file, or somebody by name; adults have none."""
    rows = [{"plan": "indiana", "member_id": f"9999{number:08}"} | person for number, person in enumerate(people)]
    adults = [row for row in rows if row["birth_date"] < "2008-01-01"]
    for row in rows:
        kind, phone, relationship = row.pop("guardian"), row.pop("guardian_phone"), row.pop("relationship")
        child = row["birth_date"] > "2008-12-31"
        named = {"guardian_first_name": "Rosa", "guardian_last_name": "Stone", "guardian_phone": phone}
        if child and kind == "member" and adults:
            row |= {"guardian_member_id": adults[0]["member_id"], "relationship": relationship}
        elif child and kind == "named":
            row |= named | {"relationship": relationship}
    return rows


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PERSON, max_size=8))
def test_an_834_is_loaded_as_a_csv_of_the_same_people(
    tmp_path_factory: pytest.TempPathFactory, people: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("same")
    rows = _rows(people)
    columns = list(
        dict.fromkeys(
            ["plan", "member_id", "first_name", "last_name", "birth_date", "zip", "benefits_begin"]
            + [c for row in rows for c in row]
        )
    )
    (folder / "people.csv").write_text(
        "\n".join([",".join(columns), *(",".join(row.get(c, "") for c in columns) for row in rows)]) + "\n"
    )
    (folder / "csv").mkdir()
    (folder / "x12").mkdir()
    by_csv, by_x12 = file_engine(folder / "csv"), file_engine(folder / "x12")
    assert 0 == import_members(by_csv, VAULT, PLANS, folder / "people.csv", now=NOW).rejected
    assert counts(load(by_x12, folder, "".join(as_834(rows, ENVELOPE)))) == ({"added": len(rows)} if rows else {})
    assert everything(by_csv) == everything(by_x12)
    by_csv.dispose()
    by_x12.dispose()


class _Killed(BaseException):
    """As if the process ended here."""


def test_killed_in_the_middle_and_again_is_as_once(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "many.834"
    path.write_text("".join(as_834(families(3_000, "indiana"), ENVELOPE)))

    def kill(share: float) -> None:
        if share > 0.5:
            raise _Killed

    with pytest.raises(_Killed):
        import_834(engine, VAULT, PLANS, path, progress=kill, now=NOW)
    with engine.begin() as conn:
        before = conn.scalar(select(func.count()).select_from(members)) or 0
    assert 0 < before < 3_000
    report = import_834(engine, VAULT, PLANS, path, now=NOW)
    assert {"added": 3_000 - before, "unchanged": before} == counts(report)
    assert {"unchanged": 3_000} == counts(import_834(engine, VAULT, PLANS, path, now=NOW))
    (tmp_path / "once").mkdir()
    once = file_engine(tmp_path / "once")
    import_834(once, VAULT, PLANS, path, now=NOW)
    assert everything(once) == everything(engine)
    once.dispose()
