"""Sends texts through Twilio's REST API, each at most once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from ssl import SSLCertVerificationError
from urllib.parse import urlencode

from requests.exceptions import ConnectTimeout, ProxyError
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from bot.config import Settings
from bot.outbound import Accepted, Later, Outcome, Refused, Unknown, backoff
from bot.records.outbox import Due
from bot.twilio_codes import meaning_of

TIMEOUT_S = 10.0  # to connect, and again to be answered: together much less than bot.worker.SENDING_S
STATUS_PATH = "/webhooks/sms/status"

log = logging.getLogger(__name__)


class TwilioRest:
    """The way out through our Twilio account. A text sent twice arrives twice."""

    repeatable = False

    def __init__(self, settings: Settings, http: HttpClient | None = None) -> None:
        # No connection is kept: one that Twilio let fall meanwhile would look like a text whose fate is unknown.
        http = http or TwilioHttpClient(pool_connections=False, timeout=TIMEOUT_S)
        account, token = settings.twilio_account_sid, settings.twilio_auth_token.reveal()
        # Without a mapping of its own the client would read the environment.
        self._client = Client(account, token, http_client=http, environment={"TWILIO_REGION": ""})
        self._service = settings.twilio_messaging_service_sid
        self._status_url = f"{settings.public_base_url}{STATUS_PATH}"

    def send(self, text: Due) -> Outcome:
        service = {"messaging_service_sid": self._service} if self._service else {}
        callback = f"{self._status_url}?{urlencode({'outbox': text.id})}"
        try:
            message = self._client.messages.create(
                to=text.member, from_=text.ours, body=text.text, status_callback=callback, **service
            )
        except (TwilioRestException, TwilioServiceException) as error:
            return _refusal(text, error)
        except Exception as error:  # noqa: BLE001  # whatever it was: only what surely never left may be sent again
            never_left = _never_left(error)
            ids = {"outbox": text.id, "error": type(error).__name__, "sent": "no" if never_left else "unknown"}
            log.warning("Twilio did not answer", extra={"ids": ids})
            return Later(backoff(text)) if never_left else Unknown()
        return Accepted(message.sid or "")


def _refusal(text: Due, error: TwilioRestException | TwilioServiceException) -> Outcome:
    """What an answer that is no success means, by its numbers alone."""
    status, code = _number(error.status), _number(error.code)
    ids = {"outbox": text.id, "status": status, "code": code}
    if status >= 500:
        log.warning("Twilio failed", extra={"ids": ids})
        return Unknown()
    match meaning_of(code):
        case "busy":
            log.warning("Twilio is busy", extra={"ids": ids})
            return Later(backoff(text), code)
        case "settings":
            log.error("Twilio refuses our texts: see docs/operations.md, Texts that go out", extra={"ids": ids})
            return Later(backoff(text), code)
        case "other":
            log.error("Twilio refused a text", extra={"ids": ids})
    return Refused(code)


def _number(given: object) -> int:
    return given if isinstance(given, int) else 0


def _never_left(error: BaseException) -> bool:
    """No connection was made, so that nothing was sent."""
    return any(
        isinstance(cause, ConnectTimeout | ProxyError | NewConnectionError | SSLCertVerificationError)
        for cause in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those it was made of: requests and urllib3 hand the cause over as an argument."""
    yield error
    within = error.reason if isinstance(error, MaxRetryError) else next(iter(error.args), None)
    if isinstance(within, BaseException):
        yield from _causes(within)
