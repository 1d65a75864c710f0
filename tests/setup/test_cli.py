"""The command line: quick to say what it can do, clear when it cannot."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.records.migrate import head
from bot.settings_table import settings_table
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
    assert 1 == shown.returncode
    assert "  - PORT: give a whole number" in shown.stderr
    assert "  - TWILIO_OPT_OUT: give one of" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_migrate_makes_the_schema_and_can_be_run_again(tmp_path):
    for _ in range(2):
        shown = command_line("migrate", "--data", str(tmp_path))
        assert 0 == shown.returncode, shown.stderr
    assert f"revision {head()}" in shown.stdout
    assert (tmp_path / "carestart.db").exists()


def test_the_doctor_prints_the_table_of_settings(tmp_path):
    assert settings_table() == CliRunner().invoke(carestart, ["doctor", "--settings"]).output.strip()


def test_parse_shows_what_a_text_means():
    shown = CliRunner().invoke(carestart, ["parse", "by mail please", "--expecting", "choice", "--option", "Mail"])
    assert 0 == shown.exit_code, shown.output
    assert {"is": "Value", "value": "Mail"} == json.loads(shown.output)["answer"]
