"""Stands before every page of the console: whose request it is, whether it is theirs, whether they may."""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from webhooks.console import sessions
from webhooks.console.frame import STATIC, bot, console, is_fragment, needed_for
from webhooks.logs import note

_SAFE = ("GET", "HEAD", "OPTIONS")
_OWN = ("same-origin", "none")  # none: nobody's page asked, the person did


@console.before_request
def stand_guard() -> BaseResponse | None:
    """401 or the sign-in page for strangers; 403 for forms that are not ours and for who may not; 404 or 400 for a
    NUL, which PostgreSQL takes in no text and nobody types."""
    if request.endpoint == STATIC:
        return None
    if "\0" in request.path:
        abort(404)
    if any("\0" in value for _, values in request.values.lists() for value in values):
        abort(400)
    needed = needed_for(current_app, request.endpoint or "")
    changes = request.method not in _SAFE
    if changes and not _is_from_here():
        _refuse("cross_site")
    session = sessions.current(bot(), active=changes or not is_fragment())
    if session is not None:
        g.staff, g.csrf = session.staff, session.csrf
        note(staff=session.staff.id)
    if needed == "nothing":
        return None
    if session is None:
        return _to_sign_in()
    if changes and not compare_digest(session.csrf.encode(), _given_token().encode()):
        _refuse("csrf")
    if needed != "signed_in" and not session.staff.may(needed):
        _refuse("permission")
    return None


def _is_from_here() -> bool:
    """Whether the form was on a page of ours, as far as the browser says. What is no browser says nothing, and has
    nobody's cookies to misuse."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in _OWN:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == bot().settings.public_base_url or _host_of(origin) == request.host


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _given_token() -> str:
    return request.form.get("csrf") or request.headers.get("X-CSRF-Token", "")


def _refuse(why: str) -> None:
    note(refused=why)
    abort(403)


def _to_sign_in() -> BaseResponse:
    if is_fragment():
        return Response("", 401, {"HX-Redirect": url_for("console.sign_in")})
    back = request.path if request.method == "GET" else None
    return redirect(url_for("console.sign_in", next=back), 303)
