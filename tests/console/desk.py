"""Somebody of staff at the console's pages, with one conversation before them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from werkzeug.test import TestResponse

from bot.outbound import Simulator
from bot.records import tables as t
from bot.worker import send_due
from tests.console.browser import Browser
from tests.handoffs.desk import seen
from tests.phone import Phone, rows

AS_PART = {"HX-Request": "true"}


@dataclass(slots=True)
class Desk:
    browser: Browser
    phone: Phone

    @property
    def path(self) -> str:
        return f"/console/c/{self.phone.conversation}"

    def shown(self, **query: str) -> str:
        """The page's words, without its tags."""
        return words(self.browser.get(f"{self.path}?{urlencode(query)}"))

    def does(self, what: str, act: str = "", **form: Any) -> str:
        """Send a form of the conversation; what the address that it leads to says of it."""
        self.phone.clock.now += 2
        response = self.browser.post(f"{self.path}/{what}", act=act or uuid4().hex, **form)
        send_due(self.phone.bot, Simulator())
        assert response.status_code == 303, response.status_code
        return response.location.removeprefix(f"{self.path}?")

    def last(self) -> str:
        """The last text on the member's phone."""
        return seen(self.phone)[-1].text

    def fills(self, **form: Any) -> str:
        return self.does("fill-answer", question=self.phone.question(), **form)


def words(response: TestResponse) -> str:
    assert response.status_code == 200, response.status_code
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.text)).split())


def account(phone: Phone, sign_in: str) -> str:
    """agent:<id> of the account with this sign-in name."""
    (row,) = rows(phone.bot, t.staff, t.staff.c.sign_in == sign_in)
    return f"agent:{row.id}"


def audited(phone: Phone, *actions: str) -> list[tuple[str, str, str, str]]:
    """The audit's rows (actor, action, subject, detail), of these actions where any are given."""
    return [
        (row.actor, row.action, row.subject, row.detail)
        for row in rows(phone.bot, t.audit)
        if not actions or row.action in actions
    ]
