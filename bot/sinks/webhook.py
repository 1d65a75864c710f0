"""Posts records to an address of the plan's, signed as the Standard Webhooks specification says
(github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from bot.config import Settings
from bot.records.dispatches import Dispatch, Sink
from bot.records.export.since import iso
from bot.sinks.http import Arrived, Failed, post

# What happened, in the specification's `type`.
_HAPPENED = {
    "preferences": "preference.chosen",
    "consents": "consent.changed",
    "pmp-choices": "pmp.chosen",
    "screenings": "screening.completed",
    "referrals": "referral.changed",
    "rewards": "reward.earned",
}


class SignedWebhook:
    """The receiver knows a repeat by its `webhook-id`, and that it is ours by any one of the signatures."""

    name: Sink = "webhook"

    def __init__(self, settings: Settings) -> None:
        self._url = settings.delivery_webhook_url.reveal()
        secrets = settings.delivery_webhook_secrets.reveal().split(",")
        self._signers = [Webhook(secret.strip()) for secret in secrets if secret.strip()]

    def send(self, dispatch: Dispatch, record: dict[str, Any], _patient: dict[str, Any] | None) -> Arrived | Failed:
        event = {"type": _HAPPENED[dispatch.kind], "timestamp": iso(dispatch.at), "data": record}
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        answer = post(self._url, body.encode(), self._headers(dispatch.uid, body))
        return answer if isinstance(answer, Failed) else Arrived()

    def _headers(self, id: str, body: str) -> dict[str, str]:
        now = datetime.now(UTC)  # of this attempt: receivers refuse what is old
        signatures = " ".join(signer.sign(id, now, body) for signer in self._signers)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signatures,
        }
