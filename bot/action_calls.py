"""Runs an action of bot.actions: in this process through rasa-sdk's executor, or on a Rasa action server."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Protocol

from bot.inputs import ActionReturned
from bot.lookups import Lookups

log = logging.getLogger(__name__)

Slots = dict[str, Any]

# rasa-sdk wants a domain that is not empty, and the same one always (it keeps the last it saw).
_DOMAIN: Mapping[str, Any] = {"session_config": {"session_expiration_time": 0}}


class ActionRunner(Protocol):
    """Runs an action for a conversation (its keyed hash) with these slots."""

    def __call__(self, action: str, conversation: str, slots: Slots) -> ActionReturned: ...
    def close(self) -> None: ...


class InProcess:
    """Actions run here, each thread on an event loop of its own. Only the listed actions are known."""

    def __init__(self, lookups: Lookups) -> None:
        from rasa_sdk.executor import ActionExecutor  # rasa-sdk is loaded only where actions run

        from bot.actions import ACTIONS, use

        use(lookups)
        self._executor = ActionExecutor()
        for action in ACTIONS:
            self._executor.register_action(action)
        self._mine = threading.local()
        self._loops: list[asyncio.AbstractEventLoop] = []

    def __call__(self, action: str, conversation: str, slots: Slots) -> ActionReturned:
        try:
            found = self._loop().run_until_complete(self._executor.run(_call(action, conversation, slots)))
        except Exception as error:  # noqa: BLE001  (rasa-sdk's server does so too: not the turn fails)
            log.error("an action failed", extra={"action": action, "error": type(error).__name__})
            return ActionReturned(action, {}, failed=True)
        return _returned(action, found.events if found else [])

    def close(self) -> None:
        for loop in self._loops:
            loop.close()

    def _loop(self) -> asyncio.AbstractEventLoop:
        if not hasattr(self._mine, "loop"):
            self._mine.loop = asyncio.new_event_loop()
            self._loops.append(self._mine.loop)
        loop: asyncio.AbstractEventLoop = self._mine.loop
        return loop


class OnServer:
    """Actions run on rasa-sdk's own server at `url`. One that errs, or takes over `timeout` seconds, has failed."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url, self._timeout = url, timeout

    def __call__(self, action: str, conversation: str, slots: Slots) -> ActionReturned:
        body = json.dumps(_call(action, conversation, slots)).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:
                return _returned(action, json.load(response).get("events", []))
        except (OSError, urllib.error.URLError, ValueError) as error:
            log.error("an action failed", extra={"action": action, "error": type(error).__name__})
            return ActionReturned(action, {}, failed=True)

    def close(self) -> None:
        """Nothing is held open."""


def _call(action: str, conversation: str, slots: Slots) -> dict[str, Any]:
    """rasa-sdk's own form of a call; made anew each time, because it may change what it is given."""
    tracker = {
        "sender_id": conversation,
        "slots": slots,
        "latest_message": {},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    domain = dict(_DOMAIN)
    return {"next_action": action, "sender_id": conversation, "version": "", "domain": domain, "tracker": tracker}


def _returned(action: str, events: list[dict[str, Any]]) -> ActionReturned:
    return ActionReturned(action, {e["name"]: e["value"] for e in events if e.get("event") == "slot"})
