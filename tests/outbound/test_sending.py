"""What becomes of a text at Twilio's REST API: each answer, over a real socket and by itself."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from bot import worker
from bot.bootstrap import Bot
from bot.config import Secret
from bot.outbound import Accepted, Later, Refused, Simulator, Unknown
from bot.records import tables as t
from bot.records.deliveries import MAX_ATTEMPTS
from bot.records.outbox import Due
from bot.twilio_rest import TwilioRest
from bot.worker import SENDING_S, send_due
from tests.handoffs.desk import Agent
from tests.outbound.conftest import Line
from tests.outbound.fake_twilio import (
    BREAKS,
    BREAKS_BEFORE_READING,
    BUSY,
    FAILS,
    HANGS,
    FakeTwilio,
    How,
    Loopback,
    refuses,
    serve,
)
from tests.phone import OURS, Clock, Phone, count, rows
from webhooks.diagnosis import check_texts

TEXT = Due("0" * 32, "conversation", None, "¿Está listo? €5 & más", "+13175550199", OURS, allowed=True, attempt=1)
SETTINGS_CODES = (20003, 21408, 21606, 21612)
NUMBER_CODES = (21211, 21614, 21635)


def over_a_socket(bot: Bot, fake: FakeTwilio, how: How):  # type: ignore[no-untyped-def]
    fake.script.append(how)
    with serve(fake) as address:
        return TwilioRest(bot.settings, Loopback(address, timeout=0.3)).send(TEXT)


def test_a_text_is_handed_to_twilio_with_our_id_in_its_callback(bot: Bot, fake: FakeTwilio) -> None:
    outcome = over_a_socket(bot, fake, How())
    assert outcome == Accepted(fake.taken[0].sid)
    [form] = fake.requests
    assert (TEXT.member, OURS, TEXT.text) == (form["To"], form["From"], form["Body"])
    assert TEXT.id == fake.taken[0].outbox
    assert "MessagingServiceSid" not in form


def test_a_messaging_service_is_named_where_there_is_one(bot: Bot, fake: FakeTwilio) -> None:
    service = "MG" + "b2" * 16
    with serve(fake) as address:
        settings = replace(bot.settings, twilio_messaging_service_sid=service)
        TwilioRest(settings, Loopback(address, timeout=5)).send(TEXT)
    assert (service, OURS) == (fake.requests[0]["MessagingServiceSid"], fake.requests[0]["From"])


@pytest.mark.parametrize("how", [HANGS, FAILS, BREAKS, BREAKS_BEFORE_READING], ids=lambda how: str(how.says))
def test_what_may_have_gone_out_is_unknown(bot: Bot, fake: FakeTwilio, how: How) -> None:
    assert Unknown() == over_a_socket(bot, fake, how)


@pytest.mark.parametrize("code", [20429, 21611, 30001, *SETTINGS_CODES])
def test_what_twilio_could_not_take_is_sent_later(bot: Bot, fake: FakeTwilio, code: int) -> None:
    outcome = over_a_socket(bot, fake, refuses(code))
    assert isinstance(outcome, Later)
    assert code == outcome.code
    assert 2.5 <= outcome.seconds <= 5


@pytest.mark.parametrize("code", [21610, *NUMBER_CODES, 21617, 99999])
def test_what_twilio_will_never_take_is_refused(bot: Bot, fake: FakeTwilio, code: int) -> None:
    assert Refused(code) == over_a_socket(bot, fake, refuses(code))


def test_a_connection_never_made_is_tried_again(bot: Bot, fake: FakeTwilio) -> None:
    with serve(fake) as address:
        pass
    outcome = TwilioRest(bot.settings, Loopback(address, timeout=0.3)).send(TEXT)
    assert isinstance(outcome, Later)


def test_the_environment_does_not_choose_where_texts_go(
    bot: Bot, fake: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    assert isinstance(over_a_socket(bot, fake, How()), Accepted)


def test_a_text_goes_out_once(line: Line) -> None:
    text = line.post()
    line.work()
    line.work()
    assert ["a text"] == line.bodies
    assert ("sent", line.fake.taken[0].sid) == (line.row(text).state, line.row(text).sid)


@pytest.mark.parametrize("how", [HANGS, FAILS, BREAKS, BREAKS_BEFORE_READING], ids=lambda how: str(how.says))
def test_an_unknown_text_is_never_sent_again(line: Line, how: How) -> None:
    text = line.post()
    line.work(how)
    line.phone.wait(86_400)
    line.work()
    assert "unknown" == line.row(text).state
    assert 1 >= len(line.bodies)


def test_a_busy_twilio_is_asked_again_ever_more_rarely(line: Line) -> None:
    text, waits = line.post(), []
    for _ in range(8):
        line.work(BUSY)
        row = line.row(text)
        assert ("due", 20429) == (row.state, row.error)
        waits.append(row.again_at - line.phone.clock.now)
        line.work()
        assert [] == line.bodies, "it is not tried before"
        line.phone.clock.now = row.again_at
    assert waits[0] < 5.1
    assert 300 < waits[-1] <= 900
    line.work()
    assert ["a text"] == line.bodies
    assert ("sent", None) == (line.row(text).state, line.row(text).error)


def test_a_text_that_is_never_taken_fails_in_the_end(line: Line) -> None:
    text, began = line.post(), line.phone.clock.now
    for _ in range(MAX_ATTEMPTS):
        assert "due" == line.row(text).state
        line.work(refuses(21606))
        line.phone.clock.now = line.row(text).again_at
    assert ("failed", 21606) == (line.row(text).state, line.row(text).error)
    assert line.phone.clock.now - began < 4 * 3600


@pytest.mark.parametrize("code", SETTINGS_CODES)
def test_settings_that_twilio_refuses_are_told_to_the_operator(
    line: Line, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    line.post("only for the member")
    line.work(refuses(code))
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert code == record.__dict__["ids"]["code"]
    assert "only for the member" not in caplog.text
    assert line.phone.number not in caplog.text


def test_an_opt_out_at_twilio_is_one_with_us(line: Line) -> None:
    first, second = line.post("one"), line.post("two")
    line.work(refuses(21610))
    assert ["dropped", "dropped"] == [line.row(first).state, line.row(second).state]
    assert 1 == len(line.fake.requests), "the second is not even tried"
    bot = line.phone.bot
    [opt_out] = rows(bot, t.opt_outs)
    [consent] = rows(bot, t.consents)
    assert opt_out.phone_index == consent.phone_index == line.phone.session().phone_index
    assert ("opt_out", "revoked", "twilio_21610", first) == (
        consent.kind,
        consent.status,
        consent.wording,
        consent.message_id,
    )


@pytest.mark.parametrize("code", NUMBER_CODES)
def test_a_number_that_cannot_be_texted_is_flagged(line: Line, code: int) -> None:
    text = line.post()
    line.work(refuses(code))
    assert ("failed", code) == (line.row(text).state, line.row(text).error)
    [flag] = rows(line.phone.bot, t.flagged_numbers)
    assert (line.phone.session().phone_index, code) == (flag.phone_index, flag.code)


def test_a_code_nobody_knows_fails_and_is_told(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    text = line.post()
    line.work(refuses(99999))
    assert ("failed", 99999) == (line.row(text).state, line.row(text).error)
    assert 0 == count(line.phone.bot, t.flagged_numbers) + count(line.phone.bot, t.opt_outs)
    assert [99999] == [record.__dict__["ids"]["code"] for record in caplog.records if record.levelno == logging.ERROR]


def test_the_next_text_waits_for_one_that_is_tried_again_soon(line: Line) -> None:
    line.post("one")
    line.post("two")
    line.work(BUSY)
    assert 1 == len(line.fake.requests)
    line.phone.wait(5)
    line.work()
    assert ["one", "two"] == line.bodies


def test_the_next_text_does_not_wait_for_one_that_backs_off_for_long(line: Line) -> None:
    one = line.post("one")
    while line.row(one).again_at is None or line.row(one).again_at - line.phone.clock.now <= 60:
        line.phone.clock.now = line.row(one).again_at or line.phone.clock.now
        line.work(BUSY)
    line.post("two")
    line.work()
    assert ["two"] == line.bodies


def test_the_next_text_does_not_wait_for_the_morning(line: Line) -> None:
    line.phone.wait(12 * 3600)  # eleven at night
    line.post("one", zone="America/Indiana/Indianapolis")
    line.post("two")
    line.work()
    assert ["two"] == line.bodies


def test_the_next_text_does_not_wait_for_one_that_a_worker_died_with(line: Line, clock: Clock) -> None:
    from bot.records.outbox import take

    bot = line.phone.bot
    one, two = line.post("one"), line.post("two")
    assert take(bot.records, bot.vault, one, clock()) is not None
    assert take(bot.records, bot.vault, two, clock()) is None
    clock.now += SENDING_S + 1
    line.work()
    assert (["two"], ["unknown", "sent"]) == (line.bodies, line.states())


def test_an_agents_texts_go_out_while_the_bot_is_silent(line: Line, phone: Phone) -> None:
    """And what the bot still had to say is dropped."""
    agent = Agent(phone)
    agent.claims()
    line.post("the bot's")
    line.post("the agent's", by="agent:ana")
    line.work()
    assert ["the agent's"] == line.bodies


def test_without_credentials_the_simulators_phone_gets_the_texts(line: Line) -> None:
    text = line.post()
    send_due(line.phone.bot, Simulator())
    assert ("sent", None) == (line.row(text).state, line.row(text).sid)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, "through Twilio"),
        ({"twilio_messaging_service_sid": "MG" + "b2" * 16}, "MGb2"),
        ({"twilio_auth_token": Secret(""), "simulator": True}, "simulator's phone"),
        ({"twilio_auth_token": Secret(""), "simulator": False}, "nowhere: "),
    ],
)
def test_the_doctor_says_where_texts_go(bot: Bot, changed: dict[str, Any], found: str) -> None:
    [finding] = check_texts(replace(bot.settings, **changed))
    assert found in finding.found
    assert finding.found.startswith("go nowhere: ") == bool(finding.remedy)


@pytest.mark.parametrize(("token", "outlet"), [("a token", TwilioRest), ("", Simulator)])
def test_the_worker_sends_through_twilio_where_it_has_credentials(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, token: str, outlet: type
) -> None:
    chosen: list[object] = []
    monkeypatch.setattr(worker, "_run", lambda _bot, outlet: chosen.append(outlet))
    worker.run_worker(replace(bot.settings, twilio_auth_token=Secret(token)))
    assert [outlet] == [type(one) for one in chosen]


def test_a_slow_twilio_does_not_keep_the_worker_from_its_other_jobs(line: Line, clock: Clock) -> None:
    class Slow:
        repeatable = False

        def send(self, text: Due) -> Accepted:
            clock.now += 3
            return Accepted()

    texts = [line.post() for _ in range(5)]
    send_due(line.phone.bot, Slow())
    assert ["sent", "sent", "due", "due", "due"] == [line.row(text).state for text in texts]
    send_due(line.phone.bot, Slow())
    send_due(line.phone.bot, Slow())
    assert {"sent"} == {line.row(text).state for text in texts}
