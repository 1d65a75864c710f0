"""Refuses every webhook that our Twilio account did not sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from flask import Request, abort, request
from twilio.request_validator import RequestValidator

from bot.config import Settings
from webhooks.logs import note

FORM = "application/x-www-form-urlencoded"


class _Fields(dict[str, list[str]]):
    """Form fields as the validator likes them best: with `getlist` it takes twice as long."""

    getall = dict.__getitem__


def require_twilio(settings: Settings) -> Callable[[], None]:
    """Make a `before_request` that lets only webhooks signed by our account pass; without credentials, none.

    Answers 403 to the forged, 400 to one that names no account."""
    token = settings.twilio_auth_token.reveal() if settings.twilio_auth_token else ""
    ready = bool(token and settings.twilio_account_sid and settings.public_base_url)
    validator = RequestValidator(token)

    def refuse_forged() -> None:
        if not ready:
            _refuse(403, "no_credentials")
        if not is_signed(request, validator, settings.public_base_url):
            _refuse(403, "signature")
        accounts = set(request.form.getlist("AccountSid"))
        if not accounts:
            _refuse(400, "no_account")
        if accounts != {settings.twilio_account_sid}:
            _refuse(403, "account")

    return refuse_forged


def is_signed(incoming: Request, validator: RequestValidator, base_url: str) -> bool:
    """Whether Twilio's signature covers this request, its body included, as sent to `base_url`.

    Always the Auth Token's HMAC-SHA1: the request does not choose the algorithm."""
    signature = incoming.headers.get("X-Twilio-Signature", "")
    if not signature:
        return False
    url = base_url.rstrip("/") + request_target(incoming.environ)
    if incoming.mimetype == FORM:
        return _form_is_signed(validator, url, _Fields(incoming.form.lists()), signature)
    return _body_is_signed(validator, url, incoming.get_data(), signature)


def _form_is_signed(validator: RequestValidator, url: str, fields: _Fields, signature: str) -> bool:
    given = signature.encode("utf-8", "replace")
    if compare_digest(validator.compute_signature(url, fields).encode(), given):  # nearly always: the validator's own
        return True  # way tries two more addresses, with the port and without
    if validator.validate(url, fields, signature):
        return True
    # The validator drops the "?" of an empty query before it signs, and so do some servers; who signed may not have.
    bare = url.removesuffix("?")
    return "?" not in bare and compare_digest(validator.compute_signature(bare + "?", fields).encode(), given)


def _body_is_signed(validator: RequestValidator, url: str, body: bytes, signature: str) -> bool:
    """Other bodies are signed by their hash in the query; without it nobody vouches for the body."""
    if "bodySHA256" not in parse_qs(urlsplit(url).query):
        return False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return bool(validator.validate(url, text, signature))


def request_target(environ: Mapping[str, Any]) -> str:
    """The path and query as they were sent, still percent-encoded, without the mount point and any fragment.

    Werkzeug, gunicorn and uWSGI hand it over. granian does not: there the query is still raw and the path, in which
    our routes have nothing to encode, is encoded again."""
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if not raw:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/:@!$&'()*+,;=~")
        query = environ.get("QUERY_STRING", "")
        return f"{path}?{query}" if query else path
    target = str(raw).partition("#")[0]
    if not target.startswith("/"):  # a proxy's absolute form
        target = urlsplit(target)._replace(scheme="", netloc="").geturl()
    mount = environ.get("SCRIPT_NAME", "").rstrip("/")
    return target[len(mount) :] if mount and target.startswith(mount + "/") else target


def _refuse(status: int, reason: str) -> None:
    note(refused=reason)
    abort(status)
