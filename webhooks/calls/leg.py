"""One phone on a call, as Twilio names it in every webhook."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leg:
    call_sid: str
    account_sid: str
    caller: str | None  # None: Twilio was given no number
    called: str
    direction: str = "inbound"
    parent: str = ""

    def fields(self, status: str) -> dict[str, str]:
        known = {"From": self.caller or "", "Caller": self.caller or "", "ParentCallSid": self.parent}
        return {
            "CallSid": self.call_sid,
            "AccountSid": self.account_sid,
            "To": self.called,
            "Called": self.called,
            "CallStatus": status,
            "Direction": self.direction,
            "ApiVersion": "2010-04-01",
            **{name: value for name, value in known.items() if value},
        }
