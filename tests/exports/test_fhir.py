"""Records as FHIR R4: valid, named by their identifiers, people as the plan knows them."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, insert, update

from bot.records.dispatches import DELIVERED
from bot.records.export import KINDS, export, record
from bot.records.tables import (
    consents,
    conversations,
    pmp_choices,
    providers,
    referrals,
    rewards,
    staff,
)
from tests.exports.family import add_preference, records, store_screening
from tests.exports.fhir import assert_valid
from tests.members.people import INDIANA, PLANS, VAULT, at

ANN = {"type": "Patient", "identifier": {"system": "urn:carestart:member-id:indiana", "value": "999900000001"}}
LEO = {"type": "Patient", "identifier": {"system": "urn:carestart:member-id:indiana", "value": "999900000002"}}
ROSA = {"type": "RelatedPerson", "display": "Rosa Hill"}
PHONE = "+13175550101"


def add(engine: Engine, into: Any, **columns: Any) -> None:
    with engine.begin() as conn:
        conn.execute(insert(into).values(**columns))


def only(engine: Engine, kind: str) -> dict[str, Any]:
    [found] = records(engine, kind)
    assert_valid(found)
    return found


# --- preferences -----------------------------------------------------------------------------------------------------


def test_a_preference_is_a_consent_to_be_reached_so(engine: Engine) -> None:
    sealed = VAULT.seal(b"ann@example.org", "preferences.contact")
    add_preference(engine, "ann", at(2026, 6, 1), channel="email", contact_sealed=sealed, uid="p1", language="es")
    assert {
        "resourceType": "Consent",
        "meta": {"lastUpdated": "2026-06-01T16:00:00Z"},
        "identifier": [{"system": "urn:carestart:preference", "value": "p1"}],
        "contained": [
            {
                "resourceType": "Patient",
                "id": "reached",
                "telecom": [{"system": "email", "value": "ann@example.org", "rank": 1}],
                "communication": [
                    {
                        "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es", "display": "Spanish"}]},
                        "preferred": True,
                    }
                ],
            }
        ],
        "status": "active",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [
            {"coding": [{"system": "http://loinc.org", "code": "59284-0"}]},
            {"coding": [{"system": "urn:carestart:consent-category", "code": "communication-preference"}]},
        ],
        "patient": ANN,
        "dateTime": "2026-06-01T16:00:00Z",
        "performer": [ANN],
        "policy": [
            {
                "authority": "https://www.hhs.gov",
                "uri": "https://www.ecfr.gov/current/title-45/part-164/section-164.522",
            }
        ],
        "policyRule": {"text": "45 CFR 164.522(b)"},
        "provision": {
            "type": "permit",
            "actor": [
                {
                    "role": {
                        "coding": [
                            {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}
                        ]
                    },
                    "reference": {"reference": "#reached"},
                }
            ],
            "code": [{"coding": [{"system": "urn:carestart:channel", "code": "email"}]}],
        },
    } == only(engine, "preferences")


@pytest.mark.parametrize(
    ("channel", "contact", "said"),
    [
        ("text", PHONE, {"telecom": [{"system": "sms", "value": PHONE, "rank": 1}]}),
        ("mail", "1 Elm St", {"address": [{"type": "postal", "text": "1 Elm St"}]}),
        ("mail", None, {}),
    ],
)
def test_the_contact_is_a_telecom_or_an_address(
    engine: Engine, channel: str, contact: str | None, said: dict[str, Any]
) -> None:
    sealed = VAULT.seal(contact.encode(), "preferences.contact") if contact else None
    add_preference(engine, "ann", at(2026, 6, 1), channel=channel, contact_sealed=sealed)
    [reached] = only(engine, "preferences")["contained"]
    assert said == {key: reached[key] for key in ("telecom", "address") if key in reached}


@pytest.mark.parametrize(
    ("said_by", "performer"),
    [
        ("member:leo", [LEO]),
        ("member:ann", [{**ANN, "type": "RelatedPerson"}]),
        ("guardian:g-rosa", [ROSA]),
        ("guardian:gone", [{"type": "RelatedPerson", "display": "Parent or guardian"}]),
        (
            "agent:7",
            [{"type": "Practitioner", "identifier": {"system": "urn:carestart:staff", "value": "7"}, "display": "Kim"}],
        ),
        ("agent:8", [{"type": "Practitioner", "identifier": {"system": "urn:carestart:staff", "value": "8"}}]),
        ("conversation", None),
    ],
)
def test_who_said_it_performed_it(engine: Engine, said_by: str, performer: list[Any] | None) -> None:
    add(engine, staff, id="7", sign_in="kim", name="Kim", role="agent", active=False, at=0.0)
    add_preference(engine, "leo", at(2026, 6, 1), said_by=said_by)
    assert performer == only(engine, "preferences").get("performer")


def test_a_plan_names_the_system_of_its_member_ids(engine: Engine) -> None:
    add_preference(engine, "ann", at(2026, 6, 1))
    plans = {"indiana": replace(INDIANA, member_id_system="https://plan.example/rid")}
    with engine.connect() as conn:
        [found] = export(conn, VAULT, plans, "preferences")
    assert {"system": "https://plan.example/rid", "value": "999900000001"} == found["patient"]["identifier"]


# --- consents --------------------------------------------------------------------------------------------------------


def add_consent(engine: Engine, **columns: Any) -> None:
    address = VAULT.seal(msgspec.msgpack.encode({"member": PHONE, "ours": "+1317"}), "conversations.address")
    add(engine, conversations, id="c1", version=1, session_sealed=b"", address_sealed=address, phone_index="f",
        updated_at=0.0)  # fmt: skip
    row = {"kind": "text_messages", "status": "granted", "wording": "utter_ask@1", "channel": "text", "language": "en",
           "message_id": "SM1", "at": at(2026, 6, 1), "said_by": "conversation", "phone_index": "f", "uid": "c1",
           "wording_sealed": VAULT.seal("¿Sí?".encode(), "consents.wording")}  # fmt: skip
    add(engine, consents, **(row | columns))


def test_a_consent_says_which_words_were_shown_and_permits_or_denies(engine: Engine) -> None:
    add_consent(engine, member="ann", said_by="member:ann")
    found = only(engine, "consents")
    assert ("permit", ANN, [ANN]) == (found["provision"]["type"], found["patient"], found["performer"])
    assert {"text": "47 CFR 64.1200"} == found["policyRule"]
    assert "¿Sí?" == base64.b64decode(found["sourceAttachment"]["data"]).decode()
    assert "utter_ask@1" == found["sourceAttachment"]["title"]
    phone = [{"system": "sms", "value": PHONE}]
    assert [{"resourceType": "Patient", "id": "reached", "telecom": phone}] == found["contained"]


def test_a_guardians_consent_is_for_the_guardians_phone(engine: Engine) -> None:
    add_consent(engine, member="leo", said_by="guardian:g-rosa")
    [holder] = only(engine, "consents")["contained"]
    assert ("RelatedPerson", LEO, [{"text": "Rosa Hill"}]) == (
        holder["resourceType"],
        holder["patient"],
        holder["name"],
    )


def test_a_stop_of_a_phone_nobody_verified_on_denies_without_a_patient(engine: Engine) -> None:
    add_consent(engine, kind="opt_out", status="revoked", member=None)
    found = only(engine, "consents")
    assert ("deny", "active") == (found["provision"]["type"], found["status"])
    assert not found.keys() & {"patient", "performer"}
    assert PHONE == found["contained"][0]["telecom"][0]["value"]


def test_a_consent_without_words_or_phone_leaves_them_out(engine: Engine) -> None:
    """The network told us of a STOP: nothing was shown; or nobody knows the number any more."""
    add_consent(engine, wording_sealed=VAULT.seal(b"", "consents.wording"), phone_index="gone")
    found = only(engine, "consents")
    assert {"title", "creation"} == found["sourceAttachment"].keys()
    assert "contained" not in found and "actor" not in found["provision"]


# --- tasks -----------------------------------------------------------------------------------------------------------


def add_choice(engine: Engine, provider: str = "1993999998", *, kept: bool = False, **columns: Any) -> None:
    add(engine, pmp_choices, member="leo", provider=provider, provider_name="Ana Ruiz", kept=kept, uid="x1",
        effective=date(2026, 7, 1), message_id="SM1", at=at(2026, 6, 1),
        **({"said_by": "guardian:g-rosa"} | columns))  # fmt: skip


def inputs(task: dict[str, Any], what: str) -> list[Any]:
    """The values of a task's inputs of this type."""
    those = [one for one in task["input"] if one["type"]["coding"][0]["code"] == what]
    return [value for one in those for key, value in one.items() if key != "type"]


def test_a_pmp_choice_asks_the_enrolment_system(engine: Engine) -> None:
    add_choice(engine)
    task = only(engine, "pmp-choices")
    assert ("requested", "order", LEO, ROSA) == tuple(task[key] for key in ("status", "intent", "for", "requester"))
    npi = {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1993999998"}
    assert [{"type": "Practitioner", "identifier": npi, "display": "Ana Ruiz"}] == inputs(
        task, "primary-medical-provider"
    )
    assert (["2026-07-01"], [False]) == (inputs(task, "effective-date"), inputs(task, "kept"))
    assert [{"system": "urn:carestart:pmp-choice", "value": "x1"}] == task["identifier"]


def test_who_keeps_their_pmp_leaves_nothing_to_do(engine: Engine) -> None:
    add_choice(engine, kept=True)
    task = only(engine, "pmp-choices")
    assert ("completed", [True]) == (task["status"], inputs(task, "kept"))


@pytest.mark.parametrize("provider", ["1993999999", "prac-17", "0000000000"])
def test_what_is_no_npi_is_not_called_one(engine: Engine, provider: str) -> None:
    add_choice(engine, provider)
    [chosen] = inputs(only(engine, "pmp-choices"), "primary-medical-provider")
    assert {"system": "urn:carestart:provider", "value": provider} == chosen["identifier"]


def test_a_clinic_is_an_organization(engine: Engine) -> None:
    add(engine, providers, id="clinic-1", name="Elm Clinic", family="", kinds=" clinic ", taxonomies="", updated_at=0.0)
    add_choice(engine, "clinic-1")
    [chosen] = inputs(only(engine, "pmp-choices"), "primary-medical-provider")
    assert "Organization" == chosen["type"]


def add_referral(engine: Engine, tier: str = "HIGH") -> None:
    add(engine, referrals, screening="r1", member="leo", tier=tier, rules='["R1", "R3"]', state="open",
        at=at(2026, 6, 1), uid="y1")  # fmt: skip


def change_referral(engine: Engine, **columns: Any) -> None:
    with engine.begin() as conn:
        conn.execute(update(referrals).values(**columns))


def test_a_referral_is_a_task_for_staff(engine: Engine) -> None:
    add_referral(engine)
    task = only(engine, "referrals")
    assert ("requested", "urgent", LEO) == (task["status"], task["priority"], task["for"])
    screening = {"system": "urn:carestart:screening", "value": "r1"}
    assert {"type": "QuestionnaireResponse", "identifier": screening} == task["focus"]
    assert ["R1", "R3"] == [rule["code"] for rule in inputs(task, "risk-rule")]
    assert not task.keys() & {"owner", "businessStatus", "executionPeriod"}


def test_a_referral_moves_as_staff_see_to_it(engine: Engine) -> None:
    add_referral(engine)
    change_referral(engine, state="taken", taken_by="agent:7", taken_at=at(2026, 6, 2))
    taken = only(engine, "referrals")
    assert ("in-progress", "7") == (taken["status"], taken["owner"]["identifier"]["value"])
    assert "2026-06-02T16:00:00Z" == taken["meta"]["lastUpdated"] == taken["lastModified"]
    change_referral(engine, state="closed", closed_at=at(2026, 6, 3), outcome="helped")
    closed = only(engine, "referrals")
    assert ("completed", "helped") == (closed["status"], closed["businessStatus"]["coding"][0]["code"])
    assert {"start": "2026-06-02T16:00:00Z", "end": "2026-06-03T16:00:00Z"} == closed["executionPeriod"]
    assert taken["identifier"] == closed["identifier"]


@pytest.mark.parametrize(("tier", "priority"), [("URGENT", "stat"), ("HIGH", "urgent"), ("MED", "routine")])
def test_the_tier_is_the_priority(engine: Engine, tier: str, priority: str) -> None:
    add_referral(engine, tier)
    assert priority == only(engine, "referrals")["priority"]


# --- one record ------------------------------------------------------------------------------------------------------

NAMED = sorted(kind for kind, told in KINDS.items() if told.rows.name is not None)


def fill(engine: Engine) -> None:
    add_preference(engine, "leo", at(2026, 6, 1), uid="p1")
    add_choice(engine)
    add_consent(engine, member="leo", said_by="guardian:g-rosa")
    add_referral(engine)
    store_screening(engine, "r1", "guardian:g-rosa", at(2026, 6, 5))
    add(engine, rewards, member="leo", programme_year=2026, cents=3000, completions="[]", at=at(2026, 6, 5), uid="w1")


@pytest.mark.parametrize("kind", NAMED)
def test_one_record_is_what_the_export_says_of_it(engine: Engine, kind: str) -> None:
    fill(engine)
    add_preference(engine, "ann", at(2026, 6, 1), uid="another")
    uid = {"screenings": "r1", "pmp-choices": "x1", "consents": "c1", "referrals": "y1", "rewards": "w1"}
    with engine.connect() as conn:
        found = record(conn, VAULT, PLANS, kind, uid.get(kind, "p1"))
        assert None is record(conn, VAULT, PLANS, kind, "nobody")
    assert found == records(engine, kind)[0]


def test_exactly_the_kinds_that_are_delivered_have_names() -> None:
    assert sorted(DELIVERED) == NAMED


def test_what_goes_to_a_fhir_server_is_a_resource() -> None:
    assert {kind for kind, sinks in DELIVERED.items() if "fhir" in sinks} == {
        kind for kind, told in KINDS.items() if told.fhir is not None
    }


def test_kinds_without_names_are_refused(engine: Engine) -> None:
    with engine.connect() as conn, pytest.raises(LookupError):
        record(conn, VAULT, PLANS, "audit", "1")
