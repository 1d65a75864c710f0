"""Signing in with an OpenID provider: there, and back."""

from __future__ import annotations

import base64
import secrets
from hmac import compare_digest

import msgspec
from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import accounts
from bot.records import audit
from bot.vault import SealBroken
from webhooks.console import sessions
from webhooks.console.frame import bot, console, permitted, refusal
from webhooks.console.identity import NotVouched, Provider, ProviderAway, Secrets
from webhooks.console.sign_in import back_to
from webhooks.logs import note

_COOKIE, _PATH, _PLACE = "carestart_console_oidc", "/console/oidc", "console.oidc"
_SECONDS = 600  # to sign in there


class _Leaving(msgspec.Struct, frozen=True):
    """What the browser keeps, sealed, while it is away."""

    state: str
    nonce: str
    verifier: str
    until: float
    back: str

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.state, self.nonce, self.verifier)


@console.get("/oidc/start")
@permitted("nothing")
def start_oidc() -> BaseResponse:
    provider = _provider()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    leaving = _Leaving(state, nonce, verifier, bot().clock() + _SECONDS, back_to(request.args.get("next")))
    try:
        there = provider.address(leaving.secrets)
    except ProviderAway:
        return _away()
    response = redirect(there, 303)
    sealed = base64.urlsafe_b64encode(bot().vault.seal(msgspec.msgpack.encode(leaving), _PLACE)).decode()
    response.set_cookie(
        _COOKIE, sealed, max_age=_SECONDS, path=_PATH, httponly=True, samesite="Lax", secure=sessions.is_https(bot())
    )
    return response


@console.get("/oidc/callback")
@permitted("nothing")
def finish_oidc() -> BaseResponse:
    provider, leaving = _provider(), _leaving()
    if leaving is None or not compare_digest(leaving.state.encode(), request.args.get("state", "").encode()):
        return _refused("state")
    if request.args.get("iss", bot().settings.oidc_issuer) != bot().settings.oidc_issuer:
        return _refused("issuer")
    try:
        found = provider.vouched(request.args.get("code", ""), leaving.secrets)
    except ProviderAway:
        return _away()
    except NotVouched:
        return _refused("not_vouched")
    if found.role is None:
        return _refused("no_role")
    who = accounts.known_elsewhere(bot().records, found.key, found.name, found.role, bot().clock())
    if who is None:
        return _refused("disabled")
    response = Response(status=303, headers={"Location": leaving.back or url_for("console.home")})
    sessions.sign_in(bot(), who, response)
    return _without_cookie(response)


def _provider() -> Provider:
    settings = bot().settings
    if not settings.oidc_issuer:
        abort(404)
    return Provider(
        settings, (settings.public_base_url or request.host_url.rstrip("/")) + url_for("console.finish_oidc")
    )


def _leaving() -> _Leaving | None:
    try:
        sealed = base64.urlsafe_b64decode(request.cookies.get(_COOKIE, ""))
        leaving = msgspec.msgpack.decode(bot().vault.open(sealed, _PLACE), type=_Leaving)
    except (SealBroken, ValueError, msgspec.MsgspecError):
        return None
    return leaving if bot().clock() < leaving.until else None


def _refused(why: str) -> Response:
    note(refused=why)
    with bot().records.begin() as conn:
        audit.note(conn, bot().clock(), "provider", "sign_in_refused", "unknown", why)
    says = (
        "You could not be signed in. Try again; if it happens again, ask an administrator whether you have a role here."
    )
    return _without_cookie(refusal(403, "Not signed in", says))


def _away() -> Response:
    return refusal(503, "The sign-in service is away", "It cannot be reached at the moment. Try again in a minute.")


def _without_cookie(response: Response) -> Response:
    response.delete_cookie(_COOKIE, path=_PATH)
    return response
