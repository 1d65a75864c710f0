"""Showing what is masked: one click, one value, one row in the audit.

In a page: `{% from "console/reveal.html" import reveal with context %}`, then
`{{ reveal("phone", conversation, number|masked("phone")) }}`. Another kind of value: a function in REVEALS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from flask import Response, abort, request

from bot.bootstrap import Bot
from bot.members.roster import Details, member
from bot.records import audit
from bot.records.callbacks import phone_of
from bot.records.database import reading
from bot.records.stored import load_address
from bot.vault import SealBroken
from webhooks.console.frame import bot, console, is_fragment, page, permitted, staff
from webhooks.console.masking import Kind, masked

Reveal = Callable[[Bot, str], str]  # of a subject, by an id of ours. Raises LookupError.

_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_BACK = re.compile(r"/console/[\w/-]*", re.ASCII)


def _phone_of_conversation(bot: Bot, conversation: str) -> str:
    with reading(bot.records) as conn:
        address = load_address(conn, bot.vault, conversation)
    if address is None:
        raise LookupError(conversation)
    return address[0]


def _of_member(read: Callable[[Details], str]) -> Reveal:
    def reveal(bot: Bot, id: str) -> str:
        with reading(bot.records) as conn:
            found = member(conn, bot.vault, id)
        if found is None:
            raise LookupError(id)
        return read(found.details)

    return reveal


def _address(details: Details) -> str:
    return ", ".join(filter(None, (details.address, details.city, f"{details.state} {details.zip}".strip())))


def _phone_of_callback(bot: Bot, id: str) -> str:
    if not _NUMBER.fullmatch(id):
        raise LookupError(id)
    with reading(bot.records) as conn:
        return phone_of(conn, bot.vault, int(id))


REVEALS: Mapping[str, tuple[str, Reveal]] = {  # kind: what it is called, where it is found
    "phone": ("phone number", _phone_of_conversation),
    "callback_phone": ("phone number to call", _phone_of_callback),
    "member_phone": ("phone number on file", _of_member(lambda details: details.phone)),
    "member_id": ("member ID", _of_member(lambda details: details.member_id)),
    "member_name": ("name", _of_member(lambda details: f"{details.first} {details.last}")),
    "birth_date": ("birth date", _of_member(lambda details: details.birth_date)),
    "address": ("address", _of_member(_address)),
    "email": ("email address", _of_member(lambda details: details.email)),
}


@console.post("/reveal")
@permitted("reveal")
def show_masked() -> Response:
    """The value: alone, to take the place of its mask, or on a page where there is no script."""
    kind, subject = request.form.get("kind", ""), request.form.get("subject", "")
    if kind not in REVEALS:
        abort(404)
    label, find = REVEALS[kind]
    try:
        value = find(bot(), subject)
    except (LookupError, SealBroken):
        abort(404)
    with bot().records.begin() as conn:
        audit.note(conn, bot().clock(), staff().by, "reveal", subject, kind)
    back = request.form.get("back", "")
    return page(
        "revealed.html" if is_fragment() else "revealed_page.html",
        label=label,
        value=value or "none on file",
        back=back if _BACK.fullmatch(back) else "",
    )


@console.app_template_filter("masked")
def _masked(value: str, kind: Kind) -> str:
    return masked(value, kind)


@console.app_template_global()
def reveal_label(kind: str) -> str:
    return REVEALS[kind][0]
