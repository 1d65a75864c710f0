"""What the documents name is there: settings, files, commands, flows. And they name nothing they should not."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.content import load_content
from bot.settings_table import SETTINGS, settings_table
from webhooks.cli import carestart

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = sorted([README, ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [str(file.relative_to(ROOT)) for file in DOCUMENTS]
TOP = {path.name for path in ROOT.iterdir()} - {".venv", ".data"}
MADE_LATER = {"nlu/model", "flows/office_visit.yml"}  # by training; the example of docs/content.md
PICTURE_BYTES = 200_000

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)


def fenced(text: str) -> list[str]:
    """The blocks between ``` marks, indented ones too."""
    return re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)


def quoted(text: str) -> list[str]:
    """What stands in backticks outside of blocks."""
    outside = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [" ".join(words.split()) for words in re.findall(r"`([^`]+)`", outside)]


def paths(text: str) -> list[str]:
    """Backticked words that can only be a path in this repository."""
    words = [word.rstrip("/") for word in quoted(text) if "{" not in word and " " not in word]
    return [word for word in words if "/" in word and word.split("/")[0] in TOP]


def links(text: str) -> list[str]:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", text)
    return [target for target in targets if not target.startswith(("http://", "https://"))]


def commands(text: str) -> list[list[str]]:
    """Every `carestart ...` of the text, in backticks or on a line of a block, as its words."""
    lines = [line.strip() for block in fenced(text) for line in block.splitlines()] + quoted(text)
    called = [re.sub(r"^(?:\.venv/bin/)?carestart +", "", line) for line in lines if re.match(CALL, line)]
    return [line.split() for line in called if re.match(r"[a-z-]", line)]


CALL = r"(?:\.venv/bin/)?carestart +\S"


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command those words name, and the words after it. Raises LookupError."""
    command: click.Command = carestart
    context = click.Context(command)
    while isinstance(command, click.Group):
        name = words[0] if words and not words[0].startswith("-") else ""
        if not name:
            return command, words
        found = command.get_command(context, name)
        if found is None:
            raise LookupError(name)
        command, words = found, words[1:]
    return command, words


def test_the_readme_has_every_setting_with_its_type_default_and_meaning() -> None:
    written = README.read_text("utf-8")
    missing = [line for line in settings_table().splitlines() if line not in written.splitlines()]
    assert [] == missing
    for setting in SETTINGS:
        assert f"| `{setting.name}` | {setting.kind} | " in written, setting.name


def test_the_readme_names_no_setting_that_is_gone() -> None:
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", README.read_text("utf-8"), re.MULTILINE)
    assert [setting.name for setting in SETTINGS] == rows


@each_document
def test_every_file_a_document_names_is_there(document: Path) -> None:
    for path in paths(document.read_text("utf-8")):
        assert path in MADE_LATER or list(ROOT.glob(path)), f"{document.name}: {path}"


@each_document
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    for target in links(document.read_text("utf-8")):
        assert (document.parent / target).exists(), f"{document.name}: {target}"


@each_document
def test_every_command_a_document_names_exists_with_its_options(document: Path) -> None:
    for words in commands(document.read_text("utf-8")):
        command, rest = resolve(words)
        known = {option for parameter in command.params for option in parameter.opts}
        options = {re.split("[=, ]", word)[0] for word in rest if word.startswith("--")} - {"--help"}
        assert options <= known, f"{document.name}: carestart {' '.join(words)}"


@each_document
def test_every_make_target_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = document.read_text("utf-8")
    named = [line for block in fenced(text) for line in block.splitlines()] + quoted(text)
    called = {match[1] for line in named if (match := re.match(r"\s*make ([a-z]+)\b", line))}
    assert called <= targets, document.name


@each_document
def test_a_document_names_no_place_of_one_machine(document: Path) -> None:
    text = document.read_text("utf-8")
    machine = re.findall(r"(?<![\w.}])/(?:work|home|root|tmp|Users|opt|mnt|var)/\S*", text)
    assert [] == machine


def test_the_lock_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_every_command_is_in_the_readme() -> None:
    written = {resolve(words)[0].name for words in commands(README.read_text("utf-8"))}
    context = click.Context(carestart)
    assert set(carestart.list_commands(context)) - {"import", "bench", "parse"} <= written


def test_every_flow_has_a_line_in_the_page_for_authors() -> None:
    page = (ROOT / "docs" / "content.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| `(flows/[^`]+)` \|", page, re.MULTILINE))
    flows = load_content(ROOT / "flows").flows
    assert set(flows) == set(rows)
    for flow, file in rows.items():
        assert flow in (ROOT / file).read_text("utf-8"), f"{flow} is not in {file}"


def test_the_readme_shows_the_two_commands_before_any_other() -> None:
    blocks = [block.strip() for block in fenced(README.read_text("utf-8"))]
    assert ["make run", "make test"] == blocks[:2]


def test_pictures_are_small_and_all_shown() -> None:
    shown = {(file.parent / target).resolve() for file in DOCUMENTS for target in links(file.read_text("utf-8"))}
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures
    for picture in pictures:
        assert picture.resolve() in shown, picture.name
        assert picture.stat().st_size < PICTURE_BYTES, picture.name


def test_the_settings_command_prints_what_the_readme_shows() -> None:
    printed = CliRunner().invoke(carestart, ["doctor", "--settings"]).output.strip()
    assert printed in README.read_text("utf-8")


def test_a_command_that_is_not_there_would_be_noticed() -> None:
    assert [["dance", "--now"]] == commands("Run `carestart dance --now`.")
    with pytest.raises(LookupError):
        resolve(["dance", "--now"])


def test_a_path_that_is_not_there_would_be_noticed() -> None:
    assert ["bot/nowhere.py"] == paths("See `bot/nowhere.py`, `a/b` and `carestart run`.")
