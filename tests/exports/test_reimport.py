"""Records that come back: each kind is read as it was written; what is broken, false or hostile is set aside by line
and reason, never by value."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, insert, select

from bot.flow import Plan
from bot.members.csv_rows import Unreadable
from bot.members.roster import Details
from bot.records.choices import latest_pmp
from bot.records.export.kinds import KINDS
from bot.records.export.people import People, PlanMember
from bot.records.reimport import RecordsReport, import_records
from bot.records.reimport.lines import MAX_LINE
from bot.records.reimport.on_file import OnFile
from bot.records.reimport.parts import Step
from bot.records.reimport.record import read_line
from bot.records.reimport.row import IMPORTED, phone_index, restored
from bot.records.tables import (
    completions,
    consents,
    opt_outs,
    pmp_choices,
    preferences,
    referrals,
    rewards,
    screenings,
    staff,
)
from tests.exports.family import records
from tests.members.people import PLANS, VAULT, add_guardian, add_member, at, link

NOW = at(2026, 6, 15)
OURS = {"ann": "999900000001", "leo": "999900000002"}
SYSTEM = "urn:carestart:member-id:indiana"
KNOWN = OnFile(PLANS, {("indiana", id): name for name, id in OURS.items()}, {("leo", "Rosa Hill"): "g-rosa"})


# --- row -> record -> row --------------------------------------------------------------------------------------------

line = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40)
any_text = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=80)
seconds = st.integers(0, 4_000_000_000)
uid = st.uuids().map(lambda made: made.hex)
language = st.sampled_from(["en", "es"])
said_by = st.sampled_from(["member:ann", "member:leo", "guardian:g-rosa", "agent:7f", "conversation"])
SAID = {"uid": uid, "member": st.just("leo"), "said_by": said_by, "language": language, "at": seconds}
ROWS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "preferences": SAID | {"channel": st.sampled_from(["mail", "email", "text"]), "contact": st.none() | any_text},
    "consents": SAID | {
        "member": st.just("leo"), "kind": st.sampled_from(["text_messages", "opt_out", "opt_in"]),
        "status": st.sampled_from(["granted", "revoked"]), "wording": line, "wording_sealed": any_text,
        "channel": st.sampled_from(["text", "voice"]), "phone": st.none() | st.integers(10**9, 10**10 - 1),
    },
    "pmp-choices": {key: SAID[key] for key in ("uid", "member", "said_by", "at")} | {
        "provider": st.sampled_from(["1000000087", "1234567893", "clinic-1"]), "provider_name": line,
        "kept": st.booleans(), "effective": st.dates(date(1999, 1, 1), date(2099, 1, 1)),
    },
    "referrals": {
        "uid": uid, "screening": uid, "member": st.none() | st.just("leo"), "at": seconds,
        "tier": st.sampled_from(["URGENT", "HIGH", "MED"]), "state": st.sampled_from(["open", "taken", "closed"]),
        "rules": st.lists(line.map(lambda rule: rule[:24]), max_size=4).map(json.dumps),
        "taken_by": st.none() | st.just("agent:7f"), "taken_at": st.none() | seconds, "closed_at": st.none() | seconds,
        "outcome": st.none() | st.sampled_from(["helped", "not_reached", "declined", "not_needed"]),
    },
    "rewards": {"uid": uid, "member": st.just("leo"), "programme_year": st.integers(2000, 2999),
                "cents": st.integers(0, 10_000), "at": seconds},
}  # fmt: skip


SEALED = ("contact_sealed", "phone_sealed", "wording_sealed")  # never twice the same bytes


def people() -> People:
    members = {id: PlanMember("indiana", number, SYSTEM) for id, number in OURS.items()}
    return People(None, VAULT, PLANS, _members=members, _guardians={"g-rosa": "Rosa Hill"}, _staff={"7f": "Ada Park"},
                  _clinics={"clinic-1": True})  # type: ignore[arg-type]  # fmt: skip


def sealed(row: dict[str, Any], table: str, column: str) -> bytes | None:
    return VAULT.seal(row[column].encode(), f"{table}.{column.removesuffix('_sealed')}") if row[column] else None


@pytest.mark.parametrize("kind", sorted(ROWS))
@given(data=st.data())
def test_a_row_that_was_exported_is_read_as_the_same_row(kind: str, data: st.DataObject) -> None:
    row = data.draw(st.fixed_dictionaries(dict(ROWS[kind])))
    phone = f"+1{row.pop('phone')}" if row.get("phone") else row.pop("phone", None)
    index = VAULT.index("phone", phone) if phone else None
    written = dict(row)
    if kind == "preferences":
        written["contact_sealed"] = sealed(row, "preferences", "contact")
    if kind == "consents":
        written |= {"wording_sealed": sealed(row, "consents", "wording_sealed"), "phone_index": index}
        written["phone_sealed"] = VAULT.seal(phone.encode(), "consents.phone") if phone else None
    known = people()
    known._completions.update({n: finished(n, row["at"]) for n in range(3)})  # type: ignore[misc]
    changed = max(row[key] or 0 for key in ("at", "taken_at", "closed_at") if key in row)
    told = KINDS[kind].record(known, written | {"changed_at": changed, "completions": "[0, 1, 2]"})  # type: ignore[arg-type]

    record, incoming = read_line(msgspec.json.encode(told))
    back = restored(VAULT, KNOWN, incoming)
    assert (told, changed, kind) == (record, incoming.changed, incoming.kind)
    expected = written | ({"message_id": IMPORTED} if "said_by" in row else {})
    for column in ("contact", *SEALED):
        expected.pop(column, None)
    assert expected == {key: value for key, value in back.row.items() if key in expected}
    assert set(back.row) - set(expected) <= set(SEALED)
    plain = {"contact": row.get("contact")} if kind == "preferences" else {"wording": row.get("wording_sealed")}
    assert {key: value for key, value in plain.items() if value} == incoming.sealed
    assert index == phone_index(VAULT, incoming)
    assert incoming.steps == (tuple(finished(n, row["at"]) for n in (1, 0, 2)) if kind == "rewards" else ())


def finished(number: int, when: float) -> Step:
    return Step(("preference", "pmp", "screening")[number], "portal", f"ref {number}", when)


# --- lines -----------------------------------------------------------------------------------------------------------


def member(id: str) -> dict[str, Any]:
    return {"type": "Patient", "identifier": {"system": SYSTEM, "value": OURS.get(id, id)}}


SCREENING: dict[str, Any] = {
    "resourceType": "QuestionnaireResponse",
    "id": "r1",
    "language": "en",
    "questionnaire": "https://example.org/q|1",
    "status": "completed",
    "subject": member("leo"),
    "authored": "2026-06-01T16:00:00+00:00",
    "author": {"type": "Device", "display": "CareStart"},
    "source": {"type": "RelatedPerson", "display": "Rosa Hill"},
    "item": [
        {"linkId": "g", "text": "Health",
         "item": [{"linkId": "a", "text": "How?", "answer": [{"valueCoding": {"code": "good"}}]}]},
        {"linkId": "b", "extension": [{"url": "http://example.org/absent", "valueCode": "asked-declined"}]},
    ],
    "meta": {"lastUpdated": "2026-06-01T16:00:00Z"},
    "identifier": {"system": "urn:carestart:screening", "value": "r1"},
}  # fmt: skip
REWARD: dict[str, Any] = {
    "uid": "w1",
    "plan": "indiana",
    "member_id": OURS["leo"],
    "at": "2026-06-02T16:00:00Z",
    "programme_year": 2026,
    "cents": 3000,
    "completions": [
        {"step": "screening", "source": "carestart", "reference": "SM1", "at": "2026-06-01T16:00:00Z"},
        {"step": "pmp", "source": "portal", "reference": "x", "at": "2026-06-02T04:00:00Z"},
    ],
}


def task(state: str = "requested", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "meta": {"lastUpdated": "2026-06-01T16:00:00Z"},
        "identifier": [{"system": "urn:carestart:referral", "value": "t1"}],
        "intent": "order",
        "code": {"coding": [{"system": "urn:carestart:task", "code": "referral"}],
                 "text": "Follow up on the health needs screening"},
        "authoredOn": "2026-06-01T16:00:00Z",
        "lastModified": "2026-06-01T16:00:00Z",
        "status": state,
        "priority": "urgent",
        "focus": {"type": "QuestionnaireResponse", "identifier": {"system": "urn:carestart:screening", "value": "r1"}},
        "for": member("leo"),
        "requester": {"type": "Device", "display": "CareStart"},
        "reasonCode": {"coding": [{"system": "urn:carestart:risk-tier", "code": "HIGH"}]},
    } | more  # fmt: skip


OWNER = {"type": "Practitioner", "identifier": {"system": "urn:carestart:staff", "value": "7f"}, "display": "Ada Park"}


def consent(kind: str, day: int, uid: str, **more: Any) -> dict[str, Any]:
    """STOP or START on a phone that nobody verified on."""
    when = f"2026-06-{day:02}T16:00:00Z"
    with_phone = {"resourceType": "Patient", "id": "reached", "telecom": [{"system": "sms", "value": "+13175550188"}]}
    row = {"uid": uid, "member": None, "phone_index": "i", "kind": kind, "wording": "utter@1", "channel": "text",
           "language": "en", "said_by": "conversation", "at": datetime.fromisoformat(when).timestamp(),
           "status": "granted" if kind == "opt_in" else "revoked",
           "phone_sealed": VAULT.seal(b"+13175550188", "consents.phone"),
           "wording_sealed": VAULT.seal(b"Bye", "consents.wording")}  # fmt: skip
    told = KINDS["consents"].record(people(), row | {"changed_at": row["at"]})  # type: ignore[arg-type,operator]
    assert told is not None and told["contained"] == [with_phone]
    return told | more


def load(engine: Engine, folder: Path, *lines: object, plans: Mapping[str, Plan] = PLANS, **more: Any) -> RecordsReport:
    file = folder / "records.ndjson"
    file.write_bytes(b"".join(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in lines))
    return import_records(engine, VAULT, plans, [file], **({"now": NOW} | more))


def reasons(report: RecordsReport) -> list[str]:
    return [str(problem) for problem in report.problems]


def number_of(engine: Engine, table: Any) -> int:
    with engine.begin() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def test_records_come_back_as_they_were(engine: Engine, tmp_path: Path) -> None:
    report = load(engine, tmp_path, SCREENING, REWARD, task("completed", owner=OWNER), consent("opt_out", 1, "c1"))
    assert ([], 4) == (reasons(report), sum(report.added.values()))
    assert [SCREENING] == records(engine, "screenings")
    assert [REWARD] == records(engine, "rewards")
    assert [task("completed", owner=OWNER)] == records(engine, "referrals")
    assert [consent("opt_out", 1, "c1")] == records(engine, "consents")


def test_a_file_may_be_written_otherwise_and_have_blank_lines_and_a_mark(engine: Engine, tmp_path: Path) -> None:
    turned = json.dumps(dict(reversed(REWARD.items())), indent=None, separators=(" , ", " : ")).encode()
    report = load(engine, tmp_path, b"\xef\xbb\xbf" + turned + b"\r\n\n  \n", SCREENING)
    assert ([], 2) == (reasons(report), sum(report.added.values()))
    assert [REWARD] == records(engine, "rewards")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"secret\n", "is not JSON"),
        (b'{"uid": "secret\xff"}\n', "is not JSON"),
        (b'{"uid": "\\ud800 secret"}\n', "is not JSON"),
        (b"[" * 200_000 + b"\n", "is nested too deep"),
        (b'{"a":' * 200_000 + b"\n", "is nested too deep"),
        (SCREENING | {"author": json.loads('{"a":' * 200 + "1" + "}" * 200)}, "is nested too deep"),
        (b'["secret"]\n', "is not a JSON object"),
        (b"null\n", "is not a JSON object"),
        (b'{"secret": 1}\n', "is not of a kind that can be brought in"),
        (b'{"x": "' + b"s" * MAX_LINE + b'"}\n', "is longer than 1,048,576 bytes"),
        ({"resourceType": "Patient", "id": "secret"}, "is not a resource that CareStart exported"),
        ({"resourceType": ["secret"], "identifier": 7}, "is not a resource that CareStart exported"),
        (SCREENING | {"identifier": []}, "is not a resource that CareStart exported"),
        (SCREENING | {"identifier": {"system": "urn:carestart:referral", "value": "r1"}}, "is not a resource that Ca"),
        (SCREENING | {"identifier": {"system": "urn:carestart:screening", "value": "r' 1"}}, "not a name of a record"),
        (SCREENING | {"identifier": {"system": "urn:carestart:screening", "value": "r2"}}, "id is not that of the scr"),
        (SCREENING | {"identifier": [{"system": "urn:carestart:screening", "value": "r1"}]}, "what would be lost here"),
        (SCREENING | {"subject": member("999900000099")}, "names a member who is not on file"),
        (SCREENING | {"subject": None}, "subject.identifier.value is missing"),
        (SCREENING | {"subject": {"identifier": {"system": "urn:else", "value": "1"}}}, "of a plan that is not known"),
        (SCREENING | {"source": {"type": "RelatedPerson", "display": "Secret"}}, "parent or guardian who is not on"),
        (SCREENING | {"source": {"type": "Device"}}, "source.type is none of the codes"),
        (SCREENING | {"meta": {"lastUpdated": "2026-06-31T16:00:00Z"}}, "meta.lastUpdated is no time there is"),
        (SCREENING | {"meta": {"lastUpdated": 7}}, "meta.lastUpdated is not a time such as"),
        (SCREENING | {"meta": {"lastUpdated": "2026-07-01T16:00:00Z"}}, "is of the future"),
        (SCREENING | {"meta": {"lastUpdated": "2026-06-01T16:00:00Z", "tag": "x"}}, "would be lost here: meta"),
        (SCREENING | {"item": "secret"}, "item is not a list"),
        (SCREENING | {"item": [{"text": "secret"}]}, "item has one without linkId"),
        (SCREENING | {"item": [{"linkId": "a", "answer": [{}]}]}, "answer has one without a single value"),
        (SCREENING | {"item": [{"linkId": "a", "answer": [{"valueString": {}}]}]}, "answer has one that is not what"),
        (SCREENING | {"item": [{"linkId": "a", "answer": [{"valueCoding": [1]}]}]}, "answer has one that is not what"),
        (SCREENING | {"item": [{"linkId": "a", "definition": "secret"}]}, "item holds what no question of ours has"),
        (SCREENING | {"contained": []}, "holds what no screening of ours has"),
        (SCREENING | {"language": "secret"}, "language is none of the codes"),
        (REWARD | {"plan": "secret"}, "of a plan that is not known here"),
        (REWARD | {"cents": True}, "cents is not a number from 0 to 10000000"),
        (REWARD | {"cents": 10**30}, "cents is not a number"),
        (REWARD | {"programme_year": "2026"}, "programme_year is not a number"),
        (REWARD | {"completions": [{}]}, "step is missing"),
        (REWARD | {"completions": [REWARD["completions"][0] | {"reference": "a\0b"}]}, "reference is empty, too long"),
        (REWARD | {"completions": REWARD["completions"][::-1]}, "would be lost here: completions"),
        (REWARD | {"secret": 1}, "would be lost here: more than there is a place for"),
        (task(priority="stat"), "would be lost here: priority"),
        (task(note=[{"text": "secret"}]), "would be lost here: more than there is a place for"),
        (task(input={"secret": 1}), "input is not a list of rules"),
        (task(owner=OWNER | {"identifier": {"system": "urn:x", "value": "7f"}}), "owner is nobody of staff"),
        (task(owner=OWNER | {"display": "x" * 81}), "owner.display is empty, too long"),
        (consent("opt_in", 1, "c1", sourceAttachment={"title": "t", "data": "%%", "language": "en"}), "not a text in"),
        (consent("opt_in", 1, "c1", provision={"type": "permit", "code": 7}), "provision.code.0.coding.0.code is miss"),
    ],
)  # fmt: skip
def test_a_bad_line_is_set_aside_with_a_reason_that_quotes_nothing(
    engine: Engine, tmp_path: Path, line: object, reason: str
) -> None:
    report = load(engine, tmp_path, REWARD | {"member_id": OURS["ann"], "uid": "good"}, line)
    [told] = reasons(report)
    assert told.startswith("line 2: ") and reason in told
    assert "ecret" not in told
    assert ({"rewards": 1}, 1) == (report.added, report.rejected)
    assert 1 == number_of(engine, rewards)
    assert 0 == sum(number_of(engine, table) for table in (screenings, referrals, consents, preferences, staff))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in children:
        yield from places(inner, (*path, key))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(data=st.data())
def test_whatever_is_put_anywhere_in_a_record_is_taken_whole_or_set_aside(
    engine: Engine, tmp_path: Path, data: st.DataObject
) -> None:
    record = json.loads(json.dumps(data.draw(st.sampled_from([SCREENING, REWARD, task("completed", owner=OWNER),
                                                              consent("opt_out", 1, "c1")]))))  # fmt: skip
    *way, last = data.draw(st.sampled_from(list(places(record))[1:]))
    holder = record
    for key in way:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[last] = data.draw(anything)
    else:
        del holder[last]
    report = load(engine, tmp_path, record, dry_run=True)
    assert 1 == report.rejected + sum(report.added.values())


def test_kinds_that_are_not_brought_in_say_so(engine: Engine, tmp_path: Path) -> None:
    report = load(engine, tmp_path, {"plan": "indiana", "member_id": OURS["ann"], "guardian": None, "kind": "relay"})
    assert ["line 1: is not of a kind that can be brought in"] == reasons(report)


# --- what follows ----------------------------------------------------------------------------------------------------


def test_steps_are_recorded_once_whether_their_record_or_their_reward_comes_first(
    engine: Engine, tmp_path: Path
) -> None:
    for lines in ([SCREENING, REWARD], [REWARD, SCREENING]):
        load(engine, tmp_path, *lines)
        with engine.begin() as conn:
            steps = conn.execute(select(completions.c.step, completions.c.reference).order_by(completions.c.step)).all()
            assert [("pmp", "x"), ("screening", "SM1")] == [tuple(step) for step in steps]
            for table in (rewards, completions, screenings):
                conn.execute(table.delete())


def test_a_second_reward_of_a_year_and_a_second_referral_of_a_screening_are_refused(
    engine: Engine, tmp_path: Path
) -> None:
    other = task(identifier=[{"system": "urn:carestart:referral", "value": "t2"}])
    report = load(engine, tmp_path, REWARD, REWARD | {"uid": "w2"}, task(), other)
    assert [
        "line 2: a reward of this year is on file under another name",
        "line 4: a referral of this screening is on file under another name",
    ] == reasons(report)
    about_another = load(engine, tmp_path, REWARD | {"member_id": OURS["ann"]})
    assert ["line 1: is on file about another member"] == reasons(about_another)


def test_the_last_word_of_a_phone_holds_in_whatever_order_it_comes(engine: Engine, tmp_path: Path) -> None:
    said = (("opt_out", 1), ("opt_in", 2), ("opt_out", 3))
    stop, start, stop_again = (consent(kind, day, f"c{day}") for kind, day in said)
    for lines, stopped in (([stop], 1), ([stop, start], 0), ([start, stop], 0), ([stop_again, start], 1), ([start], 0)):
        load(engine, tmp_path, *lines)
        with engine.begin() as conn:
            assert stopped == conn.execute(select(func.count()).select_from(opt_outs)).scalar_one(), lines
            conn.execute(consents.delete())
            conn.execute(opt_outs.delete())


def test_staff_who_are_named_get_a_name_and_no_way_in(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, task("completed", owner=OWNER))
    with engine.begin() as conn:
        account = conn.execute(select(staff)).one()
    assert ("7f", "Ada Park", False, None) == (account.id, account.name, account.active, account.password_hash)


def test_screenings_of_one_second_keep_their_order(engine: Engine, tmp_path: Path) -> None:
    names = [f"r{n}" for n in (3, 1, 2)]
    lines = [SCREENING | {"id": n, "identifier": SCREENING["identifier"] | {"value": n}} for n in names]
    load(engine, tmp_path, *lines)
    assert names == [one["id"] for one in records(engine, "screenings")]


def test_two_plans_with_one_system_of_ids_are_told_apart_or_the_line_is_set_aside(
    engine: Engine, tmp_path: Path
) -> None:
    shared = {id: replace(plan, member_id_system="urn:state") for id, plan in PLANS.items()}
    about = {"type": "Patient", "identifier": {"system": "urn:state", "value": OURS["leo"]}}
    assert [] == reasons(load(engine, tmp_path, SCREENING | {"subject": about}, plans=shared))
    with engine.begin() as conn:
        add_member(conn, "lea", Details(OURS["leo"], "Lea", "Bell", "2015-03-10"), plan="ohio")
    report = load(engine, tmp_path, SCREENING | {"subject": about}, plans=shared)
    assert ["line 1: names a member who is on file in more than one plan"] == reasons(report)


# --- files -----------------------------------------------------------------------------------------------------------


def test_rejected_lines_go_to_a_private_file_as_they_stand_with_reasons_beside_it(
    engine: Engine, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejected.ndjson"
    unknown = REWARD | {"uid": "w2", "member_id": "999900000098"}
    load(engine, tmp_path, REWARD, unknown, b"{\xff}\n", rejects=rejects)
    assert json.dumps(unknown).encode() + b"\n{\xff}\n" == rejects.read_bytes()
    told = (tmp_path / "rejected.ndjson.txt").read_text()
    assert "line 2: names a member who is not on file\nline 3: is not JSON\n" == told
    for file in (rejects, tmp_path / "rejected.ndjson.txt"):
        assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    with engine.begin() as conn:
        add_member(conn, "new", Details("999900000098", "New", "Hill", "1990-01-01"))
    again = import_records(engine, VAULT, PLANS, [rejects], now=NOW)
    assert ({"rewards": 1}, 1) == (again.added, again.rejected)


def test_problems_of_several_files_name_theirs_and_a_file_that_is_not_there_stops_all(
    engine: Engine, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.ndjson", tmp_path / "bad.ndjson"
    good.write_text(json.dumps(REWARD) + "\n")
    bad.write_text("\nno\n")
    with pytest.raises(Unreadable, match="No such file"):
        import_records(engine, VAULT, PLANS, [good, tmp_path / "missing.ndjson"], now=NOW)
    with pytest.raises(Unreadable, match="is a folder"):
        import_records(engine, VAULT, PLANS, [good, tmp_path], now=NOW)
    with pytest.raises(Unreadable, match="cannot be written over"):
        import_records(engine, VAULT, PLANS, [good], rejects=good, now=NOW)
    assert 0 == number_of(engine, rewards)
    shares: list[float] = []
    report = import_records(engine, VAULT, PLANS, [good, bad], now=NOW, progress=shares.append)
    assert ["bad.ndjson, line 2: is not JSON"] == reasons(report)


def test_guardians_are_found_for_the_member_they_speak_for_only(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as conn:
        add_guardian(conn, "g-tom", "Tom", "Stone")
        link(conn, "ann", "g-tom")
    report = load(engine, tmp_path, SCREENING | {"source": {"type": "RelatedPerson", "display": "Tom Stone"}})
    assert ["line 1: was said by a parent or guardian who is not on file for the member"] == reasons(report)
    gone = SCREENING | {"source": {"type": "RelatedPerson", "display": "Parent or guardian"}}
    assert [] == reasons(load(engine, tmp_path, gone))
    assert [gone] == records(engine, "screenings")


def test_what_is_restored_among_newer_records_does_not_become_the_latest(engine: Engine, tmp_path: Path) -> None:
    row = {"uid": "old", "member": "ann", "provider": "1000000087", "provider_name": "Ana Ruiz", "kept": False,
           "effective": date(2026, 6, 1), "said_by": "member:ann", "at": at(2026, 6, 1)}  # fmt: skip
    old = KINDS["pmp-choices"].record(people(), row | {"changed_at": row["at"]})  # type: ignore[arg-type,operator]
    with engine.begin() as conn:
        newer = row | {"uid": "new", "provider": "1234567893", "at": at(2026, 6, 2), "message_id": "SM1"}
        conn.execute(insert(pmp_choices).values(newer))
    assert {"pmp-choices": 1} == load(engine, tmp_path, old).added
    with engine.begin() as conn:
        assert "1234567893" == latest_pmp(conn, "ann")
