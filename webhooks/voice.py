"""Calls, until they have conversations of their own: one sentence in both languages, then Member Services."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request
from twilio.twiml.voice_response import VoiceResponse

from bot.bootstrap import Bot
from bot.events import Said
from bot.flow import Content
from bot.phones import canonical
from bot.render import render
from bot.turn import plan_of
from webhooks.logs import note
from webhooks.signature import require_twilio
from webhooks.sms import TWIML

_VOICES = {"en": "en-US", "es": "es-MX"}


def voice_blueprint(bot: Bot) -> Blueprint:
    """`POST /webhooks/voice`: a call starts."""
    voice = Blueprint("voice", __name__, url_prefix="/webhooks/voice")
    voice.before_request(require_twilio(bot.settings))

    @voice.post("")
    def receive() -> Response:
        note(call=request.form.get("CallSid", ""))
        return Response(answer(bot, request.path, request.form), content_type=TWIML)

    return voice


def answer(bot: Bot, target: str, form: Mapping[str, str]) -> str:
    """The TwiML with which the path and query `target` answers a form. The door behind the signature check."""
    return render_stub(bot.content.current, form.get("To", ""))


def render_stub(content: Content, dialled: str) -> str:
    """TwiML that says `utter_voice_stub` in every language we speak and dials the plan whose number was dialled."""
    plan = plan_of(content, dialled)
    response = VoiceResponse()
    for language, voice in _VOICES.items():
        response.say(render(content, plan, language, "twilio_voice", [Said("utter_voice_stub", {})]), language=voice)
    response.dial(canonical(plan.phone))
    return str(response)
