"""Requests signed as Twilio signs them, with Twilio's own code."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from tests.webhooks.fake_bot import ACCOUNT, BASE, TOKEN

SID = "SM" + "0123456789abcdef" * 2
FORM = "application/x-www-form-urlencoded"

Fields = Mapping[str, str | list[str]]


def sms_form(**changed: str | list[str]) -> dict[str, str | list[str]]:
    """The fields Twilio sends with a text."""
    return {
        "ToCountry": "US",
        "ToState": "IN",
        "SmsMessageSid": SID,
        "NumMedia": "0",
        "ToCity": "INDIANAPOLIS",
        "FromZip": "46204",
        "SmsSid": SID,
        "FromState": "IN",
        "SmsStatus": "received",
        "FromCity": "INDIANAPOLIS",
        "Body": "hello",
        "FromCountry": "US",
        "To": "+13175550199",
        "MessagingServiceSid": "MG" + "b2" * 16,
        "NumSegments": "1",
        "MessageSid": SID,
        "AccountSid": ACCOUNT,
        "From": "+13175550123",
        "ApiVersion": "2010-04-01",
    } | changed


class _Repeated(dict[str, list[str]]):
    getall = dict.__getitem__


def sign(url: str, fields: Fields, token: str = TOKEN, algorithm: str | None = None) -> str:
    lists = _Repeated({name: value if isinstance(value, list) else [value] for name, value in fields.items()})
    return RequestValidator(token).compute_signature(url, lists, algorithm)


def post(client, target="/webhooks/sms", fields=None, *, signed_url=None, signature=None, **options) -> TestResponse:
    """Post a form to `target`, signed for `signed_url` (by default our public address and that target)."""
    fields = sms_form() if fields is None else fields
    signature = sign(signed_url or BASE + target, fields) if signature is None else signature
    headers = {"X-Twilio-Signature": signature, **options.pop("headers", {})}
    body = urlencode(fields, doseq=True, errors="surrogatepass")
    options = {"content_type": FORM, "buffered": True, **options}
    return client.post(target, data=body, headers=headers, **options)
