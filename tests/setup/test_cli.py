"""The command line: quick to say what it can do, clear when it cannot."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.config import load_settings
from bot.records.database import open_database
from bot.records.migrate import head, is_current
from bot.settings_table import settings_table
from tests.postgres import database_of
from webhooks.cli import COMMANDS, IMPORTS, carestart

ROOT = Path(__file__).parents[2]


def command_line(*arguments, **environ):
    program = [sys.executable, "-m", "webhooks.cli", *arguments]
    return subprocess.run(program, cwd=ROOT, env={"PATH": "", **environ}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", [[name] for name in COMMANDS] + [["import", name] for name in IMPORTS])
def test_every_command_loads_and_explains_itself(path):
    shown = CliRunner().invoke(carestart, [*path, "--help"])
    assert 0 == shown.exit_code, shown.output
    assert f"Usage: carestart {' '.join(path)}" in shown.output


def test_help_names_every_command_and_loads_none():
    code = "import sys; from webhooks.cli import carestart\n"
    code += "try: carestart(['--help'])\nexcept SystemExit: print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    loaded = set(shown.splitlines()[-1].split())
    assert "webhooks.cli" in loaded
    assert not loaded & {"webhooks.commands", "bot.content", "sqlalchemy", "redis", "flask", "rasa_sdk", "granian"}
    assert all(f"\n  {name}  " in shown for name in COMMANDS)


def test_an_unknown_command_is_a_clear_error():
    shown = CliRunner().invoke(carestart, ["fly"])
    assert 2 == shown.exit_code
    assert "No such command 'fly'" in shown.output


def test_settings_that_are_refused_are_listed_without_a_trace(tmp_path):
    shown = command_line("migrate", "--data", str(tmp_path), PORT="no", TWILIO_OPT_OUT="perhaps")
    assert 2 == shown.returncode
    assert "  - PORT: give a whole number" in shown.stderr
    assert "  - TWILIO_OPT_OUT: give one of" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_folder_without_records_is_not_exported_as_if_there_were_no_news(tmp_path):
    shown = command_line("export", "preferences", "--data", str(tmp_path / "typo"))
    assert (2, "") == (shown.returncode, shown.stdout)
    assert "typo/carestart.db: there is no database; give the right folder with --data" in shown.stderr
    assert not (tmp_path / "typo" / "carestart.db").exists()


@pytest.mark.parametrize("command", [["export", "rewards"], ["import", "members", "roster.csv"]])
def test_a_database_that_does_not_answer_ends_a_command_with_2_and_one_line(tmp_path, command):
    (tmp_path / "roster.csv").write_text("plan\n")
    command[2:] = [str(tmp_path / name) for name in command[2:]]
    away = {"DATABASE_URL": "postgresql+psycopg://who:secret@127.0.0.1:1/none"}
    shown = command_line(*command, "--data", str(tmp_path), **away)
    assert (2, ["Error: the database does not answer; carestart doctor says more"]) == (
        shown.returncode,
        shown.stderr.splitlines(),
    )


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    shown = command_line("export", "rewards", "--data", str(tmp_path / "file" / "data"))
    assert (2, 1) == (shown.returncode, len(shown.stderr.splitlines())), shown.stderr
    assert "give another folder with --data" in shown.stderr


def test_migrate_makes_the_schema_and_can_be_run_again(tmp_path):
    for _ in range(2):
        shown = command_line("migrate", "--data", str(tmp_path), **database_of(tmp_path))
        assert 0 == shown.returncode, shown.stderr
    assert f"revision {head()}" in shown.stdout
    settings = load_settings(database_of(tmp_path), tmp_path)
    engine = open_database(settings)
    assert is_current(engine)
    engine.dispose()


def test_the_doctor_prints_the_table_of_settings(tmp_path):
    assert settings_table() == CliRunner().invoke(carestart, ["doctor", "--settings"]).output.strip()


def test_parse_shows_what_a_text_means_and_why(tmp_path, monkeypatch):
    training = tmp_path / "training"
    training.mkdir()
    texts = {"faq_id_card": "my card\n- lost card\n- a new card", "greet": "hi\n- hey you\n- hello there"}
    texts["out_of_scope"] = "pizza\n- a joke\n- the weather"
    entries = [{"intent": intent, "examples": f"- {lines}"} for intent, lines in texts.items()]
    (training / "nlu_en.yml").write_text(json.dumps({"nlu": entries}))
    monkeypatch.setattr("webhooks.startup.NLU_DATA", training)
    monkeypatch.setenv("MODEL", str(tmp_path / "model"))  # not the one that everybody else uses

    def parsed(*arguments):
        shown = CliRunner().invoke(carestart, ["parse", *arguments, "--data", str(tmp_path)])
        assert 0 == shown.exit_code, shown.output
        return json.loads(shown.stdout)

    answered = parsed("by mail please", "--expecting", "choice", "--option", "Mail")
    assert {"is": "Value", "value": "Mail"} == answered["answer"]
    assert "an answer to the open question beats an intent" == answered["because"]
    assert "faq_id_card" == parsed("lost my card")["intents"][0]["intent"]
    danger = parsed("tengo dolor de pecho", "--lang", "es")
    assert ("medical", "emergency_medical") == (danger["urgent"], danger["one_intent"])
    assert {"by": "list", "phrase": "dolor de pecho"} == danger["reasons"]["urgent"]
