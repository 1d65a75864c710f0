"""Calls: Twilio's form to what was heard, a Speech to TwiML. What is said and when is decided in bot/call.py."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from itertools import groupby
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, Response, abort, request
from twilio.twiml.voice_response import Gather, VoiceResponse

from bot.bootstrap import Bot
from bot.events import Said
from bot.flow import Content
from bot.inputs import Heard, MessageReceived
from bot.loading import plan_of
from bot.phones import canonical
from bot.render import render
from bot.speech import Speech, decode
from bot.turn import RecordsAway, Reply, take_turn
from bot.whisper import whisper
from webhooks.logs import note
from webhooks.signature import request_target, require_twilio
from webhooks.sms import TWIML, storable

HERE = "/webhooks/voice"
LOCALES = {"en": "en-US", "es": "es-US"}
VOICES = {"en": "Polly.Joanna", "es": "Polly.Lupe"}

# Seconds. `timeout` is silence before anything is said or between keys, `speechTimeout` silence that ends speech.
LISTENS = {False: 8, True: 60}  # by voice, through a relay operator
ENDS = {False: "auto", True: "5"}
ENDS_FREE = {False: "3", True: "5"}  # names and addresses are said with pauses
PAUSE_BEFORE_THE_REST = 2
WORDS_GO_ON = 15  # a relayed answer: longer than it takes to type a few words at 30 words a minute
WAITS = 60
RINGS = 25  # an agent's phone, before we say that nobody took the call
TRIES_AGAIN = 2  # a turn that waits for another of the same call

log = logging.getLogger(__name__)

_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_ANSWERED = ("completed", "answered")


class Malformed(ValueError):
    """A signed request that is no step of a call."""


def voice_blueprint(bot: Bot) -> Blueprint:
    """`POST /webhooks/voice` begins a call; `/turn`, `/dial`, `/whisper` and `/accept` are the steps our documents lead
    to, `/status` hears that it ended."""
    voice = Blueprint("voice", __name__, url_prefix=HERE)
    voice.before_request(require_twilio(bot.settings))

    @voice.post("")
    @voice.post("/turn")
    @voice.post("/dial")
    @voice.post("/whisper")
    @voice.post("/accept")
    def receive() -> Response:
        note(call=request.form.get("CallSid", ""))
        try:
            return Response(answer(bot, request_target(request.environ), request.form), content_type=TWIML)
        except Malformed as error:
            note(refused=f"malformed_{error}")
            abort(400)

    @voice.post("/status")
    def status() -> Response:
        note(call=request.form.get("CallSid", ""), status=request.form.get("CallStatus", ""))
        return Response(status=204)

    return voice


def answer(bot: Bot, target: str, form: Mapping[str, str]) -> str:
    """The TwiML with which the path and query `target` answers a form; "" for `/status`. The door behind the signature
    check. Raises Malformed; never for what a caller says or keys."""
    step = urlsplit(target)
    match step.path.removeprefix(HERE):
        case "/status":
            return ""
        case "/whisper":
            return _whisper(bot, _sid(parse_qs(step.query).get("of", [""])[0]))
        case "/accept":
            return _accepted(form)
    message = parse_call(step.path, step.query, form, bot.clock())
    try:
        return _document(bot, message, take_turn(bot, message))
    except RecordsAway:
        log.warning("the records are away: a caller is put through to a person")
    except Exception as error:  # a caller must not hear Twilio's own error message
        log.error("a step of a call failed", exc_info=error)
    return _without_records(bot, form)


def parse_call(path: str, query: str, form: Mapping[str, str], at: float) -> MessageReceived:
    """What a step of a call brought, arrived `at` (UTC seconds). Raises Malformed."""
    call = _sid(form.get("CallSid", ""))
    number = 0 if path == HERE else _document_number(query)
    heard, text = _heard(path, form)
    return MessageReceived(
        id=f"{call}.{number}",
        at=at,
        sender=storable(form.get("From", "")),
        recipient=storable(form.get("To", "")),
        text=storable(text),
        call=call,
        document=number,
        heard=heard,
    )


def _sid(written: str) -> str:
    if not _CALL_SID.fullmatch(written):
        raise Malformed("CallSid")
    return written


def _document_number(query: str) -> int:
    written = parse_qs(query).get("n", [""])[0]
    if not _NUMBER.fullmatch(written):
        raise Malformed("n")
    return int(written)


def _heard(path: str, form: Mapping[str, str]) -> tuple[Heard, str]:
    if path == HERE:
        return "began", ""
    if path == f"{HERE}/dial":
        return "dialled", "answered" if _was_answered(form) else ""
    keys = re.sub(r"[^0-9*#]", "", form.get("Digits", ""))
    if keys:
        return "keys", keys
    if form.get("FinishedOnKey") == "#" and not form.get("SpeechResult"):
        return "keys", "#"  # after an entry that had ended by itself
    speech = form.get("SpeechResult", "").strip()
    return ("speech", speech) if speech else ("silence", "")


def _was_answered(form: Mapping[str, str]) -> bool:
    """An agent accepted. A whisper that hangs up, on voicemail say, counts as completed all the same."""
    bridged = form.get("DialBridged", "")
    return bridged == "true" if bridged else form.get("DialCallStatus", "") in _ANSWERED


# --- TwiML -----------------------------------------------------------------------------------------------------------


def _document(bot: Bot, message: MessageReceived, reply: Reply) -> str:
    response = VoiceResponse()
    base = bot.settings.public_base_url + HERE
    if reply.text is None:  # its turn has not come: the same step asks for it again
        response.pause(length=TRIES_AGAIN)
        response.redirect(f"{base}/turn?n={message.document}", method="POST")
        return str(response)
    speech = decode(reply.text)
    follows = f"{base}/turn?n={speech.document + 1}"
    match speech.then:
        case "hang_up":
            _say(response, speech)
            response.hangup()
        case "dial":
            _say(response, speech)
            dial = response.dial(
                action=f"{base}/dial?n={speech.document + 1}", method="POST", timeout=RINGS, answer_on_bridge=True
            )
            dial.number(speech.number, url=f"{base}/whisper?of={message.call}", method="POST")
        case _:
            _listen(response, speech, follows)
            response.redirect(follows, method="POST")
    return str(response)


def _listen(response: VoiceResponse, speech: Speech, follows: str) -> None:
    """By voice what is said may be interrupted; an operator who types it out hears it to its end first."""
    gather = Gather(**_gathered(speech, follows))
    _say(response if speech.relay else gather, speech)
    response.append(gather)


def _gathered(speech: Speech, follows: str) -> dict[str, object]:
    ends = (ENDS_FREE if speech.free else ENDS)[speech.relay]
    timeout = {"rest": PAUSE_BEFORE_THE_REST, "words": WORDS_GO_ON, "wait": WAITS}.get(speech.then)
    optional: dict[str, object] = {"num_digits": speech.digits} if speech.digits else {}
    if speech.hints:
        optional["hints"] = ",".join(speech.hints)
    return {
        "input": "dtmf speech",
        "action": follows,
        "method": "POST",
        "action_on_empty_result": True,
        "timeout": timeout or LISTENS[speech.relay],
        "speech_timeout": ends,
        "language": LOCALES[speech.language],
        "profanity_filter": False,
        "finish_on_key": "#",
        **optional,
    }


def _say(verb: VoiceResponse | Gather, speech: Speech) -> None:
    """By voice in one breath; for an operator a sentence at a time."""
    if speech.relay:
        for language, sentence in speech.sentences:
            _one_say(verb, language, sentence)
        return
    for language, group in groupby(speech.sentences, key=lambda one: one[0]):
        _one_say(verb, language, " ".join(sentence for _, sentence in group))


def _one_say(verb: VoiceResponse | Gather, language: str, words: str) -> None:
    verb.say(words, language=LOCALES[language], voice=VOICES[language])


def _whisper(bot: Bot, call: str) -> str:
    """What only the agent hears. Who presses 1 is put through; voicemail never does."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf",
        action=f"{bot.settings.public_base_url}{HERE}/accept",
        method="POST",
        timeout=6,
        num_digits=1,
        action_on_empty_result=True,
    )
    _one_say(gather, "en", whisper(bot, call))
    response.append(gather)
    response.hangup()
    return str(response)


def _accepted(form: Mapping[str, str]) -> str:
    """The end of this document puts them through."""
    response = VoiceResponse()
    if form.get("Digits") != "1":
        response.hangup()
    return str(response)


def _without_records(bot: Bot, form: Mapping[str, str]) -> str:
    """SQL is away: nothing can be taken down, so a person has to."""
    return render_without_records(bot.content.current, form.get("To", ""))


def render_without_records(content: Content, called: str) -> str:
    """TwiML that says we have trouble, in every language we speak, and dials the plan whose number was called."""
    plan = plan_of(content, called)
    response = VoiceResponse()
    for language in LOCALES:
        _one_say(
            response,
            language,
            render(content, plan, language, "twilio_voice", [Said("utter_call_without_records", {})]),
        )
    response.dial(canonical(plan.phone))
    return str(response)
