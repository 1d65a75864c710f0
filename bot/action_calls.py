"""Runs an action of bot.actions: in this process through rasa-sdk's executor, or on a Rasa action server."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from bot.inputs import ActionReturned

Slots = dict[str, Any]
log = logging.getLogger(__name__)

ActionRunner = Callable[[str, str, Slots], ActionReturned]  # (action, conversation, slots)

# rasa-sdk wants a domain that is not empty, and the same one always (it keeps the last it saw).
_DOMAIN: Mapping[str, Any] = {"session_config": {"session_expiration_time": 0}}


def in_process(lookups: Any) -> ActionRunner:
    """Actions run here, each thread on an event loop of its own."""
    from rasa_sdk.executor import ActionExecutor

    from bot.actions import ACTIONS, use

    use(lookups)
    executor = ActionExecutor()
    for action in ACTIONS:
        executor.register_action(action)
    loops = threading.local()  # one a thread, closed with it

    def run(action: str, conversation: str, slots: Slots) -> ActionReturned:
        if not hasattr(loops, "loop"):
            loops.loop = _Loop()
        try:
            found = loops.loop.run(executor.run(_call(action, conversation, slots)))
        except Exception as error:  # as rasa-sdk's server does: an action's fault is a failed action, not a lost turn
            log.error("an action failed", extra={"action": action, "error": type(error).__name__})
            return ActionReturned(action, {}, failed=True)
        return _returned(action, found.events if found else [])

    return run


class _Loop:
    """An event loop that is closed with its last reference: with its thread, or with the bot."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run(self, call: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(call)

    def __del__(self) -> None:
        self._loop.close()


def on_server(url: str, timeout: float) -> ActionRunner:
    """Actions run on rasa-sdk's own server at `url`. A server that fails or is slow is a failed action."""

    def run(action: str, conversation: str, slots: Slots) -> ActionReturned:
        body = json.dumps(_call(action, conversation, slots)).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return _returned(action, json.load(response).get("events", []))
        except (OSError, urllib.error.URLError, ValueError):
            return ActionReturned(action, {}, failed=True)

    return run


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
    return {
        "next_action": action,
        "sender_id": conversation,
        "version": "",
        "domain": dict(_DOMAIN),
        "tracker": tracker,
    }


def _returned(action: str, events: list[dict[str, Any]]) -> ActionReturned:
    return ActionReturned(action, {e["name"]: e["value"] for e in events if e.get("event") == "slot"})
