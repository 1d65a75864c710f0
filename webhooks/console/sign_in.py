"""Signing in and out with an account of ours."""

from __future__ import annotations

import re
from ipaddress import ip_address
from math import ceil

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import passwords
from bot.bootstrap import Bot
from bot.records import audit
from bot.records import staff as records
from bot.records.database import reading
from bot.staff import Staff
from webhooks.console import sessions
from webhooks.console.frame import bot, console, navigation, page, permitted, refusal, staff

MOST_FAILURES, WITHIN_SECONDS = 5, 15 * 60  # of one account, or from one address
_BACK = re.compile(r"/console/[\w/-]*", re.ASCII)


class TooMany(Exception):
    """Too many sign-ins failed; `seconds` until the next may be tried."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@console.get("/")
@permitted("signed_in")
def home() -> BaseResponse:
    """The first page that this person may open."""
    there = navigation()
    return redirect(url_for(there[0][1]), 303) if there else page("home.html")


@console.route("/<path:nowhere>")
@permitted("signed_in")
def nowhere(nowhere: str) -> BaseResponse:
    """Strangers are not told which pages there are."""
    return refusal(404, "Not found", "There is no such page.")


@console.get("/sign-in")
@permitted("nothing")
def sign_in() -> BaseResponse:
    if "staff" in g:
        return redirect(url_for("console.home"), 303)
    return _form(back_to(request.args.get("next")))


@console.post("/sign-in")
@permitted("nothing")
def take_sign_in() -> BaseResponse:
    typed, password = request.form.get("sign_in", ""), request.form.get("password", "")
    try:
        who = authenticate(bot(), typed, password, _address())
    except TooMany as error:
        minutes = ceil(error.seconds / 60)
        again = f"Try again in {minutes} minute{'s' if minutes > 1 else ''}, or ask an administrator."
        response = refusal(429, "Too many tries", f"Too many sign-ins failed. {again}")
        response.headers["Retry-After"] = str(ceil(error.seconds))
        return response
    back = back_to(request.form.get("next"))
    if who is None:
        return _form(back, 403, typed=typed, failed=True)
    response = Response(status=303, headers={"Location": back or url_for("console.home")})
    sessions.sign_in(bot(), who, response)
    return response


@console.post("/sign-out")
@permitted("signed_in")
def sign_out() -> BaseResponse:
    response = Response(status=303, headers={"Location": url_for("console.sign_in")})
    sessions.sign_out(bot(), staff(), response)
    return response


def authenticate(bot: Bot, typed: str, password: str, address: str) -> Staff | None:
    """Whose name and password these are; None where they are nobody's, with no hint why and after the same time.

    Raises TooMany."""
    sign_in, now = typed.strip().lower(), bot.clock()
    subject = f"account:{bot.vault.index('sign_in', sign_in)}"
    place = f"address:{bot.vault.index('address', address)}"
    with bot.records.begin() as conn:
        first = records.attempt(conn, (subject, place), now, now - WITHIN_SECONDS, MOST_FAILURES)
    if first is not None:
        raise TooMany(first + WITHIN_SECONDS - now)
    with reading(bot.records) as conn:
        account = records.by_sign_in(conn, sign_in)
    stored = account.password_hash if account else None
    right = passwords.matches(stored, password)  # takes its time: outside of any transaction
    stronger = passwords.hashed(password) if right and stored and passwords.is_outdated(stored) else None
    with bot.records.begin() as conn:
        if account is None or stored is None or not right or not account.active:
            audit.note(conn, now, "nobody", "sign_in_refused", account.id if account else "unknown")
            return None
        records.succeeded(conn, subject, (place,), now)
        if stronger:
            records.rehash(conn, account.id, stored, stronger)
    return account.staff


def _form(back: str, status: int = 200, **shown: object) -> Response:
    return page("sign_in.html", status, back=back, elsewhere=bool(bot().settings.oidc_issuer), **shown)


def _address() -> str:
    """Where the browser is: the peer, or whom a proxy on a private network says it speaks for."""
    peer = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded if forwarded and _is_private(peer) else peer


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False


def back_to(wanted: str | None) -> str:
    """Where to go after signing in: only to a page of the console."""
    return wanted if wanted and _BACK.fullmatch(wanted) else ""
