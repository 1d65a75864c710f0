"""Tells staff of an urgent hand-off or a call-back due, by webhook or email: what, where, when; no PHI."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import smtplib
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import requests

from bot.config import Settings
from bot.records.alerts import CALLBACK_DUE, URGENT_HANDOFF, Alert

TIMEOUT_S = 10.0
SIGNATURE = "X-CareStart-Signature"  # sha256=HMAC of the body under ONCALL_WEBHOOK_SECRET

_SUBJECTS = {URGENT_HANDOFF: "URGENT CareStart hand-off", CALLBACK_DUE: "CareStart call-back due"}

log = logging.getLogger(__name__)


def tell(settings: Settings, alert: Alert) -> bool:
    """Send one alert; whether it arrived."""
    try:
        _WAYS[alert.way](settings, alert)
    except (requests.RequestException, smtplib.SMTPException, OSError) as error:
        log.error("staff could not be alerted", extra={"ids": {"way": alert.way, "error": type(error).__name__}})
        return False
    return True


def _by_webhook(settings: Settings, alert: Alert) -> None:
    body = json.dumps(facts(alert)).encode()
    key = settings.oncall_webhook_secret.reveal().encode()
    signature = {SIGNATURE: f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"} if key else {}
    headers = {"Content-Type": "application/json", **signature}
    url = settings.oncall_webhook_url.reveal()
    answer = requests.post(url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    answer.raise_for_status()
    if answer.is_redirect:
        raise requests.HTTPError("redirected")


def _by_email(settings: Settings, alert: Alert) -> None:
    message = EmailMessage()
    message["Subject"] = f"{_SUBJECTS[alert.kind]}: {alert.reason}"
    message["From"] = settings.oncall_email_from or settings.oncall_email
    message["To"] = settings.oncall_email
    message.set_content("".join(f"{name}: {value}\n" for name, value in facts(alert).items()))
    server = urlsplit(settings.smtp_url.reveal())
    with _connection(server.scheme, server.hostname or "localhost", server.port) as line:
        if server.scheme == "smtp+starttls":
            line.starttls(context=ssl.create_default_context())
        if server.username:
            line.login(unquote(server.username), unquote(server.password or ""))
        line.send_message(message)


def _connection(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_S, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 25, timeout=TIMEOUT_S)


def facts(alert: Alert) -> Mapping[str, str]:
    """What an alert says."""
    return {
        "event": alert.kind,
        "alert": str(alert.id),
        "reason": alert.reason,
        "conversation": alert.conversation,
        "at": datetime.fromtimestamp(alert.at, UTC).isoformat(timespec="seconds"),
    }


_WAYS: Mapping[str, Callable[[Settings, Alert], None]] = {"webhook": _by_webhook, "email": _by_email}
