"""Consents, read back: how a member wants to be reached, and that a phone may be texted or may not."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any

from bot.records.export.plain import Record
from bot.records.reimport.parts import (
    LANGUAGES,
    Incoming,
    NotTaken,
    has,
    long_text,
    maybe_member,
    meaning,
    member,
    moment,
    speaker,
    text,
)

_CHANNELS = {"mail": "mail", "email": "email", "text": "text"}
_TOLD_BY = {"text": "text", "voice": "voice"}
_KINDS = {"text_messages": "text_messages", "opt_out": "opt_out", "opt_in": "opt_in"}
_STATUS = {"permit": "granted", "deny": "revoked"}
_CODE = ("coding", 0, "code")


def preference(name: str, changed: float, resource: Record) -> Incoming:
    channel = meaning(_CHANNELS, resource, "provision", "code", 0, *_CODE)
    contact = _contact(channel, resource)
    return Incoming(
        kind="preferences",
        name=name,
        changed=changed,
        values={
            "channel": channel,
            "language": meaning(LANGUAGES, resource, "contained", 0, "communication", 0, "language", *_CODE),
            "at": moment(resource, "dateTime"),
        },
        about=member(resource, "patient"),
        said_by=speaker(resource, "performer", 0),
        sealed={"contact": contact} if contact else {},
    )


def _contact(channel: str, resource: Record) -> str:
    where: tuple[str | int, ...] = ("address", 0, "text") if channel == "mail" else ("telecom", 0, "value")
    return long_text(resource, "contained", 0, *where) if has(resource, "contained", 0, *where) else ""


def consent(name: str, changed: float, resource: Record) -> Incoming:
    shown = "sourceAttachment"
    return Incoming(
        kind="consents",
        name=name,
        changed=changed,
        values={
            "kind": meaning(_KINDS, resource, "category", 1, *_CODE),
            "status": meaning(_STATUS, resource, "provision", "type"),
            "wording": text(resource, shown, "title", most=80),
            "channel": meaning(_TOLD_BY, resource, "provision", "code", 0, *_CODE),
            # Where nothing was shown no language is told either.
            "language": meaning(LANGUAGES, resource, shown, "language") if has(resource, shown, "data") else "en",
            "at": moment(resource, "dateTime"),
        },
        about=maybe_member(resource, "patient"),
        said_by=speaker(resource, "performer", 0),
        sealed={"wording": _wording(resource[shown])},
        phone=text(resource, "contained", 0, "telecom", 0, "value") if has(resource, "contained", 0) else None,
    )


def _wording(attachment: Any) -> str:
    if not has(attachment, "data"):
        return ""
    try:
        return b64decode(long_text(attachment, "data"), validate=True).decode()
    except (NotBase64, ValueError):
        raise NotTaken("sourceAttachment.data is not a text in Base64") from None
