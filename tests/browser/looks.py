"""What a page must be for everybody: axe finds nothing, it fits a phone, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import Error, Page

from tests.peers import node_peer

WIDTHS = (1200, 360)
# Everything but AAA: WCAG 2.2 A and AA, and axe's best practices.
_RUN = "axe.run(document, {resultTypes: ['violations'], runOnly: %s}).then(found => found.violations)"
_ALL = "{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
_COLORS = "['color-contrast']"  # what alone changes in the dark


def faults(page: Page) -> list[str]:
    """What is wrong with this page, at each width, in light and in dark."""
    return [f"{page.url} at {width} px: {fault}" for width in WIDTHS for fault in _faults_at(page, width)]


def _faults_at(page: Page, width: int) -> Iterator[str]:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="light")
    yield from violations(page, _ALL)
    page.emulate_media(color_scheme="dark")
    yield from (f"in the dark: {one}" for one in violations(page, _COLORS))
    if wide := page.evaluate("document.documentElement.scrollWidth - window.innerWidth") > 0:
        yield f"scrolls sideways, by {wide} px"


def violations(page: Page, rules: str = _ALL) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"() => {{ {node_peer('axe-core/axe.min.js').read_text()} }}")
    found = _run(page, rules)
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html']}" for one in found]


def _run(page: Page, rules: str, tries: int = 3) -> list[Mapping[str, Any]]:
    """axe stumbles over a part of the page that is replaced while it looks: then it looks again."""
    try:
        page.wait_for_load_state("networkidle")
        found: list[Mapping[str, Any]] = page.evaluate(_RUN % rules)
        return found
    except Error:
        if tries == 1:
            raise
        return _run(page, rules, tries - 1)
