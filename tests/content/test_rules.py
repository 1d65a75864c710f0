"""Every rule of content has a broken file that proves it: tests/broken_content/<rule>, laid over tests/content/minimal.

`expected.txt` lists FILE:LINE of every problem the rule must report; "without FILE" takes a file away first.
"""

import shutil
from pathlib import Path

import pytest

from bot.check import RULE_NAMES, check_content
from bot.content import ContentRefused, load_content
from bot.content.findings import READING_RULES
from bot.content.structure import STRUCTURE

TESTS = Path(__file__).parent.parent
MINIMAL = TESTS / "content" / "minimal"
BROKEN = TESTS / "broken_content"
NEEDED_TO_RUN = {*READING_RULES, *(rule.name for rule in STRUCTURE)}


def test_the_minimal_content_has_no_problems() -> None:
    assert [] == check_content(MINIMAL)


def test_every_broken_file_belongs_to_a_rule() -> None:
    assert {path.name for path in BROKEN.iterdir()} == set(RULE_NAMES)


@pytest.fixture
def broken(rule: str, tmp_path: Path) -> tuple[Path, set[str]]:
    """The broken folder, and the places where the rule must find something."""
    folder = tmp_path / "flows"
    shutil.copytree(MINIMAL, folder)
    shutil.copytree(BROKEN / rule, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    expected = set()
    for line in (BROKEN / rule / "expected.txt").read_text("utf-8").splitlines():
        if line.startswith("without "):
            (folder / line.removeprefix("without ")).unlink()
        else:
            expected.add(line)
    return folder, expected


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_a_rule_reports_every_place_that_breaks_it_and_no_other(rule: str, broken: tuple[Path, set[str]]) -> None:
    folder, expected = broken
    found = [problem for problem in check_content(folder) if problem.rule == rule]
    assert expected == {f"{each.file}:{each.line}" if each.line else each.file for each in found}
    assert all(problem.message and problem.remedy for problem in found)


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_only_what_cannot_be_run_is_refused_at_load(rule: str, broken: tuple[Path, set[str]]) -> None:
    folder, _ = broken
    if rule not in NEEDED_TO_RUN:
        assert load_content(folder).flows
        return
    with pytest.raises(ContentRefused) as refused:
        load_content(folder)
    assert rule in {problem.rule for problem in refused.value.problems}
