"""One server and one Chromium for the whole package; a browser context for each person of a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import peers
from tests.browser.people import Agent, Browsers, Member
from tests.browser.server import Server, serving


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker of pytest-xdist: the server is theirs alone."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.slow)


# Not of the session: Playwright's event loop must be gone before the tests of another package run.
@pytest.fixture(scope="package")
def chrome() -> Iterator[Browser]:
    program = peers.chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def server(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("browser")) as server:
        yield server


@pytest.fixture
def browsers(chrome: Browser, server: Server) -> Iterator[Browsers]:
    """Whatever a page complained of is a failure, unless the test took it away."""
    browsers = Browsers(chrome, server)
    yield browsers
    browsers.close()
    assert not browsers.complaints, "\n".join(browsers.complaints)


@pytest.fixture
def member(browsers: Browsers) -> Member:
    """With a new phone in the browser."""
    return browsers.member()


@pytest.fixture
def ana(browsers: Browsers) -> Agent:
    """An agent, signed in."""
    return browsers.agent("ana")
