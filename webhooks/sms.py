"""Text messages: Twilio's form to a message received, a reply to TwiML."""

from __future__ import annotations

import re
from functools import partial
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, request
from werkzeug.datastructures import MultiDict

from bot.bootstrap import Bot
from bot.inputs import MessageReceived
from bot.turn import handed_over, take_turn
from webhooks.logs import note
from webhooks.signature import require_twilio

TWILIO_LISTENS_S = 13.0  # it hangs up at 15: what is answered later goes by the outbox
TWIML = "text/xml; charset=utf-8"

# Strict, because the signature runs names and values together: a longer "sid" could be two fields glued into one.
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Malformed(ValueError):
    """A signed request that is not an inbound message."""


def sms_blueprint(bot: Bot) -> Blueprint:
    """`POST /webhooks/sms` answers a text with TwiML; `POST /webhooks/sms/status` takes delivery reports."""
    sms = Blueprint("sms", __name__, url_prefix="/webhooks/sms")
    sms.before_request(require_twilio(bot.settings))

    @sms.post("")
    def receive() -> Response:
        message = _message_or_400(bot.clock())
        note(message=message.id)
        reply = take_turn(bot, message)
        response = Response(render_sms(reply.text), content_type=TWIML)
        if reply.text is not None and bot.clock() - message.at < TWILIO_LISTENS_S:
            response.call_on_close(partial(handed_over, bot, message.id))
        return response

    @sms.post("/status")
    def status() -> Response:
        return Response(status=204)  # delivery reports are kept from the day we send by REST

    return sms


def parse_sms(form: MultiDict[str, str], at: float) -> MessageReceived:
    """Read Twilio's inbound message, arrived `at` (UTC seconds). Any body is taken, and numbers as they are written.

    Raises Malformed where the message's id, sender or recipient is missing, impossible or given twice."""
    sid = _required(form, "MessageSid")
    if not _MESSAGE_SID.fullmatch(sid):
        raise Malformed("MessageSid")
    media = _only(form, "NumMedia")
    return MessageReceived(
        id=sid,
        at=at,
        sender=_required(form, "From"),
        recipient=_required(form, "To"),
        text=storable(_only(form, "Body")),
        media=int(media) if media.isascii() and media.isdigit() and len(media) < 4 else 0,
        opt_out_type=_only(form, "OptOutType").upper(),
    )


def render_sms(text: str | None) -> str:
    """TwiML that sends `text`, or that sends nothing. Characters that XML cannot hold are left out."""
    speakable = _NO_XML.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n"))
    message = f"<Message>{escape(speakable)}</Message>" if speakable else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'


def storable(text: str) -> str:
    """The text without NULs, and with a replacement for half characters: both break stores and encodings."""
    return _LONE_SURROGATE.sub("\ufffd", text.replace("\x00", ""))


def _required(form: MultiDict[str, str], name: str) -> str:
    value = storable(_only(form, name))
    if not value.strip():
        raise Malformed(name)
    return value


def _only(form: MultiDict[str, str], name: str) -> str:
    """The one value of a field, or "". Repeats are signed without their order, so two different values mean nothing."""
    values = set(form.getlist(name))
    if len(values) > 1:
        raise Malformed(name)
    return values.pop() if values else ""


def _message_or_400(at: float) -> MessageReceived:
    try:
        return parse_sms(request.form, at)
    except Malformed as error:
        note(refused=f"malformed_{error}")
        abort(400)
