"""Text messages: Twilio's form to a message received, a reply to TwiML."""

from __future__ import annotations

import logging
import re
from functools import partial
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, request
from werkzeug.datastructures import MultiDict

from bot.bootstrap import Bot
from bot.handovers import note_sent
from bot.inputs import MessageReceived
from bot.records.database import Away
from bot.records.deliveries import Moved, Report, take_report
from bot.records.transcript import ARRIVED
from bot.turn import RecordsAway, handed_over, take_turn
from bot.twilio_codes import meaning_of
from webhooks.logs import note
from webhooks.signature import require_twilio

TWILIO_LISTENS_S = 13.0  # it hangs up at 15: what is answered later goes by the outbox
TWIML = "text/xml; charset=utf-8"

# Strict, because the signature runs names and values together: a longer "sid" could be two fields glued into one.
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_OUTBOX_ID = re.compile(r"[0-9a-zA-Z]{1,32}")
_CODE = re.compile(r"[0-9]{1,6}")
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


log = logging.getLogger(__name__)


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
        report = _report_or_400()
        if report is None:  # of a reply that went out with its webhook, say
            return Response(status=204)
        note(sid=report.sid, delivery=report.status)
        try:
            moved = take_report(bot.records, bot.vault, report, bot.clock())
        except Away as error:
            raise RecordsAway from error
        if moved is not None:
            _follow_up(bot, report, moved)
        return Response(status=204)

    return sms


def _follow_up(bot: Bot, report: Report, moved: Moved) -> None:
    if moved.message_id and moved.state in ARRIVED:
        note_sent(bot.sessions, moved.conversation, moved.message_id)
    if report.code and meaning_of(report.code) in ("filtered", "settings", "other"):
        ids = {"outbox": report.outbox, "sid": report.sid, "code": report.code}
        log.error("a text did not arrive: see docs/operations.md, Texts that go out", extra={"ids": ids})


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


def parse_report(form: MultiDict[str, str], outbox: str) -> Report | None:
    """Read Twilio's report on a text that carries our id of it; None where there is nothing to learn from it.

    Raises Malformed where a field is given twice."""
    sid, status, code = _only(form, "MessageSid"), _only(form, "MessageStatus"), _only(form, "ErrorCode")
    if not (_OUTBOX_ID.fullmatch(outbox) and _MESSAGE_SID.fullmatch(sid) and status):
        return None
    return Report(outbox, sid, status, int(code) if _CODE.fullmatch(code) else 0)


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


def _report_or_400() -> Report | None:
    try:
        return parse_report(request.form, _only(request.args, "outbox"))
    except Malformed as error:
        note(refused=f"malformed_{error}")
        abort(400)
