"""Delivery reports: signed, in any order, repeated, and what each says of a text and of its phone."""

from __future__ import annotations

import itertools
import logging

import pytest
from werkzeug.test import Client

from bot.records import tables as t
from bot.records.deliveries import AGAIN_S
from tests.outbound.conftest import Line
from tests.outbound.fake_twilio import HANGS, How, reports_on
from tests.phone import Phone, count, rows
from tests.twilio.signed import post
from tests.webhooks.fake_bot import ACCOUNT

STATUS = "/webhooks/sms/status"


def report(client: Client, outbox: str, **fields: str) -> int:
    given = {"MessageSid": "SM" + "c" * 32, "AccountSid": ACCOUNT, "MessageStatus": "sent", **fields}
    return post(client, f"{STATUS}?outbox={outbox}", given).status_code


def sent(line: Line, how: How, body: str = "a text") -> str:
    text = line.post(body)
    line.work(how)
    return text


def deliver_reports(client: Client, line: Line) -> None:
    """Everything Twilio has to say of the text that went out last."""
    sms = line.fake.taken[-1]
    for fields in reports_on(sms):
        assert 204 == report(client, sms.outbox, **fields)


def test_a_forged_report_is_refused(client: Client, line: Line) -> None:
    text = sent(line, How())
    target, fields = f"{STATUS}?outbox={text}", reports_on(line.fake.taken[0])[-1]
    assert 403 == post(client, target, fields, signature="forged").status_code
    assert 403 == post(client, target, fields, signed_url=f"https://text.example.org{STATUS}?outbox=other").status_code
    assert 403 == post(client, target, {**fields, "AccountSid": "AC" + "0" * 32}).status_code
    assert ("sent", 0) == (line.row(text).state, count(line.phone.bot, t.deliveries))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("fate", ["delivered", 30008])
def test_reports_come_in_any_order_and_again(client: Client, line: Line, order: tuple[int], fate: str | int) -> None:
    text = sent(line, How(fate=fate))
    said = reports_on(line.fake.taken[0])
    for turn in (*order, *order):
        assert 204 == report(client, text, **said[turn])
    expected = ("delivered", None) if fate == "delivered" else ("undelivered", fate)
    assert expected == (line.row(text).state, line.row(text).error)
    assert 3 == count(line.phone.bot, t.deliveries)


@pytest.mark.parametrize("order", list(itertools.permutations(["undelivered", "delivered", "failed", "sent"])))
def test_that_it_arrived_counts_most(client: Client, line: Line, order: tuple[str, ...]) -> None:
    text = sent(line, How())
    for status in order:
        code = {} if status in ("sent", "delivered") else {"ErrorCode": "30003"}
        assert 204 == report(client, text, MessageSid=line.fake.taken[0].sid, MessageStatus=status, **code)
    line.phone.wait(86_400)
    line.work()
    assert ("delivered", 1) == (line.row(text).state, len(line.bodies))


@pytest.mark.parametrize("outbox", ["0" * 32, "", "%C3%A9", "x" * 99])
def test_a_report_on_no_text_of_ours_is_taken_quietly(
    client: Client, line: Line, caplog: pytest.LogCaptureFixture, outbox: str
) -> None:
    assert 204 == report(client, outbox, MessageStatus="undelivered", ErrorCode="21610")
    assert 0 == count(line.phone.bot, t.deliveries) + count(line.phone.bot, t.opt_outs)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    "odd",
    [
        {"MessageStatus": "received"},
        {"MessageStatus": "a status that Twilio will have some day"},
        {"MessageStatus": ""},
        {"MessageSid": "no sid"},
    ],
)
def test_a_report_that_says_nothing_moves_nothing(client: Client, line: Line, odd: dict[str, str]) -> None:
    text = sent(line, How())
    assert 204 == report(client, text, **odd)
    assert "sent" == line.row(text).state


def test_a_report_on_an_unknown_text_says_what_became_of_it(client: Client, line: Line) -> None:
    text = sent(line, HANGS)
    assert ("unknown", None) == (line.row(text).state, line.row(text).sid)
    deliver_reports(client, line)
    assert ("delivered", line.fake.taken[0].sid) == (line.row(text).state, line.row(text).sid)
    line.phone.wait(86_400)
    line.work()
    assert 1 == len(line.bodies)


def test_a_report_that_is_faster_than_the_answer_stands(client: Client, line: Line) -> None:
    """It comes while the worker still waits for Twilio's answer."""
    send = line.outlet.send

    class Slow:
        repeatable = False

        def send(self, text):  # type: ignore[no-untyped-def]
            outcome = send(text)
            deliver_reports(client, line)
            return outcome

    line.outlet = Slow()  # type: ignore[assignment]
    text = sent(line, How())
    assert ("delivered", line.fake.taken[0].sid) == (line.row(text).state, line.row(text).sid)


def test_an_opt_out_reported_later_is_one_with_us(client: Client, line: Line) -> None:
    sent(line, How(fate=21610))
    deliver_reports(client, line)
    deliver_reports(client, line)
    line.post("another")
    line.work()
    assert 1 == len(line.bodies)
    assert ["opt_out"] == [row.kind for row in rows(line.phone.bot, t.consents)]
    assert 1 == count(line.phone.bot, t.opt_outs)


@pytest.mark.parametrize("code", [30004, 30005, 30006])
def test_a_phone_that_gets_no_texts_is_flagged(client: Client, line: Line, code: int) -> None:
    text = sent(line, How(fate=code))
    deliver_reports(client, line)
    assert ("undelivered", code) == (line.row(text).state, line.row(text).error)
    assert [code] == [row.code for row in rows(line.phone.bot, t.flagged_numbers)]


@pytest.mark.parametrize("code", [30007, 30034, 30008])
def test_what_carriers_filter_is_told_to_the_operator_once(
    client: Client, line: Line, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    sent(line, How(fate=code), "only for the member")
    deliver_reports(client, line)
    deliver_reports(client, line)
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert code == record.__dict__["ids"]["code"]
    assert "only for the member" not in caplog.text
    assert line.phone.number not in caplog.text


def test_a_text_whose_phone_was_out_of_reach_is_sent_twice_more_at_most(client: Client, line: Line) -> None:
    text = sent(line, How(fate=30003))
    for times, wait in enumerate(AGAIN_S, start=1):
        deliver_reports(client, line)
        deliver_reports(client, line)
        line.phone.wait(wait - 5)
        line.work()
        assert times == len(line.bodies)
        line.phone.wait(10)
        line.work(How(fate=30003))
        assert times + 1 == len(line.bodies)
    deliver_reports(client, line)
    line.phone.wait(86_400)
    line.work()
    assert (3, "undelivered") == (len(line.bodies), line.row(text).state)


def test_late_news_of_the_first_attempt_does_not_touch_the_second(client: Client, line: Line) -> None:
    text = sent(line, How(fate=30003))
    queued, left, ended = reports_on(line.fake.taken[0])
    report(client, text, **ended)
    report(client, text, **left)
    assert "due" == line.row(text).state
    line.phone.wait(AGAIN_S[0])
    line.work()
    report(client, text, **queued)
    assert ("sent", line.fake.taken[1].sid) == (line.row(text).state, line.row(text).sid)


def test_a_text_that_did_not_arrive_is_not_sent_again_after_the_next(client: Client, line: Line) -> None:
    first = sent(line, How(fate=30003), "one")
    deliver_reports(client, line)
    sent(line, How(), "two")
    line.phone.wait(AGAIN_S[0])
    line.work()
    assert (["one", "two"], "undelivered") == (line.bodies, line.row(first).state)


def test_a_text_that_did_not_arrive_is_not_sent_again_when_the_member_has_written(
    client: Client, line: Line, phone: Phone
) -> None:
    first = sent(line, How(fate=30003))
    deliver_reports(client, line)
    phone.text("menu")
    line.phone.wait(AGAIN_S[0])
    line.work()
    assert (1, "undelivered") == (len(line.bodies), line.row(first).state)


def test_a_given_field_twice_is_malformed(client: Client, line: Line) -> None:
    text = sent(line, How())
    fields = {"MessageSid": "SM" + "c" * 32, "AccountSid": ACCOUNT, "MessageStatus": ["sent", "failed"]}
    assert 400 == post(client, f"{STATUS}?outbox={text}", fields).status_code


def test_the_question_in_an_unknown_text_can_be_answered_once_it_is_known_to_have_left(
    client: Client, line: Line, phone: Phone
) -> None:
    from bot.inputs import MessageReceived
    from bot.turn import take_turn
    from bot.worker import UNANSWERED_AFTER_S, work_once
    from tests.phone import OURS, new_sid

    other = Phone(phone.bot, phone.clock, "+13175550188")
    take_turn(phone.bot, MessageReceived(new_sid(), phone.clock(), other.number, OURS, "hi"))
    phone.clock.now += UNANSWERED_AFTER_S + 1
    line.fake.script.append(HANGS)
    work_once(phone.bot, line.outlet)
    [row] = rows(phone.bot, t.outbox)
    assert "unknown" == row.state
    deliver_reports(client, line)
    answer = other.text("1")
    assert answer is not None
    assert "member ID" in answer
