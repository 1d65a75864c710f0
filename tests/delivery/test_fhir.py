"""Records go to a FHIR server as they are written: valid, once each, whatever becomes of the requests."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from bot.records import tables as t
from bot.records.referrals import close_referral, take_referral
from bot.setting_values import Secret
from bot.sinks.fhir import _all_done, _token
from tests.delivery.conftest import Delivering, Open
from tests.fhir_peer import FhirServer, fhir_server
from tests.golden import NAMES

KINDS = ("Consent", "Task", "QuestionnaireResponse")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sinks.http.ANSWER_S", 0.6)


def identifiers(server: FhirServer, *kinds: str) -> Counter[str]:
    """Of what the server keeps, how often each."""
    resources = [one for kind in kinds for one in server.search(kind)]
    return Counter(one["value"] for resource in resources for one in _list(resource["identifier"]))


def _list(identifier: Any) -> list[dict[str, str]]:
    return identifier if isinstance(identifier, list) else [identifier]


def test_the_server_has_every_record_of_the_member_once(by_fhir: Delivering, server: FhirServer) -> None:
    by_fhir.all_steps()
    by_fhir.round()
    assert ["sent"] * 3 == by_fhir.states()
    names = [row.record for row in by_fhir.dispatches()]
    assert Counter(names) == identifiers(server, *KINDS)
    [patient] = server.search("Patient")
    assert ["999900000011"] == [one["value"] for one in patient["identifier"]]
    assert "female" != patient["gender"]
    about = {
        server.search("Consent")[0]["patient"]["reference"],
        server.search("Task")[0]["for"]["reference"],
        server.search("QuestionnaireResponse")[0]["subject"]["reference"],
    }
    assert {f"Patient/{patient['id']}"} == about


def test_a_repeat_creates_nothing(by_fhir: Delivering, server: FhirServer) -> None:
    by_fhir.all_steps()
    by_fhir.round()
    before = identifiers(server, "Patient", *KINDS)
    with by_fhir.bot.records.begin() as conn:
        conn.execute(t.dispatches.update().values(state="due"))
    by_fhir.round()
    assert 6 == len(server.log())
    assert before == identifiers(server, "Patient", *KINDS)


FAULTS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 503},
    {"status": 429, "retryAfter": 1},
    {"status": 401},
    {"status": 409},
    {"html": True},
    {"hang": True},
    {"hang": "after"},
    {"drop": "before"},
    {"drop": "after"},
    {"drop": "midway"},
]


def points(times: int) -> Iterator[list[dict[str, Any]]]:
    """Each fault at each of the three records, so many times in a row."""
    for fault, position in itertools.product(FAULTS, range(3)):
        yield [{}] * position + [fault] * times


@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.proof)])
def test_nothing_is_lost_or_doubled_whatever_goes_wrong_at_any_point(
    times: int, by_fhir: Delivering, server: FhirServer
) -> None:
    by_fhir.all_steps()
    for faults in points(times):
        with by_fhir.bot.records.begin() as conn:
            conn.execute(t.dispatches.update().values(state="due", attempts=0, again_at=0, at=by_fhir.clock()))
        server.faults(faults)
        by_fhir.rounds(times=4)
        assert ["sent"] * 3 == by_fhir.states(), faults
        assert {1} == set(identifiers(server, "Patient", *KINDS).values()), faults


def test_what_it_refuses_is_left_to_staff(by_fhir: Delivering, server: FhirServer) -> None:
    by_fhir.all_steps()
    server.faults([{}, {"status": 422}])
    by_fhir.rounds(times=2)
    assert ["sent", "dead", "sent"] == by_fhir.states()
    assert "422" == str(by_fhir.dispatches(t.dispatches.c.state == "dead")[0].status)


def test_a_referral_goes_on_there_as_it_does_here(by_fhir: Delivering, server: FhirServer) -> None:
    by_fhir.play("do_screening/pregnant.en")
    by_fhir.round()
    [before] = referrals(server)
    assert take_referral(by_fhir.bot.records, 1, "agent:ana", by_fhir.clock())
    assert close_referral(by_fhir.bot.records, 1, "agent:ana", "helped", by_fhir.clock())
    by_fhir.rounds(times=2)
    [task] = referrals(server)
    assert ("requested", "completed") == (before["status"], task["status"])
    assert before["id"] == task["id"]


def test_a_change_that_comes_twice_arrives(by_fhir: Delivering, server: FhirServer) -> None:
    by_fhir.play("do_screening/pregnant.en")
    assert take_referral(by_fhir.bot.records, 1, "agent:ana", by_fhir.clock())
    by_fhir.rounds(times=2)
    with by_fhir.bot.records.begin() as conn:
        conn.execute(t.dispatches.update().values(state="due"))
    by_fhir.rounds(times=2)
    assert {"sent"} == set(by_fhir.states())


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "304 Not Modified"])
def test_what_was_there_already_has_arrived(status: str) -> None:
    answer = {"type": "transaction-response", "entry": [{"response": {"status": status}}]}
    assert _all_done(json.dumps(answer).encode(), 1)


def test_an_id_is_looked_for_as_it_is() -> None:
    """A comma would be an "or" to the server: the record would be put to somebody else."""
    patient = {"resourceType": "Patient", "identifier": [{"system": "urn:plan", "value": "7,A|B$C\\D &E"}]}
    assert "urn:plan|7\\,A\\|B\\$C\\\\D &E" == unquote(_token(patient))
    assert "&" not in _token(patient)


def referrals(server: FhirServer) -> list[dict[str, Any]]:
    return [one for one in server.search("Task") if "referral" in one["identifier"][0]["system"]]


def test_a_token_that_is_wrong_gives_nothing_up(delivering: Open, server: FhirServer) -> None:
    lost = delivering(delivery_fhir_url=Secret(server.base), delivery_fhir_token=Secret("another"))
    lost.all_steps()
    lost.rounds(times=3)
    assert ["not_let_in", None, None] == [row.problem for row in lost.dispatches()]
    assert ["due"] * 3 == lost.states()


# In every `make test`; the others in `make proof`.
TELLING = {
    *("check_progress/reward.en", "choose_person/parent_of_two.en", "choose_pmp/child.en", "choose_pmp/near_me.es"),
    *("do_screening/child.en", "do_screening/pregnant.es", "do_screening/words.en", "menu/help_and_stop.es"),
    *("repair/later.en", "repair/wrong_number.en", "set_preference/email_corrected.en", "set_preference/two_phones.en"),
}
EVERY = [name if name in TELLING else pytest.param(name, marks=pytest.mark.proof) for name in NAMES]


@pytest.mark.parametrize("name", EVERY)
def test_what_any_conversation_leaves_behind_is_valid(name: str, delivering: Open, shared: FhirServer) -> None:
    by_fhir = delivering(delivery_fhir_url=Secret(shared.base))
    by_fhir.play(name)
    by_fhir.round()
    assert {"sent"} >= set(by_fhir.states())
    assert by_fhir.states() or name not in TELLING


@pytest.fixture(scope="module")
def shared() -> Iterator[FhirServer]:
    with fhir_server() as server:
        yield server
