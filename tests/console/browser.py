"""A browser of somebody of staff: keeps its cookie, sends forms as a page's would be sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from bot import passwords
from bot.bootstrap import Bot
from bot.records import staff as records
from bot.staff import Role

PASSWORD = "correct horse battery"
hashed = cache(passwords.hashed)  # takes its time, by design
_COOKIE = re.compile(r"carestart_console=([^;]*)")


def add_staff(bot: Bot, sign_in: str, role: Role, name: str = "", password: str = PASSWORD) -> str:
    """The id of a new account."""
    with bot.records.begin() as conn:
        id = records.add(conn, sign_in, name or sign_in.title(), role, hashed(password), bot.clock())
    assert id is not None
    return id


@dataclass
class Browser:
    app: Flask
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)  # with every request

    def get(self, path: str, **headers: str) -> TestResponse:
        return self._send("GET", path, headers=headers)

    def post(
        self, path: str, csrf: str | None = "", headers: dict[str, str] | None = None, **form: Any
    ) -> TestResponse:
        """As the form of a page: with this session's token, unless another is given; None: without."""
        token = self.csrf() if csrf == "" else csrf
        data = form if token is None else {"csrf": token, **form}
        return self._send("POST", path, data=data, headers=headers or {})

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get("/console/nowhere").text)
        return found[1] if found else ""

    def sign_in(self, sign_in: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        return self.post("/console/sign-in", csrf=None, sign_in=sign_in, password=password, **more)

    def _send(self, method: str, path: str, headers: dict[str, str], **more: Any) -> TestResponse:
        client = self.app.test_client(use_cookies=False)
        given = {**self.headers, **headers}
        if self.cookie:
            given["Cookie"] = f"carestart_console={self.cookie}"
        response = client.open(path, method=method, headers=given, **more)
        for set_cookie in response.headers.getlist("Set-Cookie"):
            if found := _COOKIE.match(set_cookie):
                self.cookie = found[1]
        return response
