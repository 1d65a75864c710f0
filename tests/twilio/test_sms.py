"""A text comes in as Twilio's form and goes out as TwiML."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from bot.inputs import MessageReceived
from bot.turn import RecordsAway
from tests.twilio.signed import SID, post, sms_form
from tests.webhooks.fake_bot import NOW
from webhooks.sms import Malformed, parse_sms, render_sms


def parsed(**changed: str) -> MessageReceived:
    return parse_sms(MultiDict(sms_form(**changed)), NOW)


def spoken(twiml: str) -> list[str | None]:
    response = ET.fromstring(twiml)
    assert response.tag == "Response"
    return [message.text for message in response.findall("Message")]


def test_a_text_is_read_with_its_numbers_as_written():
    expected = MessageReceived(id=SID, at=NOW, sender="+13175550123", recipient="+13175550199", text="hello")
    assert expected == parsed()


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "1,600 characters:" + "x" * 1583,
        "😀👍🏽",
        "“curly”",
        "SGVsbG8gd29ybGQ=",
        "a&b<c>]]>",
        "%41+%2B",
        "línea\nlínea",
    ],
)
def test_any_body_is_taken_as_it_is(body):
    assert body == parsed(Body=body).text


def test_a_missing_body_is_an_empty_one():
    form = sms_form(NumMedia="2")
    del form["Body"]
    message = parse_sms(MultiDict(form), NOW)
    assert (message.text, message.media) == ("", 2)


def test_what_no_store_can_hold_is_left_out_of_a_body():
    assert parsed(Body="a\x00b\ud83d").text == "ab\ufffd"


@pytest.mark.parametrize(
    ("count", "media"), [("0", 0), ("10", 10), ("", 0), ("-1", 0), ("²", 0), ("x", 0), ("9" * 5000, 0)]
)
def test_an_odd_number_of_photos_is_no_error(count, media):
    assert media == parsed(NumMedia=count).media


@pytest.mark.parametrize("sender", ["+13175550123", "24273", "whatsapp:+13175550123", "AnExample", "3175550123"])
def test_the_sender_need_not_be_a_full_number(sender):
    assert sender == parsed(From=sender).sender


@pytest.mark.parametrize("kind", ["STOP", "START", "HELP"])
def test_what_twilio_has_answered_itself_is_passed_on(kind):
    assert kind == parsed(OptOutType=kind).opt_out_type


@pytest.mark.parametrize("field", ["MessageSid", "From", "To"])
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_message_from_nobody_to_nobody_or_without_an_id_is_malformed(field, value):
    form = sms_form()
    form.pop(field)
    if value is not None:
        form[field] = value
    with pytest.raises(Malformed, match=field):
        parse_sms(MultiDict(form), NOW)


@pytest.mark.parametrize("sid", ["SM123", SID + "0", "CA" + SID[2:], SID.replace("0", "g"), SID + "\n"])
def test_an_impossible_message_id_is_malformed(sid):
    with pytest.raises(Malformed, match="MessageSid"):
        parsed(MessageSid=sid)


def test_a_photo_message_id_is_possible():
    assert "MM" + SID[2:] == parsed(MessageSid="MM" + SID[2:]).id


@given(st.text())
@example("a\r\nb\rc")
@example("<Response/>&amp;]]>")
@example("\x00\x0b￿")
@example("  spaces \n\t kept  ")
@example("\x85\u2028")
def test_twiml_reads_back_as_exactly_the_text(text):
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    allowed = "".join(character for character in unix if xml_can_hold(character))
    assert spoken(render_sms(text)) == ([allowed] if allowed else [])


def xml_can_hold(character: str) -> bool:
    try:
        ET.fromstring(f"<x>&#{ord(character)};</x>")
    except ET.ParseError:
        return False
    return not "\ud800" <= character <= "\udfff"


def test_no_reply_is_an_empty_response():
    assert spoken(render_sms(None)) == []


def test_a_text_is_answered_in_twiml(client, turn):
    response = post(client, fields=sms_form(Body="¿Qué? <b>"))
    assert (response.status_code, response.content_type) == (200, "text/xml; charset=utf-8")
    assert spoken(response.text) == ["You said: ¿Qué? <b>"]


def test_the_reply_counts_as_handed_over_after_the_answer_was_written(client, turn):
    response = post(client, buffered=False)
    assert turn.handed_over == []
    response.close()
    assert turn.handed_over == [SID]


def test_where_nothing_is_said_nothing_is_handed_over(client, turn):
    response = post(client, fields=sms_form(Body="STOP", OptOutType="STOP"))
    assert (response.status_code, spoken(response.text)) == (200, [])
    assert turn.handed_over == []
    assert turn.taken[0].opt_out_type == "STOP"


def test_a_second_delivery_gets_the_same_reply(client, turn):
    first, second = post(client), post(client)
    assert first.data == second.data
    assert len(turn.taken) == 1


def test_when_the_records_are_away_twilio_is_asked_to_come_again(client, turn):
    turn.failure = RecordsAway("password=hunter2")
    response = post(client)
    assert (response.status_code, response.data) == (503, b"Service Unavailable\n")
    assert turn.handed_over == []


def test_a_malformed_message_is_refused_without_detail(client, turn):
    response = post(client, fields=sms_form(MessageSid="SM1"))
    assert (response.status_code, response.data) == (400, b"Bad Request\n")


def test_delivery_reports_are_taken(client, turn):
    response = post(client, "/webhooks/sms/status", sms_form(MessageStatus="delivered"))
    assert (response.status_code, response.data) == (204, b"")
    assert turn.taken == []
