"""The FHIR server and the validator of the tests do what tests rely on: strict, nothing twice, and every fault as
named."""

from __future__ import annotations

import http.client
import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.fhir_peer import FhirServer, Resource, fhir_server, validate

SYSTEM = "urn:example:carestart"
PATIENT = "urn:uuid:11111111-1111-4111-8111-111111111111"
TASK = "urn:uuid:22222222-2222-4222-8222-222222222222"
LOST = (http.client.HTTPException, OSError)


@pytest.fixture(scope="module")
def shared() -> Iterator[FhirServer]:
    with fhir_server() as server:
        yield server


@pytest.fixture
def server(shared: FhirServer) -> FhirServer:
    shared.faults([])
    return shared


@pytest.fixture
def uid() -> str:
    """What this test calls its records, on a server that all of these tests share."""
    return uuid4().hex


def patient(uid: str, **more: Any) -> Resource:
    return {"resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": uid}], **more}


def task(uid: str, **more: Any) -> Resource:
    identifier = [{"system": SYSTEM, "value": uid}]
    named = {"resourceType": "Task", "identifier": identifier, "status": "requested", "intent": "order"}
    return {**named, "for": {"reference": PATIENT}, **more}


def bundle(uid: str, **more: Any) -> Resource:
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [entry(PATIENT, patient(uid), uid), entry(TASK, task(uid, **more), uid)],
    }


def entry(full_url: str, resource: Resource, uid: str) -> Resource:
    request = {"method": "POST", "url": resource["resourceType"], "ifNoneExist": f"identifier={SYSTEM}|{uid}"}
    return {"fullUrl": full_url, "resource": resource, "request": request}


def ask(
    server: FhirServer, body: Resource, path: str = "", method: str = "POST", timeout: float = 10, **headers: str
) -> http.client.HTTPResponse:
    named = {"Content-Type": "application/fhir+json", **headers}
    request = urllib.request.Request(server.base + path, json.dumps(body).encode(), named, method=method)
    answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=timeout)
    return answer


def send(server: FhirServer, body: Resource, *how: Any, **more: Any) -> tuple[int, Any]:
    """The answer's status and body, whatever the status."""
    try:
        with ask(server, body, *how, **more) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def kept(server: FhirServer, uid: str) -> tuple[int, int]:
    """How many patients and tasks of this test the server keeps."""
    return len(server.search("Patient", f"{SYSTEM}|{uid}")), len(server.search("Task", f"{SYSTEM}|{uid}"))


def test_a_transaction_resolves_what_its_entries_say_of_each_other(server: FhirServer, uid: str) -> None:
    status, answer = send(server, bundle(uid))
    assert (status, [each["response"]["status"] for each in answer["entry"]]) == (200, ["201", "201"])
    [who], [what] = server.search("Patient", f"{SYSTEM}|{uid}"), server.search("Task", f"{SYSTEM}|{uid}")
    assert what["for"]["reference"] == f"Patient/{who['id']}"


def test_a_transaction_sent_again_creates_nothing(server: FhirServer, uid: str) -> None:
    send(server, bundle(uid))
    status, answer = send(server, bundle(uid))
    assert (status, [each["response"]["status"] for each in answer["entry"]]) == (200, ["200", "200"])
    assert kept(server, uid) == (1, 1)


def test_a_transaction_sent_by_several_at_once_creates_nothing_twice(server: FhirServer, uid: str) -> None:
    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda _: send(server, bundle(uid)), range(24)))
    assert {status for status, _ in answers} == {200}
    assert kept(server, uid) == (1, 1)


def test_a_later_record_finds_the_patient_that_is_there(server: FhirServer, uid: str) -> None:
    send(server, bundle(uid))
    later = bundle(uid)
    later["entry"][1] = entry(TASK, task(f"{uid}-later"), f"{uid}-later")
    send(server, later)
    [first], [second] = server.search("Task", f"{SYSTEM}|{uid}"), server.search("Task", f"{SYSTEM}|{uid}-later")
    assert first["for"] == second["for"]


def test_of_a_transaction_with_one_bad_entry_nothing_is_kept(server: FhirServer, uid: str) -> None:
    status, answer = send(server, bundle(uid, intent=None))
    assert (status, answer["resourceType"]) == (422, "OperationOutcome")
    assert kept(server, uid) == (0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"birthDate": "5/6/2001"},
        {"gender": "girl"},
        {"nickname": "Ana"},
        {"active": "yes"},
        {"contact": [{"gender": "female"}]},
    ],
    ids=["a date", "a code", "an unknown element", "a type", "an invariant"],
)
def test_what_is_no_valid_r4_is_refused(server: FhirServer, uid: str, wrong: Resource) -> None:
    status, answer = send(server, patient(uid, **wrong), "/Patient")
    assert (status, answer["resourceType"]) == (422, "OperationOutcome")
    assert server.search("Patient", f"{SYSTEM}|{uid}") == []


def test_a_conditional_update_creates_and_then_changes(server: FhirServer, uid: str) -> None:
    where = f"/Patient?identifier={SYSTEM}%7C{uid}"
    statuses = [send(server, patient(uid, active=active), where, "PUT")[0] for active in (True, False)]
    assert statuses == [201, 200]
    assert [each["active"] for each in server.search("Patient", f"{SYSTEM}|{uid}")] == [False]


@pytest.mark.parametrize("status", [401, 422, 500, 503])
def test_a_refusal_keeps_nothing_and_the_next_request_passes(server: FhirServer, uid: str, status: int) -> None:
    server.faults([{"status": status}])
    assert send(server, bundle(uid))[0] == status
    assert kept(server, uid) == (0, 0)
    assert send(server, bundle(uid))[0] == 200


def test_too_many_requests_says_when_to_come_again(server: FhirServer, uid: str) -> None:
    server.faults([{"status": 429, "retryAfter": 1}])
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(server, bundle(uid))
    with refused.value as answer:
        assert (answer.code, answer.headers["Retry-After"]) == (429, "1")


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ({"hang": True}, False),
        ({"hang": "after"}, True),
        ({"drop": "before"}, False),
        ({"drop": "after"}, True),
        ({"drop": "midway"}, True),
    ],
)
def test_an_answer_that_never_comes(server: FhirServer, uid: str, fault: dict[str, Any], done: bool) -> None:
    server.faults([fault])
    with pytest.raises(LOST):
        send(server, bundle(uid), timeout=1)
    assert kept(server, uid) == ((1, 1) if done else (0, 0))
    assert send(server, bundle(uid))[0] == 200
    assert kept(server, uid) == (1, 1)


def test_a_page_where_an_answer_was_expected(server: FhirServer, uid: str) -> None:
    server.faults([{"html": True}])
    with pytest.raises(json.JSONDecodeError):
        send(server, bundle(uid))
    assert kept(server, uid) == (0, 0)


def test_the_log_says_what_was_asked_in_order(server: FhirServer, uid: str) -> None:
    before = len(server.log())
    server.faults([{"drop": "after"}, {"status": 500}])
    for passes in (False, False, True):
        try:
            assert (send(server, bundle(uid))[0] == 200) is passes
        except LOST:
            assert not passes
    first, second, third = server.log()[before:]
    assert [each["status"] for each in (first, second, third)] == [None, 500, 200]
    assert second["entries"] == [f"POST {kind}?identifier={SYSTEM}|{uid}" for kind in ("Patient", "Task")]
    assert (third["method"], third["path"]) == ("POST", "/")
    assert "content-type" in third["headers"]


def test_a_token_is_asked_for() -> None:
    with fhir_server(token="open sesame") as server:
        assert send(server, bundle("token"))[0] == 401
        assert send(server, bundle("token"), Authorization="Bearer open barley")[0] == 401
        assert send(server, bundle("token"), Authorization="Bearer open sesame")[0] == 200
        assert kept(server, "token") == (1, 1)


def consent(**more: Any) -> Resource:
    needed = {"status": "active", "scope": {"text": "contact"}, "category": [{"text": "texts"}]}
    return {"resourceType": "Consent", **needed, "policyRule": {"text": "terms"}, **more}


def test_the_validator_says_of_each_resource_where_it_is_wrong() -> None:
    someone = {"reference": "Task/1"}
    wrong: list[tuple[Resource, str, str]] = [
        ({"scope": None}, "Consent.scope", "null"),
        ({"policyRule": {}}, "Consent", "ppc-1"),
        ({"status": "given"}, "Consent.status", "given"),
        ({"category": []}, "Consent.category", "empty"),
        ({"policyRule": {"words": "terms"}}, "Consent.policyRule.words", "additional"),
        ({"dateTime": "3 May"}, "Consent.dateTime", "dateTime"),
        ({"identifier": [{"value": ""}]}, "Consent.identifier[0].value", "empty"),
        ({"patient": someone}, "Consent.patient", "reference"),
        ({"sourceReference": someone, "sourceAttachment": {"title": "a"}}, "sourceAttachment", "choice"),
        ({"id": "one of ours"}, "Consent.id", "id"),
    ]
    fine, *found = validate([consent(patient={"reference": PATIENT}), *(consent(**each) for each, _, _ in wrong)])
    assert fine == []
    for issues, (each, where, what) in zip(found, wrong, strict=True):
        said = [issue for issue in issues if issue["expression"] == where and what in issue["message"]]
        assert [issue["severity"] for issue in said] == ["error"], each


def test_the_validator_knows_profiles() -> None:
    us_core = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
    whole = patient("1", gender="female", name=[{"family": "Doe"}])
    fine, nameless = validate([whole, patient("2", gender="female")], profile=us_core)
    assert fine == []
    assert "Patient.name" in [each["expression"] for each in nameless]


def test_the_validator_refuses_a_profile_it_does_not_have() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        validate([], profile="http://example.org/nobody-has-this")
