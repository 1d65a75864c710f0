"""`carestart check`, as an author sees it."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.check import RULE_NAMES
from webhooks.commands.check import check

MINIMAL = Path(__file__).parent / "minimal"
PRODUCT = Path(__file__).parents[2] / "flows"


def test_good_content_passes() -> None:
    result = CliRunner().invoke(check, [str(MINIMAL)])
    assert (0, f"{MINIMAL}: no problems.\n") == (result.exit_code, result.output)


def test_a_problem_is_printed_with_place_rule_message_and_remedy_and_fails(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MINIMAL, tmp_path / "flows"))
    (folder / "more.yml").write_text("flows:\n  a: {description: x, steps: [{action: utter_none}]}\n", "utf-8")
    result = CliRunner().invoke(check, [str(folder)])
    assert 1 == result.exit_code
    place, summary = result.output.splitlines()
    assert (
        "flows/more.yml:2: unknown-response: there is no response utter_none. "
        "Write the response in responses/, or correct its name." == place
    )
    assert f"{folder}: 1 problem in 1 file." == summary


def test_the_rules_can_be_listed() -> None:
    assert list(RULE_NAMES) == CliRunner().invoke(check, ["--rules", str(MINIMAL)]).output.splitlines()


def test_help_shows_examples() -> None:
    assert "carestart check my-plan/flows" in CliRunner().invoke(check, ["--help"]).output


def test_the_products_own_content_has_no_problems() -> None:
    if not (PRODUCT / "domain.yml").exists():
        pytest.skip("the product's flows are not written yet")
    result = CliRunner().invoke(check, [str(PRODUCT)])
    assert 0 == result.exit_code, result.output
