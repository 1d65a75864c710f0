"""The records are away: a call hears so in both languages and is put through to its plan's Member Services."""

import xml.etree.ElementTree as ET

import pytest

from bot.turn import RecordsAway
from tests.twilio.signed import post
from tests.twilio.twiml_schema import assert_valid
from tests.webhooks.fake_bot import ACCOUNT


@pytest.fixture
def records_away(monkeypatch):
    def refuse(_bot, _message):
        raise RecordsAway

    monkeypatch.setattr("webhooks.voice.take_turn", refuse)


@pytest.mark.usefixtures("records_away")
@pytest.mark.parametrize(
    ("dialled", "name", "phone"),
    [
        ("+13175550199", "indiana", "1-844-607-2829"),
        ("+16145550199", "ohio", "1-800-488-0134"),
        ("+18005550100", "indiana", "1-844-607-2829"),
    ],
)
def test_a_call_hears_both_languages_and_reaches_the_plan_it_dialled(client, dialled, name, phone):
    call = {"CallSid": "CA" + "0" * 32, "AccountSid": ACCOUNT, "From": "anonymous", "To": dialled}
    response = post(client, "/webhooks/voice", call)
    assert (response.status_code, response.content_type) == (200, "text/xml; charset=utf-8")
    assert_valid(response.text)
    english, spanish, dial = ET.fromstring(response.data)
    assert ("en-US", f"{name} plan: please hold for {phone}.") == (english.get("language"), english.text)
    assert ("es-US", f"plan {name}: espere, {phone}.") == (spanish.get("language"), spanish.text)
    assert ("Dial", "+" + phone.replace("-", "")) == (dial.tag, dial.text)
