"""Exports name people as the plan does, stream in one order, and stand in the audit."""

from __future__ import annotations

import io
import json
from datetime import date

import msgspec
import pytest
from sqlalchemy import Engine, insert, select

from bot.records.export import KINDS, parse_since, write_export
from bot.records.rewards import evaluate
from bot.records.tables import (
    accommodations,
    audit,
    callbacks,
    consents,
    conversations,
    pmp_choices,
    referrals,
)
from tests.exports.family import add_preference, records, store_screening, table
from tests.members.people import INDIANA, PLANS, VAULT, at, complete


def test_a_preference_says_who_chose_what_when(engine: Engine) -> None:
    sealed = VAULT.seal(b"ann@example.org", "preferences.contact")
    add_preference(engine, "ann", at(2026, 6, 1), channel="email", contact_sealed=sealed, uid="p1")
    assert [
        {
            "uid": "p1",
            "plan": "indiana",
            "member_id": "999900000001",
            "at": "2026-06-01T16:00:00Z",
            "channel": "email",
            "contact": "ann@example.org",
            "language": "en",
            "said_by_role": "member",
            "said_by_id": "",
            "said_by_member_id": "",
            "said_by_name": "",
        }
    ] == table(engine, "preferences")


@pytest.mark.parametrize(
    ("said_by", "told"),
    [
        ("guardian:g-rosa", {"role": "guardian", "name": "Rosa Hill"}),
        ("guardian:gone", {"role": "guardian"}),
        ("member:ann", {"role": "guardian", "member_id": "999900000001"}),
        ("member:leo", {"role": "member"}),
        ("agent:7", {"role": "agent", "id": "7"}),
        ("conversation", {"role": "conversation"}),
    ],
)
def test_who_said_it_is_told_without_our_own_ids(engine: Engine, said_by: str, told: dict[str, str]) -> None:
    add_preference(engine, "leo", at(2026, 6, 1), said_by=said_by)
    [row] = table(engine, "preferences")
    assert {f"said_by_{key}": value for key, value in told.items()} == {
        key: value for key, value in row.items() if key.startswith("said_by") and value
    }


def test_records_come_in_order_of_time_and_from_since_on(engine: Engine) -> None:
    for number, day in enumerate((3, 1, 2, 1), 1):
        add_preference(engine, "ann", at(2026, 6, day), uid=str(number))

    def uids(since: float | None = None) -> list[str]:
        told = [row["uid"] for row in table(engine, "preferences", since)]
        assert told == [record["identifier"][0]["value"] for record in records(engine, "preferences", since)]
        return told

    assert ["2", "4", "3", "1"] == uids()
    assert ["3", "1"] == uids(at(2026, 6, 2))
    assert [] == uids(at(2026, 6, 4))


def test_a_pmp_choice_and_a_referral_as_rows(engine: Engine) -> None:
    with engine.begin() as conn:
        choice = {"member": "ann", "provider": "1000000087", "provider_name": "Ana Ruiz", "kept": False}
        said = {"said_by": "member:ann", "message_id": "SM1", "at": at(2026, 6, 1)}
        conn.execute(insert(pmp_choices).values(choice | said | {"effective": date(2026, 7, 1)}))
        referral = {"screening": "r1", "member": "ann", "tier": "HIGH", "rules": '["R1", "R3"]', "state": "open"}
        conn.execute(insert(referrals).values(referral | {"at": at(2026, 6, 1)}))
    (choice_out,) = table(engine, "pmp-choices")
    assert ("1000000087", "2026-07-01", "false") == tuple(choice_out[key] for key in ("provider", "effective", "kept"))
    (referral_out,) = table(engine, "referrals")
    assert ("999900000001", "R1 R3", "HIGH") == tuple(referral_out[key] for key in ("member_id", "rules", "tier"))


def test_a_reward_cites_its_three_events(engine: Engine) -> None:
    with engine.begin() as conn:
        for step, day in (("preference", 1), ("pmp", 2), ("screening", 1)):
            complete(conn, "ann", step, at(2026, 6, day), "SM9")
        evaluate(conn, "ann", INDIANA, at(2026, 6, 2))
    (reward,) = records(engine, "rewards")
    assert (2026, 3000) == (reward["programme_year"], reward["cents"])
    cited = reward["completions"]
    assert isinstance(cited, list)
    assert ["preference", "screening", "pmp"] == [event["step"] for event in cited]
    assert {"reference": "SM9", "source": "carestart"}.items() <= cited[0].items() and "id" not in cited[0]
    (row,) = table(engine, "rewards")
    assert ("3000", "SM9", "carestart", "2026-06-01T16:00:00Z") == tuple(
        row[key] for key in ("cents", "pmp_reference", "screening_source", "preference_at")
    )


def test_a_screening_is_the_response_as_stored_with_the_plans_id(engine: Engine) -> None:
    store_screening(engine, "r1", "guardian:g-rosa", at(2026, 6, 5))
    store_screening(engine, "r2", "member:leo", None)
    store_screening(engine, "r3", "member:ann", at(2026, 6, 6))
    by_self, by_guardian, by_parent = records(engine, "screenings")
    leo = {"type": "Patient", "identifier": {"system": "urn:carestart:member-id:indiana", "value": "999900000002"}}
    assert ("r2", leo, leo, [{"linkId": "a"}]) == tuple(by_self[key] for key in ("id", "subject", "source", "item"))
    assert {"type": "RelatedPerson", "display": "Rosa Hill"} == by_guardian["source"]
    source = by_parent["source"]
    assert isinstance(source, dict)
    assert "999900000001" == source["identifier"]["value"]
    assert ["r1", "r3"] == [record["id"] for record in records(engine, "screenings", at(2026, 6, 5))]


def test_a_consent_of_a_phone_nobody_verified_on_still_tells_the_phone(engine: Engine) -> None:
    sealed = VAULT.seal(
        msgspec.msgpack.encode({"member": "+13175550101", "ours": "+13175550100"}), "conversations.address"
    )
    talk = {"id": "c1", "version": 1, "session_sealed": b"", "address_sealed": sealed, "phone_index": "f" * 32,
            "updated_at": 0.0}  # fmt: skip
    stop = {"kind": "opt_out", "status": "revoked", "wording": "utter_opted_out@1", "channel": "text", "language": "en",
        "said_by": "conversation", "message_id": "SM1", "at": 1.0,
            "wording_sealed": VAULT.seal(b"Bye", "consents.wording")}  # fmt: skip
    with engine.begin() as conn:
        conn.execute(insert(conversations).values(talk))
        conn.execute(insert(consents), [stop | {"phone_index": index} for index in ("f" * 32, "e" * 32)])
    known, unknown = table(engine, "consents")
    assert ("+13175550101", "", "Bye") == (known["phone"], known["member_id"], known["wording_text"])
    assert "" == unknown["phone"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_export_names_our_own_ids_or_hashes(engine: Engine, kind: str) -> None:
    add_preference(engine, "leo", at(2026, 6, 1), said_by="guardian:g-rosa")
    store_screening(engine, "r1", "guardian:g-rosa", at(2026, 6, 5))
    text = json.dumps(records(engine, kind) + table(engine, kind))
    assert "g-rosa" not in text
    assert '"leo"' not in text and "Patient/leo" not in text


def test_each_export_stands_in_the_audit_with_counts_only(engine: Engine) -> None:
    for day in (1, 2, 3):
        add_preference(engine, "ann", at(2026, 6, day))
    out = io.BytesIO()
    assert 2 == write_export(engine, VAULT, PLANS, "preferences", at(2026, 6, 2), out, actor="cli", now=5.0)
    assert 2 == len([json.loads(line) for line in out.getvalue().splitlines()])
    with engine.begin() as conn:
        (row,) = conn.execute(select(audit))
    assert (5.0, "cli", "export", "preferences") == (row.at, row.actor, row.action, row.subject)
    assert {"records": 2, "since": "2026-06-02T16:00:00Z"} == json.loads(row.detail)


def test_the_audit_does_not_take_the_rows_of_a_table_for_records(engine: Engine) -> None:
    store_screening(engine, "r1", "member:ann", at(2026, 6, 5))
    rows = write_export(engine, VAULT, PLANS, "screenings", None, io.BytesIO(), as_csv=True)
    with engine.begin() as conn:
        assert {"rows": rows, "since": None} == json.loads(conn.scalars(select(audit.c.detail)).one())


def test_an_export_that_breaks_off_is_audited_too(engine: Engine) -> None:
    class FullDisk(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    add_preference(engine, "ann", at(2026, 6, 1))
    with pytest.raises(OSError, match="No space"):
        write_export(engine, VAULT, PLANS, "preferences", None, FullDisk())
    with engine.begin() as conn:
        assert [0] == [json.loads(detail)["records"] for detail in conn.scalars(select(audit.c.detail))]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02", 86400.0),
        ("1970-01-01T01:00", 3600.0),
        ("1970-01-01T01:00:00Z", 3600.0),
        ("1970-01-01T00:00:00-04:00", 14400.0),
    ],
)
def test_since_is_a_date_or_a_time(text: str, seconds: float) -> None:
    assert seconds == parse_since(text)


@pytest.mark.parametrize("text", ["", "yesterday", "06/01/2026", "2026-13-01", "9999-12-31T23:59:59-12:00"])
def test_since_is_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="expected a date or time such as"):
        parse_since(text)


def test_a_call_back_says_whom_to_call_when_and_how(engine: Engine) -> None:
    row = {
        "conversation": "c", "member": "ann", "phone_index": "p", "due_at": at(2026, 6, 2), "zone": "America/New_York",
        "phone_sealed": VAULT.seal(b"+13175550142", "callbacks.phone"), "language": "es", "how": "relay",
        "state": "booked", "message_id": "CA1.3", "at": at(2026, 6, 1),
    }  # fmt: skip
    with engine.begin() as conn:
        conn.execute(insert(callbacks).values(row))
    [record] = records(engine, "call-backs")
    assert ("999900000001", "+13175550142") == (record["member_id"], record["phone"])
    assert ("2026-06-02T16:00:00Z", "relay", "es", "booked") == tuple(
        record[key] for key in ("due", "how", "language", "state")
    )


def test_an_accommodation_names_the_speaker_as_the_plan_does(engine: Engine) -> None:
    with engine.begin() as conn:
        for number, speaker in enumerate(("member:ann", "guardian:g-rosa")):
            conn.execute(insert(accommodations).values(speaker=speaker, kind="relay", at=at(2026, 6, 1 + number)))
    ann, rosa = records(engine, "accommodations")
    assert ("999900000001", None) == (ann["member_id"], ann["guardian"])
    assert (None, "Rosa Hill") == (rosa["member_id"], rosa["guardian"])
    assert [rosa] == records(engine, "accommodations", at(2026, 6, 2))
