"""Content follows its files: edits are picked up, broken edits are not."""

import shutil
import threading
from pathlib import Path

import pytest

from bot.content import ContentFolder, ContentRefused

MINIMAL = Path(__file__).parent / "minimal"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MINIMAL, tmp_path / "flows"))


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "responses" / "color.yml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def bye(content_folder: ContentFolder) -> str:
    return content_folder.current.responses["utter_bye"][0].text["en"]


def test_an_edit_is_picked_up_after_a_second(folder: Path, clock: Clock) -> None:
    content = ContentFolder(folder, clock=clock)
    edit(folder, "Bye.", "See you.")
    clock.now = 0.9
    assert "Bye." == bye(content)
    clock.now = 1.0
    assert "See you." == bye(content)


def test_a_broken_edit_keeps_the_last_good_content_and_says_why(folder: Path, clock: Clock) -> None:
    content = ContentFolder(folder, clock=clock)
    edit(folder, 'text: "Bye."', 'txet: "Bye."')
    clock.now = 1.0
    assert "Bye." == bye(content)
    assert {("flows/responses/color.yml", "shape")} == {(each.file, each.rule) for each in content.problems}


def test_a_mended_edit_is_taken_and_clears_the_reason(folder: Path, clock: Clock) -> None:
    content = ContentFolder(folder, clock=clock)
    edit(folder, 'text: "Bye."', 'txet: "Bye."')
    clock.now = 1.0
    assert "Bye." == bye(content) and content.problems
    edit(folder, 'txet: "Bye."', 'text: "So long."')
    clock.now = 2.0
    assert "So long." == bye(content)
    assert () == content.problems


def test_a_new_and_a_removed_file_count_as_edits(folder: Path, clock: Clock) -> None:
    content = ContentFolder(folder, clock=clock)
    more = folder / "responses" / "more.yml"
    more.write_text('responses:\n  utter_more: [{text: "More."}]\n', "utf-8")
    clock.now = 1.0
    assert "utter_more" in content.current.responses
    more.unlink()
    clock.now = 2.0
    assert "utter_more" not in content.current.responses


def test_unchanged_files_are_not_loaded_again(folder: Path, clock: Clock) -> None:
    content = ContentFolder(folder, clock=clock)
    before = content.current
    clock.now = 5.0
    assert before is content.current


def test_content_that_cannot_run_at_the_start_is_refused(folder: Path) -> None:
    edit(folder, 'text: "Bye."', 'txet: "Bye."')
    with pytest.raises(ContentRefused):
        ContentFolder(folder)


def test_threads_share_it_while_it_is_edited(folder: Path) -> None:
    content = ContentFolder(folder, every=0.0)
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(bye(content))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    edit(folder, "Bye.", "See you.")
    while "See you." not in seen and all(reader.is_alive() for reader in readers):
        done.wait(0.01)
    done.set()
    for reader in readers:
        reader.join()
    assert seen <= {"Bye.", "See you."} and "See you." in seen
