"""`carestart chat --voice`: a call in the terminal, to documents made by hand."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

import webhooks.calls.in_process as door
import webhooks.commands.chat as command
from bot.turn import RecordsAway
from tests.calls.answering import START, Answering, gather, response, say
from tests.twilio.twiml_schema import assert_valid
from tests.webhooks.fake_bot import ACCOUNT, BASE, FakeBot, FakeSettings
from webhooks.calls.happenings import ManualClock
from webhooks.calls.in_process import NotOurs, call_line
from webhooks.calls.line import OPERATOR
from webhooks.commands.call import HELP, outcome_of
from webhooks.voice import answer

DIAL = '<Dial action="/webhooks/voice/dial?n=1"><Number>+13175550111</Number></Dial>'


def asking(words):
    return response(gather(say(words), action=f"{BASE}/webhooks/voice/turn?n=1"))


@pytest.fixture
def answering(monkeypatch):
    """Answers a call whoever calls."""
    made = Answering(
        {
            "/webhooks/voice": [asking("Welcome.")],
            "/webhooks/voice/turn?n=1": [asking("Next.")],
            "/webhooks/voice/dial?n=1": [asking("Nobody is there.")],
            "/webhooks/voice/status": [""],
        }
    )
    monkeypatch.setattr(door, "answer", lambda _bot, target, form: made(target, form))
    return made


@pytest.fixture
def chat(answering, monkeypatch):
    @contextmanager
    def ready_bot(data, screen, clock):
        yield FakeBot()

    monkeypatch.setattr(command, "_ready_bot", ready_bot)

    def run(*options, typed=""):
        return CliRunner().invoke(command.chat, options, input=typed, catch_exceptions=False)

    return run


def results(answering):
    return answering.results("/webhooks/voice/turn?n=1")


def test_keys_are_pressed_silence_is_kept_and_words_are_spoken(chat, answering):
    result = chat("--voice", "--from", "+13175550123", typed="by mail\n12#\n\n/wait 3\n*#\n")
    assert results(answering) == ["by mail", "[12]", None, "[*]"]
    assert ["0:00  Welcome.", "0:03  Next.", "0:04  Next."] == result.stdout.splitlines()[:3]
    assert "caller: by mail" in result.stderr
    assert "caller: [12#]" in result.stderr
    assert "system: the caller hung up" in result.stderr
    assert {"+13175550123"} == {form["From"] for _, form in answering.asked}
    assert {ACCOUNT} == {form["AccountSid"] for _, form in answering.asked}


def test_an_operator_announces_the_call_and_voices_what_is_typed_slowly(chat, answering):
    answering.documents["/webhooks/voice/turn?n=1"] = [
        response(say("Go ahead."), gather(action="/webhooks/voice/turn?n=1", timeout="60", speechTimeout="5"))
    ]
    result = chat("--relay", typed="I want mail GA\n")
    assert results(answering) == [OPERATOR, "I want mail GA"]
    spoken = 3 * 60 / 45 + 0.4 + 5
    first, second = [line.split()[0] for line in result.stdout.splitlines() if "Go ahead." in line]
    assert int(second[2:]) - int(first[2:]) == pytest.approx(spoken + 2 / 2.6, abs=1)


def test_an_agents_outcome_brings_the_call_back(chat, answering):
    answering.documents["/webhooks/voice"] = [response(say("Hold on."), DIAL)]
    result = chat("--voice", typed="/agent busy\n")
    assert ["Hold on.", "Nobody is there."] == [line[6:] for line in result.stdout.splitlines()]
    assert "A phone rings." in result.stderr
    (form,) = answering.forms("/webhooks/voice/dial?n=1")
    assert "busy" == form["DialCallStatus"]


def test_with_an_agent_on_the_line_silence_waits_for_nothing(chat, answering):
    answering.documents["/webhooks/voice"] = [response(DIAL)]
    assert "Not now" in chat("--voice", typed="/agent accepts\n\n").stderr


@pytest.mark.parametrize("typed", ["/help", "/nonsense", "/agent", "/agent sings", "/agent answers", "/wait soon"])
def test_other_commands_are_answered_by_the_terminal(chat, answering, typed):
    assert HELP in chat("--voice", typed=f"{typed}\n").stderr
    assert results(answering) == []


def test_what_cannot_be_done_now_is_said(chat, answering):
    assert "Not now: busy: the call is listening." in chat("--voice", typed="/agent busy\n").stderr


def test_hanging_up_ends_it(chat, answering):
    chat("--voice", typed="/hangup\nby mail\n")
    assert results(answering) == []
    assert ["completed"] == [form["CallStatus"] for form in answering.forms("/webhooks/voice/status")]


def test_nothing_more_is_read_when_the_line_hangs_up(chat, answering):
    answering.documents["/webhooks/voice/turn?n=1"] = [response(say("Bye."))]
    result = chat("--voice", typed="1#\n2#\n")
    assert results(answering) == ["[1]"]
    assert "the line hung up" in result.stderr


def test_waiting_lets_the_next_words_interrupt(chat, answering):
    answering.documents["/webhooks/voice/turn?n=1"] = [asking("Next, and a long sentence follows it.")]
    answering.documents["/webhooks/voice"] = [
        response(gather(say("Hello?"), timeout="3", action="/webhooks/voice/turn?n=1"))
    ]
    result = chat("--voice", typed="/wait 4\n1#\n")
    assert "Next, and —" in result.stdout or "Next, and a —" in result.stdout
    assert results(answering) == [None, "[1]"]


def test_while_the_records_are_away_a_caller_is_put_through_to_a_person(chat, answering, monkeypatch):
    def away(*_):
        raise RecordsAway

    monkeypatch.setattr(door, "answer", answer)
    monkeypatch.setattr("webhooks.voice.take_turn", away)
    result = chat("--voice", typed="/agent accepts\n")
    assert (result.exit_code, result.stdout.count("please hold for"), result.stderr.count("dials +")) == (0, 1, 1)


def test_a_recorded_call_reads_back_as_it_was(chat, answering, tmp_path):
    file, held = tmp_path / "call.yml", response(say("Hold on."), DIAL)
    answering.documents["/webhooks/voice/dial?n=1"] = [response(say("Bye."))]
    answering.documents["/webhooks/voice/turn?n=1"] = [asking("Next."), asking("Again."), held]
    options = ("--voice", "--from", "+13175550123", "--at", "2027-02-02T11:00", "--record", str(file))
    chat(*options, typed="mail\n1#\n/wait 2\n\n/agent busy\n")
    assert YAML(typ="safe").load(file) == {
        "at": "2027-02-02T11:00:00-05:00",
        "call": "voice",
        "from": "+13175550123",
        "to": "+13175550199",
        "turns": [
            {"bot": "Welcome."},
            {"you": "mail", "bot": "Next."},
            {"keys": "1#", "bot": "Again."},
            {"wait": "2 seconds"},
            {"silent": True, "bot": "Hold on."},
            {"agent": "busy", "bot": "Bye."},
        ],
    }


@pytest.mark.parametrize("words", ["accepts", "nothing", "busy", "no-answer", "voicemail", "hangs up"])
def test_an_outcome_is_known_by_a_word_of_it(words):
    assert words in outcome_of(words)


def called(answering, bot=None):
    return call_line(bot or FakeBot(), None, "+13175550199", ManualClock(START))


def test_a_document_may_only_lead_to_our_own_public_address(answering):
    answering.documents["/webhooks/voice"] = [response("<Redirect>https://other.example.org/webhooks/voice</Redirect>")]
    with pytest.raises(NotOurs):
        called(answering).start()


def test_connection_overrides_are_not_part_of_the_address(answering):
    answering.documents["/webhooks/voice"] = [response(f"<Redirect>{BASE}/webhooks/voice/turn?n=1#rc=2</Redirect>")]
    line = called(answering)
    line.start()
    assert "Next." == line.listen()


def test_without_a_public_address_and_an_account_the_door_is_open_too(answering):
    bot = FakeBot(settings=replace(FakeSettings(), public_base_url="", twilio_account_sid=""))
    answering.documents["/webhooks/voice"] = [response("<Redirect>/webhooks/voice/turn?n=1</Redirect>")]
    line = called(answering, bot)
    line.start()
    assert "Next." == line.listen()
    assert "AC" + "0" * 32 == answering.forms("/webhooks/voice")[0]["AccountSid"]


def test_the_real_webhooks_answer_a_call(bot, clock):
    """Whatever they say today: a call can be made to them, is answered, and Twilio's grammar finds no fault in it."""
    line = call_line(bot, "+13175550123", "+13175550100", clock)
    line.start()
    assert line.listen()
    for post in line.posts:
        assert_valid(post.document)
