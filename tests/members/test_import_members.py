"""A plan's roster comes in whatever state the file is in; what cannot be taken is told by line and reason."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from bot.members.csv_rows import MAX_LINE, Unreadable, open_sheet
from bot.members.household import children_of, guardians_of, household
from bot.members.import_csv import RosterReport, import_members
from bot.members.member_rows import GUARDIAN, OPTIONAL, REQUIRED
from bot.members.roster import Member, find_by_member_id
from bot.records.tables import guardian_links, guardians, members, rewards
from tests.members.people import INDIANA, PLANS, TODAY, VAULT, at, complete, file_engine

NOW = at(2026, 6, 15)
ANN = {
    "plan": "indiana",
    "member_id": "999900000001",
    "first_name": "Ann",
    "last_name": "Bell",
    "birth_date": "1990-05-04",
    "zip": "46201",
    "benefits_begin": "2026-01-01",
}
LEO = ANN | {"member_id": "999900000002", "first_name": "Leo", "birth_date": "2015-03-10"}
EVA = ANN | {"member_id": "999900000003", "first_name": "Eva", "birth_date": "2018-03-10"}


def table(*rows: dict[str, str], delimiter: str = ",") -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [delimiter.join(columns)] + [delimiter.join(row.get(column, "") for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def load(engine: Engine, tmp_path: Path, content: str | bytes, **options: object) -> RosterReport:
    path = tmp_path / "roster.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return import_members(engine, VAULT, PLANS, path, now=NOW, **options)  # type: ignore[arg-type]


def counts(report: RosterReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.rejected


def on_file(engine: Engine, member_id: str) -> Member:
    with engine.begin() as conn:
        found = find_by_member_id(conn, VAULT, "indiana", member_id)
    assert found is not None
    return found


def test_a_row_is_loaded_with_everything_it_says(engine: Engine, tmp_path: Path) -> None:
    full = ANN | {
        "first_name": "Ana María",
        "sex": "female",
        "zip": "46201-1234",
        "address": '"12 Main St, Apt 4"',
        "city": "Indianapolis",
        "state": "in",
        "phone": "(317) 555-0101",
        "email": "ana@example.org",
        "language": "Spanish",
        "benefits_begin": "1/2/2026",
        "benefits_end": "20271231",
        "pmp_npi": "1234567893",
    }
    assert counts(load(engine, tmp_path, table(full))) == (1, 0, 0, 0)
    ana = on_file(engine, "999900000001")
    assert (
        ana.details.first,
        ana.details.sex,
        ana.details.zip,
        ana.details.address,
        ana.details.state,
        ana.details.phone,
        ana.details.language,
    ) == ("Ana María", "F", "46201", "12 Main St, Apt 4", "IN", "+13175550101", "spanish")
    assert ("es", date(2026, 1, 2), date(2027, 12, 31), "1234567893", 0) == (
        ana.language,
        ana.benefits_begin,
        ana.benefits_end,
        ana.pmp_provider,
        ana.version,
    )


def test_the_same_file_twice_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    rows = table(
        LEO | {"guardian_member_id": ANN["member_id"]},
        ANN,
        EVA | {"guardian_first_name": "Rosa", "guardian_last_name": "Hill"},
    )
    assert counts(load(engine, tmp_path, rows)) == (3, 0, 0, 0)
    with engine.begin() as conn:
        before = conn.execute(select(members).order_by(members.c.id)).all()
    assert counts(load(engine, tmp_path, rows)) == (0, 0, 3, 0)
    with engine.begin() as conn:
        assert before == conn.execute(select(members).order_by(members.c.id)).all()
        assert (
            conn.scalar(select(func.count()).select_from(guardians)),
            conn.scalar(select(func.count()).select_from(guardian_links)),
        ) == (2, 2)


def test_a_changed_fact_updates_in_place_and_bumps_the_version(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, table(ANN, LEO))
    before = on_file(engine, ANN["member_id"])
    assert counts(load(engine, tmp_path, table(ANN | {"zip": "46202"}, LEO))) == (0, 1, 1, 0)
    after = on_file(engine, ANN["member_id"])
    assert (before.id, 1, "46202") == (after.id, after.version, after.details.zip)
    assert on_file(engine, LEO["member_id"]).version == 0


def test_what_the_file_has_no_column_for_stays_as_it_is(engine: Engine, tmp_path: Path) -> None:
    load(
        engine,
        tmp_path,
        table(ANN | {"phone": "3175550101", "language": "es", "benefits_end": "2027-01-01", "pmp_npi": "1234567893"}),
    )
    assert counts(load(engine, tmp_path, table(ANN))) == (0, 0, 1, 0)
    assert counts(load(engine, tmp_path, table(ANN | {"phone": "", "language": "", "pmp_npi": ""}))) == (0, 1, 0, 0)
    ann = on_file(engine, ANN["member_id"])
    assert (ann.details.phone, ann.language, ann.pmp_provider) == ("", "es", "1234567893")


@pytest.mark.parametrize("encode", [
    lambda text: text.encode("utf-8-sig"),
    lambda text: text.encode("utf-16"),
    lambda text: text.encode("cp1252"),
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.replace("\n", "\r").encode(),
    lambda text: text.replace(",", ";").encode(),
    lambda text: text.replace(",", "\t").encode(),
    lambda text: text.replace(",", "|").encode(),
    lambda text: ("sep=;\n" + text.replace(",", ";")).encode(),
    lambda text: ("\n,,,\n" + text.replace("\n", "\n\n,,,,,,\n")).encode(),
    lambda text: text.upper().replace("MEMBER_ID", " Member ID ").replace("JOSÉ", "José").encode(),
    lambda text: text.replace("\n", ",,,\n").replace(",,,\n", "\n", 1).encode(),
    lambda text: ('"' + text.replace(",", '","').replace("\n", '"\n"')).removesuffix('"').encode(),
])  # fmt: skip
def test_files_as_programs_really_write_them(engine: Engine, tmp_path: Path, encode) -> None:  # type: ignore[no-untyped-def]
    report = load(engine, tmp_path, encode(table(ANN | {"first_name": "José"}, LEO)))
    assert (counts(report), report.problems) == ((2, 0, 0, 0), ())
    assert on_file(engine, ANN["member_id"]).details.first == "José"


def test_one_old_record_does_not_spoil_the_accents_of_the_others(engine: Engine, tmp_path: Path) -> None:
    header, ann, leo = table(ANN | {"first_name": "José"}, LEO | {"first_name": "Íñigo"}).splitlines()
    load(engine, tmp_path, f"{header}\n".encode() + ann.encode() + b"\n" + leo.encode("cp1252") + b"\n")
    assert tuple(on_file(engine, row["member_id"]).details.first for row in (ANN, LEO)) == ("José", "Íñigo")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"plan": "texas"}, "plan is not one of: indiana, ohio"),
        ({"plan": ""}, "plan is not one of: indiana, ohio"),
        ({"member_id": "12"}, "member_id has not the form of the plan's member IDs"),
        ({"member_id": "9.99901E+11"}, "a spreadsheet has rounded it"),
        ({"member_id": ""}, "member_id is empty"),
        ({"first_name": ""}, "first_name is empty"),
        ({"first_name": "=HYPERLINK(0)"}, "first_name begins like a spreadsheet formula"),
        ({"first_name": "A" * 61}, "first_name is longer than 60 characters"),
        ({"first_name": "Ann\x00"}, "first_name has a character that cannot be read"),
        ({"first_name": "Ann\x07"}, "first_name has a character that cannot be read"),
        ({"first_name": "<b>Ann</b>"}, "first_name has characters that are not part of a name"),
        ({"last_name": "..."}, "last_name has no letters"),
        ({"birth_date": "4.5.1990"}, "birth_date is not a date"),
        ({"birth_date": "13/31/1990"}, "birth_date is not a date"),
        ({"birth_date": "5/4/90"}, "birth_date is not a date"),
        ({"birth_date": "1990-02-30"}, "birth_date is not a date"),
        ({"birth_date": "2026-06-16"}, "birth_date is not a date of birth"),
        ({"birth_date": "1899-12-31"}, "birth_date is not a date of birth"),
        ({"birth_date": ""}, "birth_date is empty"),
        ({"zip": "4620"}, "zip is not a ZIP code"),
        ({"zip": ""}, "zip is empty"),
        ({"phone": "555-0101"}, "phone is not a phone number"),
        ({"email": "ann at example"}, "email is not an email address"),
        ({"sex": "7"}, "sex is not F, M or empty"),
        ({"state": "Indiana"}, "state is not a state's two letters"),
        ({"pmp_npi": "12"}, "pmp_npi is not an NPI"),
        ({"address": "@SUM(A1)"}, "address begins like a spreadsheet formula"),
        ({"benefits_end": "2025-12-31"}, "benefits_end is before benefits_begin"),
        ({"guardian_first_name": "Rosa"}, "a guardian needs guardian_first_name and guardian_last_name"),
        ({"relationship": "parent"}, "a guardian needs guardian_first_name and guardian_last_name"),
        ({"guardian_member_id": "999900000001"}, "guardian_member_id is the member's own"),
        ({"guardian_member_id": "999900000009"}, "guardian_member_id is not on file"),
        ({"guardian_member_id": "9"}, "guardian_member_id has not the form"),
        ({"guardian_member_id": "999900000002", "relationship": "friend"}, "relationship is not parent"),
        ({"guardian_member_id": "999900000002", "guardianship_ends": "soon"}, "guardianship_ends is not a date"),
        ({"first_name": '"Ann'}, "quotation marks do not pair up"),
        ({"first_name": "Ann,Bob"}, "cells where the header has"),
        ({"address": "x" * (MAX_LINE + 1)}, "is longer than 65,536 characters"),
    ],
)
def test_a_bad_row_is_told_by_line_and_reason_and_the_rest_is_loaded(
    engine: Engine, tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    report = load(engine, tmp_path, table(LEO, ANN | change, EVA))
    assert (report.added - ("not on file" in reason), report.rejected) == (2, 1)
    (problem,) = report.problems
    assert problem.line == 3
    assert reason in problem.reason
    value = next(iter(change.values()))
    assert len(value) < 3 or value not in str(problem)


def test_every_reason_of_a_row_is_told_at_once(engine: Engine, tmp_path: Path) -> None:
    (problem,) = load(engine, tmp_path, table(ANN | {"zip": "1", "birth_date": "x", "first_name": ""})).problems
    assert len(problem.reason.split("; ")) == 3


def test_a_short_row_is_not_guessed_at(engine: Engine, tmp_path: Path) -> None:
    report = load(engine, tmp_path, table(ANN, LEO).removesuffix(",46201,2026-01-01\n"))
    assert (counts(report), str(report.problems[0])) == ((1, 0, 0, 1), "line 3: has 5 cells where the header has 7")


def test_rejected_rows_can_be_corrected_and_imported_again(engine: Engine, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    rejects.touch(0o644)
    bad = LEO | {"zip": "1", "phone": "+1 317 555 0102"}
    assert counts(load(engine, tmp_path, table(ANN, bad, EVA | {"zip": "2"}), rejects=rejects)) == (1, 0, 0, 2)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    header, first, second = rejects.read_text("utf-8-sig").splitlines()
    assert header.startswith("problem,plan,member_id,")
    assert first.startswith("line 3: zip is not a ZIP code")
    corrected = f"{header}\n{first}\n{second}\n".replace(",1,", ",46201,")
    again = tmp_path / "again.csv"
    assert counts(load(engine, tmp_path, corrected, rejects=again)) == (1, 0, 0, 1)
    assert on_file(engine, LEO["member_id"]).details.phone == "+13175550102"
    rejected_again = again.read_text("utf-8-sig").splitlines()
    assert [header, 2] == [rejected_again[0], len(rejected_again)]
    assert rejected_again[1].startswith("line 3: zip")


def test_a_rejected_formula_is_disarmed_in_the_file_of_rejects(engine: Engine, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    load(engine, tmp_path, table(ANN | {"city": "=cmd|' /C calc'!A0"}), rejects=rejects)
    assert ",'=cmd" in rejects.read_text()


def test_excel_sees_that_a_file_of_rejects_is_utf_8(engine: Engine, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    load(engine, tmp_path, table(ANN | {"last_name": "Núñez", "zip": "2"}), rejects=rejects)
    assert rejects.read_bytes().startswith(b"\xef\xbb\xbfproblem,")
    corrected = rejects.read_text("utf-8-sig").replace(",2,", ",46201,")
    assert counts(load(engine, tmp_path, "\ufeff" + corrected)) == (1, 0, 0, 0)


def test_no_file_of_rejects_is_made_when_nothing_is_rejected(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, table(ANN), rejects=tmp_path / "rejects.csv")
    assert not (tmp_path / "rejects.csv").exists()


def test_rejects_never_overwrite_the_file_being_read(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="over the file that is being read"):
        load(engine, tmp_path, table(ANN), rejects=tmp_path / "roster.csv")


def test_a_repeated_row_counts_once_and_a_contradicting_one_is_refused(engine: Engine, tmp_path: Path) -> None:
    report = load(engine, tmp_path, table(ANN, ANN, ANN | {"zip": "46202"}))
    assert counts(report) == (1, 0, 0, 1)
    assert str(report.problems[0]) == "line 4: line 2 names the same member with other facts"
    assert on_file(engine, ANN["member_id"]).details.zip == "46201"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\n\n", "the file is empty"),
        (b"plan,member_id,first_name\n", "has no column last_name, birth_date, zip, benefits_begin"),
        (b"PK\x03\x04" + bytes(200), "save it as CSV"),
        (b"\x00" * 100_000, "not a CSV file"),
        (table(ANN).replace("zip", "member_id").encode(), "has no column zip"),
        (table(ANN).replace("benefits_begin", "benefits_begin,ZIP").encode(), "names zip twice"),
        (b'plan,"member_id\n', "is not a header"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_as_a_whole(
    engine: Engine, tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        load(engine, tmp_path, content)


def test_a_missing_file_and_a_folder_are_refused(engine: Engine, tmp_path: Path) -> None:
    for path, reason in [(tmp_path / "none.csv", "No such file"), (tmp_path, "Is a directory")]:
        with pytest.raises(Unreadable, match=reason):
            import_members(engine, VAULT, PLANS, path)


def test_columns_nobody_asked_for_are_named(engine: Engine, tmp_path: Path) -> None:
    assert load(engine, tmp_path, table(ANN | {"nickname": "Annie"})).ignored_columns == ("nickname",)


def test_a_dry_run_reports_the_same_and_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    report = load(engine, tmp_path, table(ANN, LEO | {"guardian_member_id": ANN["member_id"]}), dry_run=True)
    assert (counts(report), report.dry_run) == ((2, 0, 0, 0), True)
    with engine.begin() as conn:
        assert conn.scalar(select(func.count()).select_from(members)) == 0
        assert conn.scalar(select(func.count()).select_from(guardians)) == 0


def test_a_parent_who_is_a_member_may_stand_below_the_child(engine: Engine, tmp_path: Path) -> None:
    claim = {"guardian_member_id": ANN["member_id"], "relationship": "mother"}
    assert counts(load(engine, tmp_path, table(LEO | claim, EVA | claim, ANN))) == (3, 0, 0, 0)
    ann = on_file(engine, ANN["member_id"])
    with engine.begin() as conn:
        people = household(conn, VAULT, ann.id, None, TODAY)
        assert [person.first for person in people] == ["Leo", "Eva", "Ann"]
        (guardian,) = guardians_of(conn, VAULT, people[0].id, TODAY)
    assert ("parent", ann.id) == (guardian.relationship, guardian.member)


def test_name_and_phone_make_one_guardian_but_a_name_alone_does_not(engine: Engine, tmp_path: Path) -> None:
    rosa = {"guardian_first_name": "Rosa", "guardian_last_name": "Hill", "guardian_phone": "3175550103"}
    load(engine, tmp_path, table(LEO | rosa, EVA | rosa))
    leo = on_file(engine, LEO["member_id"])
    with engine.begin() as conn:
        (guardian,) = guardians_of(conn, VAULT, leo.id, TODAY)
        assert len(children_of(conn, VAULT, guardian.id, TODAY)) == 2
    sam, kim = (ANN | {"member_id": f"99990000001{n}", "birth_date": "2019-01-01"} for n in (1, 2))
    nameless = rosa | {"guardian_phone": ""}
    load(engine, tmp_path, table(sam | nameless, kim | nameless))
    child = on_file(engine, sam["member_id"])
    with engine.begin() as conn:
        (other,) = guardians_of(conn, VAULT, child.id, TODAY)
        assert len(children_of(conn, VAULT, other.id, TODAY)) == 1


def test_two_rows_give_a_child_two_guardians_and_an_end_ends_one(engine: Engine, tmp_path: Path) -> None:
    rosa = {"guardian_first_name": "Rosa", "guardian_last_name": "Hill"}
    tom = {"guardian_first_name": "Tom", "guardian_last_name": "Hill"}
    assert counts(load(engine, tmp_path, table(LEO | rosa, LEO | tom))) == (1, 0, 0, 0)
    ended = table(LEO | rosa | {"guardianship_ends": "2026-06-14"}, LEO | tom)
    assert counts(load(engine, tmp_path, ended)) == (0, 1, 0, 0)
    leo = on_file(engine, LEO["member_id"])
    with engine.begin() as conn:
        assert [guardian.details.first for guardian in guardians_of(conn, VAULT, leo.id, TODAY)] == ["Tom"]
    assert leo.version == 1
    contradiction = table(LEO | tom, LEO | tom | {"guardianship_ends": "2026-06-14"})
    assert counts(load(engine, tmp_path, contradiction)) == (0, 0, 1, 1)


def test_rewards_are_looked_at_again_after_an_import(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, table(ANN | {"benefits_begin": "2026-09-01"}))
    ann = on_file(engine, ANN["member_id"])
    with engine.begin() as conn:
        for step in ("preference", "pmp", "screening"):
            complete(conn, ann.id, step, at(2026, 6, 1))
    assert load(engine, tmp_path, table(ANN | {"benefits_begin": "2026-09-01"})).rewards_granted == 0
    assert load(engine, tmp_path, table(ANN)).rewards_granted == 1
    with engine.begin() as conn:
        assert [INDIANA.reward_windows[0].cents] == list(conn.scalars(select(rewards.c.cents)))


def test_more_rows_than_a_batch(engine: Engine, tmp_path: Path) -> None:
    seen: list[float] = []
    rows = [ANN | {"member_id": f"9999{n:08}"} for n in range(1200)]
    assert counts(load(engine, tmp_path, table(*rows), progress=seen.append)) == (1200, 0, 0, 0)
    assert counts(load(engine, tmp_path, table(*rows))) == (0, 0, 1200, 0)
    assert seen == sorted(seen) and 0 < seen[0] <= seen[-1] <= 1


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_rows_broken_rows_or_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    for start in (b"", b"a,b\n", b"\xff\xfe", b'a;b\n"'):
        path.write_bytes(start + content)
        try:
            rows = list(open_sheet(path, ("a",), ("b",)).rows())
        except Unreadable:
            continue
        assert [row.line for row in rows] == sorted({row.line for row in rows})


_CELL = st.one_of(st.text(max_size=12), st.sampled_from([*ANN.values(), *LEO.values(), "", "0"]))
_CHANGES = st.dictionaries(st.sampled_from((*REQUIRED, *OPTIONAL, *GUARDIAN)), _CELL, max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_CHANGES, max_size=5), st.binary(max_size=60))
def test_any_cells_are_loaded_or_rejected_and_again_change_nothing(
    tmp_path: Path, changes: list[dict[str, str]], tail: bytes
) -> None:
    engine = file_engine(tmp_path)
    everything = dict.fromkeys((*REQUIRED, *OPTIONAL, *GUARDIAN), "") | ANN
    content = table(everything, *(everything | LEO | change for change in changes)).encode("utf-8") + tail
    first = load(engine, tmp_path, content, rejects=tmp_path / "rejects.csv")
    again = load(engine, tmp_path, content)
    assert (0, 0, first.added + first.updated + first.unchanged, first.rejected) == counts(again)
    assert first.problems == again.problems
    engine.dispose()
