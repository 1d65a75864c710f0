"""`carestart deliver` and what `carestart doctor` says of delivery."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.records import tables as t
from tests.delivery.conftest import TOKEN, Delivering, Open
from tests.delivery.receiver import SECRET, Receiver
from tests.fhir_peer import FhirServer
from tests.postgres import database_of
from webhooks.cli import carestart


@pytest.fixture
def before(delivering: Open) -> Delivering:
    """A member has done all three steps while nothing was delivered."""
    quiet = delivering()
    quiet.all_steps()
    return quiet


def run(data: Path, words: str, settings: Mapping[str, str]) -> Result:
    environment = {"SAMPLE_DATA": "no", **settings, **database_of(data)}
    return CliRunner().invoke(carestart, [*words.split(), "--data", str(data)], env=environment)


def to_both(receiver: Receiver, server: FhirServer) -> dict[str, str]:
    return {
        "DELIVERY_WEBHOOK_URL": receiver.url,
        "DELIVERY_WEBHOOK_SECRETS": SECRET,
        "DELIVERY_FHIR_URL": server.base,
        "DELIVERY_FHIR_TOKEN": TOKEN,
    }


def test_records_of_before_are_put_on_their_way_once(
    before: Delivering, receiver: Receiver, server: FhirServer
) -> None:
    data, settings = before.bot.settings.data, to_both(receiver, server)
    first = run(data, "deliver --to fhir", settings)
    assert (0, ["fhir"] * 3) == (first.exit_code, [row.sink for row in before.dispatches()])
    assert "1 preferences" in first.output
    assert 0 == run(data, "deliver", settings).exit_code
    again = run(data, "deliver", settings)
    assert "        0 rewards" in again.output
    kinds = [(row.sink, row.kind) for row in before.dispatches()]
    assert 7 == len(kinds) == len(set(kinds))


def test_only_from_a_time_on(before: Delivering, receiver: Receiver, server: FhirServer) -> None:
    assert 0 == run(before.bot.settings.data, "deliver --since 2099-01-01", to_both(receiver, server)).exit_code
    assert [] == before.dispatches()


def test_where_nothing_is_set_up_it_says_what_to_set(before: Delivering) -> None:
    refused = run(before.bot.settings.data, "deliver", {})
    assert 2 == refused.exit_code
    assert "set DELIVERY_WEBHOOK_URL or DELIVERY_FHIR_URL" in refused.output
    wrong = run(before.bot.settings.data, "deliver --since soon", {})
    assert 2 == wrong.exit_code and "such as 2026-06-01" in wrong.output


def test_what_was_put_on_its_way_arrives(by_webhook: Delivering, receiver: Receiver) -> None:
    by_webhook.all_steps()
    with by_webhook.bot.records.begin() as conn:
        conn.execute(t.dispatches.delete())
    settings = {"DELIVERY_WEBHOOK_URL": receiver.url, "DELIVERY_WEBHOOK_SECRETS": SECRET}
    assert 0 == run(by_webhook.bot.settings.data, "deliver", settings).exit_code
    by_webhook.clock.now += 10 * 365 * 86_400  # the command goes by this computer's clock
    by_webhook.rounds()
    assert 4 == len(receiver.received)


def doctor(data: Path, settings: Mapping[str, str]) -> str:
    return " ".join(run(data, "doctor", settings).output.split())


def test_the_doctor_says_where_records_go(before: Delivering, receiver: Receiver, server: FhirServer) -> None:
    data = before.bot.settings.data
    assert "off: records leave by `carestart export` alone" in doctor(data, {})
    said = doctor(data, to_both(receiver, server))
    assert "to the webhook of 127.0.0.1" in said and "to the FHIR server of 127.0.0.1" in said
    assert TOKEN not in said and SECRET not in said


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        ({"DELIVERY_FHIR_URL": "http://127.0.0.1:9"}, "It cannot be reached"),
        ({"DELIVERY_FHIR_URL": "{receiver}"}, "is that its base address?"),
    ],
)
def test_the_doctor_says_what_to_do(
    settings: Mapping[str, str], remedy: str, before: Delivering, receiver: Receiver
) -> None:
    given = {name: value.format(receiver=receiver.url) for name, value in settings.items()}
    assert remedy in doctor(before.bot.settings.data, given)
