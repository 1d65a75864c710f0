"""Who sits before a browser: a member with a phone in the simulator, somebody of staff in the console."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, WebError, expect

from tests.browser.server import Server

POLL_MS = 15_000  # more than a page waits before it looks again, on a busy machine
EVERY_MS = 5_000  # no page looks less often
WAIT_MS = 500

expect.set_options(timeout=POLL_MS)


@dataclass
class Browsers:
    """Opens browser contexts, and keeps what their pages complain of: errors, and what the CSP refused."""

    chrome: Browser
    server: Server
    complaints: list[str] = field(default_factory=list)
    _open: list[BrowserContext] = field(default_factory=list)

    def context(self, **options: object) -> BrowserContext:
        made = self.chrome.new_context(base_url=self.server.url, locale="en-US", reduced_motion="reduce", **options)  # type: ignore[arg-type]
        made.set_default_timeout(POLL_MS)
        made.clock.install()  # it runs as ever, but `look` may put it ahead
        made.on("console", self._heard)
        made.on("weberror", self._failed)
        self._open.append(made)
        return made

    def member(self, **options: object) -> Member:
        page = self.context(**options).new_page()
        page.goto("/simulator/")
        while page.locator("#messages li").count():  # there are a hundred numbers: somebody else had this one
            with page.expect_navigation():
                page.get_by_role("button", name="New phone").click()
        return Member(page)

    def agent(self, sign_in: str, **options: object) -> Agent:
        agent = Agent(self.context(**options).new_page(), sign_in)
        agent.sign_in(self.server.password)
        return agent

    def close(self) -> None:
        for context in self._open:
            context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.location['url']}: {message.text}")

    def _failed(self, error: WebError) -> None:
        self.complaints.append(str(error.error))


def look(page: Page) -> None:
    """Let the page do now what it does every few seconds: ask for what is new."""
    page.clock.fast_forward(EVERY_MS)


def soon(page: Page, expected: Callable[[float], None]) -> None:
    """The page shows what is expected, if not at once then after looking again and again."""
    for _ in range(POLL_MS // WAIT_MS):
        look(page)
        with suppress(AssertionError):
            return expected(WAIT_MS)
    expected(WAIT_MS)


def hold_still(page: Page) -> None:
    """The page asks for nothing until `page.clock.resume()`."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 0.5)
    page.wait_for_timeout(1000)  # what it asked for last comes


@dataclass
class Member:
    """Somebody who texts."""

    page: Page

    def use_phone_of(self, number: str) -> None:
        """The phone of a sample person, as (317) 555-0110."""
        self.page.get_by_role("button", name=f"Use {number}").first.click()
        expect(self.page.locator(".bar")).to_contain_text(number)

    def text(self, *texts: str) -> None:
        """Each of them, once the one before is in the thread."""
        mine = self.page.locator("#messages li.member")
        for text in texts:
            before = mine.count()
            self.page.locator("#text").fill(text)
            self.page.locator("#text").press("Enter")
            expect(mine).to_have_count(before + 1)

    def text_all(self, texts: Sequence[str]) -> None:
        """A long conversation, without watching each answer come."""
        write = self.page.locator("form.write")
        form = write.evaluate("form => Object.fromEntries(new FormData(form))")
        for text in texts:
            sent = self.page.request.post("/simulator/send", form={**form, "text": text}, max_redirects=0)
            assert 303 == sent.status
        self.page.reload()

    def hears(self, words: str) -> None:
        """The last text on the phone holds this, now or soon."""
        last = self.page.locator("#messages li").last
        soon(self.page, lambda wait: expect(last).to_contain_text(words, timeout=wait))

    @property
    def heard(self) -> list[str]:
        """What the phone was sent."""
        return [text.strip() for text in self.page.locator("#messages li.bot .text").all_inner_texts()]


@dataclass
class Agent:
    """Somebody of staff."""

    page: Page
    name: str

    def sign_in(self, password: str) -> None:
        self.page.goto("/console/sign-in")
        self.page.get_by_label("Sign-in name").fill(self.name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    @property
    def waiting(self) -> Locator:
        """Who waits in the queue, the newest last."""
        look(self.page)
        return self.page.locator("section[aria-labelledby=open] li a")

    def open_newest(self) -> str:
        """The conversation that came into the queue last; its path."""
        self.page.goto("/console/queue")
        self.waiting.last.click()
        self.page.wait_for_url("**/console/c/*")
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def take(self) -> None:
        self.press("Take it")
        expect(self.standing).to_have_text("You have this conversation")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def standing(self) -> Locator:
        return self.page.locator("#standing")

    @property
    def told(self) -> Locator:
        return self.page.locator("#status")

    @property
    def course(self) -> Locator:
        """What was said, and who had the conversation."""
        return self.page.locator(".course li")

    def reads(self, words: str) -> None:
        """The last thing that was said, now or soon."""
        said = self.page.locator(".course li:not(.change) .text").last
        soon(self.page, lambda wait: expect(said).to_have_text(words, timeout=wait))

    def reply(self, text: str) -> None:
        self.page.get_by_label("Text to the member").fill(text)
        self.press("Send")
        expect(self.told).to_have_text("Your text is on its way.")
