"""Twilio's inbound text as bytes on the wire, really signed, and the answer that must come back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bot.config import Settings
from webhooks.bench.people import Person, Town
from webhooks.sms import render_sms

PRODUCT, FLOOR, WORKER = "/webhooks/sms", "/bench/floor", "/bench/worker"
FORM = "application/x-www-form-urlencoded"
_sids = count(1)


@dataclass(frozen=True, slots=True)
class Text:
    """One signed form: where it goes, its body and its signature."""

    target: str
    sid: str
    body: bytes
    signature: str

    def on_the_wire(self) -> bytes:
        head = (
            f"POST {self.target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\n"
            f"Content-Length: {len(self.body)}\r\nX-Twilio-Signature: {self.signature}\r\n\r\n"
        )
        return head.encode() + self.body


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request on the wire and the body that must answer it."""

    request: bytes
    expected: bytes


@dataclass(frozen=True, slots=True)
class Post:
    """Signs texts to one installation."""

    settings: Settings
    town: Town

    def sign(self, sender: Person, words: str, target: str = PRODUCT) -> Text:
        sid = f"SM{next(_sids):032x}"
        form = self._form(sid, sender.phone, words)
        validator = RequestValidator(self.settings.twilio_auth_token.reveal())
        signature = validator.compute_signature(self.settings.public_base_url + target, form)
        return Text(target, sid, urlencode(form).encode(), signature)

    def exchange(self, sender: Person, words: str, reply: str) -> Exchange:
        return Exchange(self.sign(sender, words).on_the_wire(), render_sms(reply).encode())

    def floor(self, sender: Person, answer: bytes) -> Exchange:
        return Exchange(self.sign(sender, "NO", FLOOR).on_the_wire(), answer)

    def _form(self, sid: str, sender: str, words: str) -> dict[str, str]:
        """The twenty fields Twilio sends with a text."""
        return {
            "ToCountry": "US",
            "ToState": "IN",
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "ToCity": "INDIANAPOLIS",
            "FromZip": "46204",
            "SmsSid": sid,
            "FromState": "IN",
            "SmsStatus": "received",
            "FromCity": "INDIANAPOLIS",
            "Body": words,
            "FromCountry": "US",
            "To": self.town.number,
            "ToZip": "46204",
            "NumSegments": "1",
            "MessageSid": sid,
            "AccountSid": self.settings.twilio_account_sid,
            "From": sender,
            "ApiVersion": "2010-04-01",
            "MessagingServiceSid": "MG" + "b" * 32,
        }
