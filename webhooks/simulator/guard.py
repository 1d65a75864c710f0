"""Keeps the simulator on this computer: loopback addresses, our own host names, our own forms."""

from __future__ import annotations

import ipaddress
import secrets
from hmac import compare_digest
from urllib.parse import urlsplit

from flask import Request, abort, request, session

from webhooks.logs import note

_HOSTS = {"localhost", "127.0.0.1", "::1"}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


def refuse_outsiders() -> None:
    """A `before_request`: 403 for whoever is not on this computer, and for a form that is not ours."""
    if not is_local(request):
        note(refused="not_local")
        abort(403)
    if request.method == "POST" and not _is_our_form(request):
        note(refused="form_token")
        abort(403)


def is_local(incoming: Request) -> bool:
    """Whether the caller is on this computer and asked for it by name.

    The name, because a stranger's page can point a name of its own at 127.0.0.1 (DNS rebinding); no forwarding
    headers, because a tunnel's callers come from loopback too."""
    if any(name in incoming.headers for name in _FORWARDED):
        return False
    return _is_loopback(incoming.remote_addr or "") and _host_name(incoming.headers.get("Host", "")) in _HOSTS


def form_token() -> str:
    """The token every form of this browser carries."""
    if "token" not in session:
        session["token"] = secrets.token_urlsafe(16)
    return str(session["token"])


def _is_our_form(incoming: Request) -> bool:
    ours = str(session.get("token", ""))
    return bool(ours) and compare_digest(ours.encode(), incoming.form.get("token", "").encode())


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
