"""`carestart chat`: a conversation in the terminal, typed or piped, recorded on request."""

from contextlib import contextmanager
from datetime import datetime

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

import webhooks.commands.chat as command
from bot.turn import RecordsAway
from tests.webhooks.fake_bot import NOW, FakeBot, FakeTurn
from webhooks.simulator.phones import DAY


@pytest.fixture
def turn(monkeypatch):
    fake = FakeTurn()
    monkeypatch.setattr(command, "take_turn", fake.take_turn)
    monkeypatch.setattr(command, "handed_over", fake.hand_over)
    return fake


@pytest.fixture
def chat(turn, monkeypatch):
    @contextmanager
    def ready_bot(data, screen):
        yield FakeBot()

    monkeypatch.setattr(command, "_ready_bot", ready_bot)

    def run(*options, typed=""):
        return CliRunner().invoke(command.chat, options, input=typed, catch_exceptions=False)

    return run


@pytest.fixture
def typed(monkeypatch):
    """Lines for a terminal somebody sits at; an exception among them is raised."""

    def give(*lines):
        waiting = iter(lines)

        def one(prompt=""):
            line = next(waiting, EOFError())
            if isinstance(line, BaseException):
                raise line
            return line

        monkeypatch.setattr("builtins.input", one)

    return give


def test_piped_lines_are_sent_one_by_one_and_only_answers_come_out(chat, turn):
    result = chat("--from", "+13175550123", typed="hello\n\n¿qué?\n")
    assert (result.exit_code, result.stdout) == (0, "You said: hello\nYou said: \nYou said: ¿qué?\n")
    assert [message.text for message in turn.taken] == ["hello", "", "¿qué?"]
    assert {(message.sender, message.recipient) for message in turn.taken} == {("+13175550123", "+13175550199")}
    assert turn.handed_over == [message.id for message in turn.taken]


def test_without_a_number_a_made_up_one_texts_the_first_plan(chat, turn):
    chat(typed="hello\n")
    assert turn.taken[0].sender.startswith("+131755501")
    assert turn.taken[0].recipient == "+13175550199"


def test_again_delivers_the_same_message_once_more(chat, turn):
    result = chat(typed=":again\nhello\n:again\n")
    assert result.stdout == "You said: hello\nYou said: hello\n"
    assert "no message to deliver again" in result.stderr
    assert (turn.delivered, len(turn.taken)) == (2, 1)


def test_next_day_moves_the_clock_and_new_takes_another_phone(chat, turn):
    chat(typed="one\n:next-day\ntwo\n:new\nthree\n:quit\nfour\n")
    assert [message.at - NOW for message in turn.taken] == [0, DAY, DAY]
    assert [message.ahead for message in turn.taken] == [0, DAY, DAY]
    assert turn.taken[0].sender == turn.taken[1].sender != turn.taken[2].sender
    assert len(turn.taken) == 3


@pytest.mark.parametrize("line", [":help", ":nonsense"])
def test_other_colons_are_answered_by_the_terminal(chat, turn, line):
    assert ":next-day" in chat(typed=f"{line}\n").stderr
    assert turn.taken == []


@pytest.mark.parametrize("at", ["2027-02-02T11:00", "2027-02-02T16:00+00:00"])
def test_it_can_happen_at_another_time_in_the_plans_zone(chat, turn, at):
    chat("--at", at, typed="hello\n")
    assert turn.taken[0].at == pytest.approx(datetime.fromisoformat("2027-02-02T16:00+00:00").timestamp())
    assert turn.taken[0].ahead == pytest.approx(turn.taken[0].at - NOW)


def test_a_time_that_is_none_is_refused(chat):
    result = chat("--at", "tomorrow")
    assert (result.exit_code, "is no time such as" in result.stderr) == (2, True)


def test_away_records_are_told_and_the_talk_goes_on(chat, turn):
    turn.failure = RecordsAway()
    result = chat(typed="hello\nhello\n")
    assert (result.exit_code, result.stderr.count("records are away")) == (0, 2)


def test_a_recorded_talk_reads_back_as_it_was(chat, tmp_path):
    file = tmp_path / "talk.yml"
    chat("--from", "+13175550123", "--at", "2027-02-02T11:00", "--record", str(file), typed="hola\n:next-day\nSTOP\n")
    assert YAML(typ="safe").load(file) == {
        "at": "2027-02-02T11:00:00-05:00",
        "from": "+13175550123",
        "to": "+13175550199",
        "turns": [{"you": "hola", "bot": "You said: hola"}, {"wait": "1 days"}, {"you": "STOP", "bot": None}],
    }


LINES = st.lists(st.text("ab 😀:#-\t"), max_size=4).map("\n".join)


@given(st.lists(st.tuples(st.text() | LINES, st.none() | st.text() | LINES), max_size=4))
def test_any_text_survives_a_transcript(tmp_path_factory, texts):
    talk = command.open_talk(FakeBot(), "+13175550123")
    talk.heard = [{"you": command.storable(you), "bot": bot and command.storable(bot)} for you, bot in texts]
    file = tmp_path_factory.mktemp("talk") / "talk.yml"
    command.write_transcript(talk, file)
    assert YAML(typ="safe").load(file)["turns"] == talk.heard


@pytest.mark.parametrize("leaving", [EOFError(), KeyboardInterrupt(), ":quit"])
def test_at_a_terminal_one_can_leave_politely(turn, typed, capsys, leaving):
    typed("hello [bold]", leaving, "never")
    command.converse(command.open_talk(FakeBot(), "+13175550123"), command.Screen(interactive=True))
    shown = capsys.readouterr().out
    assert "(317) 555-0123 texts (317) 555-0199" in shown
    assert "You said: hello [bold]" in shown
    assert "1 segment" in shown
    assert len(turn.taken) == 1


def test_leaving_in_the_middle_of_a_turn_still_writes_what_was_heard(chat, turn, tmp_path):
    file = tmp_path / "talk.yml"
    turn.failure = KeyboardInterrupt()
    assert chat("--record", str(file), typed="hello\n").exit_code == 0
    assert YAML(typ="safe").load(file)["turns"] == []
