"""Who is signed in: a random token in the browser's cookie, its hash in SQL."""

from __future__ import annotations

import hashlib
import secrets

from flask import Response, request

from bot.bootstrap import Bot
from bot.config import Settings
from bot.records import audit
from bot.records import staff as records
from bot.records.database import reading
from bot.staff import Staff

_COOKIE = "carestart_console"
_TOKEN_BYTES = 32
_LOOK_AGAIN_SECONDS = 60.0  # `seen_at` is no more exact than this


def sign_in(bot: Bot, staff: Staff, response: Response) -> None:
    """Begin a session under a token of its own; one that this browser had before ends."""
    token, csrf, now = secrets.token_urlsafe(_TOKEN_BYTES), secrets.token_urlsafe(_TOKEN_BYTES), bot.clock()
    with bot.records.begin() as conn:
        records.end_session(conn, _index(_token(bot)))
        records.start_session(conn, _index(token), staff.id, csrf, now, now - bot.settings.console_hours * 3600)
        audit.note(conn, now, staff.by, "sign_in", staff.id)
    response.set_cookie(cookie_name(bot), token, path="/", httponly=True, samesite="Lax", secure=is_https(bot))


def sign_out(bot: Bot, staff: Staff, response: Response) -> None:
    """End this browser's session."""
    with bot.records.begin() as conn:
        records.end_session(conn, _index(_token(bot)))
        audit.note(conn, bot.clock(), staff.by, "sign_out", staff.id)
    response.delete_cookie(cookie_name(bot), path="/", httponly=True, samesite="Lax", secure=is_https(bot))


def current(bot: Bot, *, active: bool) -> records.StaffSession | None:
    """The session of this request, if it has one that has not expired. `active`: somebody did something, so that it
    lives on; a page that refreshes itself does not."""
    token = _token(bot)
    if not token:
        return None
    with reading(bot.records) as conn:
        found = records.session_of(conn, _index(token))
    now = bot.clock()
    if found is None or _is_over(bot.settings, found, now):
        return None
    if active and now - found.seen_at >= _LOOK_AGAIN_SECONDS:
        with bot.records.begin() as conn:
            records.seen(conn, _index(token), now)
    return found


def cookie_name(bot: Bot) -> str:
    return f"__Host-{_COOKIE}" if is_https(bot) else _COOKIE


def _is_over(settings: Settings, session: records.StaffSession, now: float) -> bool:
    idle, age = now - session.seen_at, now - session.started_at
    return idle >= settings.console_idle_minutes * 60 or age >= settings.console_hours * 3600


def is_https(bot: Bot) -> bool:
    """Whether staff come by https, so that cookies may say so."""
    return bot.settings.public_base_url.startswith("https://")


def _token(bot: Bot) -> str:
    return request.cookies.get(cookie_name(bot), "")


def _index(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
