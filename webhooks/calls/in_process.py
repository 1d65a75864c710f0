"""Calls to this very program, through the door behind the signature check: no network, no credentials."""

from __future__ import annotations

from urllib.parse import urldefrag
from uuid import uuid4

from bot.bootstrap import Bot
from webhooks.calls.happenings import Clock, Pace
from webhooks.calls.line import Line
from webhooks.voice import answer

NO_ACCOUNT = "AC" + "0" * 32
VOICE = "/webhooks/voice"


class NotOurs(ValueError):
    """A document leads to an address that is not under PUBLIC_BASE_URL, where Twilio would not find us."""


def call_line(
    bot: Bot, caller: str | None, called: str, clock: Clock, pace: Pace | None = None, call_sid: str = ""
) -> Line:
    """A call to the voice webhooks of `bot`, not yet started; a new one unless `call_sid` names it. Its `fetch` raises
    NotOurs and what a turn raises."""
    base = bot.settings.public_base_url

    def fetch(url: str, form: dict[str, str]) -> str:
        target = urldefrag(url).url.removeprefix(base)
        if not target.startswith("/"):
            raise NotOurs(url)
        return answer(bot, target, form)

    return Line(
        fetch,
        caller=caller,
        called=called,
        clock=clock,
        call_sid=call_sid or new_call_sid(),
        account_sid=bot.settings.twilio_account_sid or NO_ACCOUNT,
        voice_url=base + VOICE,
        status_url=f"{base}{VOICE}/status",
        pace=pace,
    )


def new_call_sid() -> str:
    return "CA" + uuid4().hex
