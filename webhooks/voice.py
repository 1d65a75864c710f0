"""Calls, until they have conversations of their own: one sentence in both languages, then Member Services."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request
from twilio.twiml.voice_response import VoiceResponse

from bot.bootstrap import Bot
from bot.flow import Content, Plan
from webhooks.logs import note
from webhooks.signature import require_twilio
from webhooks.sms import TWIML

_VOICES = {"en": "en-US", "es": "es-MX"}


def voice_blueprint(bot: Bot) -> Blueprint:
    """`POST /webhooks/voice`: a call starts."""
    voice = Blueprint("voice", __name__, url_prefix="/webhooks/voice")
    voice.before_request(require_twilio(bot.settings))

    @voice.post("")
    def answer() -> Response:
        note(call=request.form.get("CallSid", ""))
        return Response(render_stub(bot.content.current, request.form.get("To", "")), content_type=TWIML)

    return voice


def render_stub(content: Content, dialled: str) -> str:
    """TwiML that says `utter_voice_stub` in every language we speak and dials the plan whose number was dialled."""
    plan = plan_of(content, dialled)
    response = VoiceResponse()
    for language, voice in _VOICES.items():
        response.say(_sentence(content, language, plan), language=voice)
    response.dial("+1" + "".join(filter(str.isdigit, plan.phone))[-10:])
    return str(response)


def plan_of(content: Content, number: str) -> Plan:
    """The plan whose number this is; for a number of ours that no plan file names, the first plan."""
    plans = list(content.plans.values())
    return next((plan for plan in plans if number in plan.numbers), plans[0])


def _sentence(content: Content, language: str, plan: Plan) -> str:
    variations = content.responses["utter_voice_stub"]
    spoken = next((each for each in variations if each.channel == "twilio_voice"), variations[0])
    return spoken.text[language].format_map(_plan_facts(plan, language))


def _plan_facts(plan: Plan, language: str) -> Mapping[str, str]:
    return {
        **{f"plan_{key}": value for key, value in plan.facts.items()},
        "plan_name": plan.names[language],
        "plan_phone": plan.phone,
        "plan_tty": plan.tty,
        "plan_hours": plan.hours_text[language],
    }
