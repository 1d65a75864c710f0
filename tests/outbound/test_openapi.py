"""Our requests against Twilio's own description of its API, served by Prism: the shape of what we send, and that
Twilio's client reads what comes back."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Bot
from bot.outbound import Accepted, Refused
from bot.records.outbox import Due
from bot.twilio_rest import TwilioRest
from tests.outbound.fake_twilio import Loopback
from tests.peers import node_peer
from tests.phone import OURS

PATIENCE_S = 60.0
TEXT = Due("0f" * 16, "conversation", None, "¿Está listo?", "+13175550199", OURS, allowed=True, attempt=1)


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = node_peer("@stoplight/prism-cli/dist/index.js")
    described = node_peer("@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json")
    folder = tmp_path_factory.mktemp("prism")
    trimmed = folder / "messages.json"
    trimmed.write_text(json.dumps(messages_only(json.loads(described.read_text()))))
    with served(program, trimmed, folder / "log") as address:
        yield address


def messages_only(api: dict[str, Any]) -> dict[str, Any]:
    """The description of Messages alone: the whole takes Prism long to read."""
    paths = {path: what for path, what in api["paths"].items() if re.search(r"/Messages(/\{Sid\})?\.json$", path)}
    for form in forms(paths):
        # Not said in Twilio's description: a list is sent as one field for each of its values.
        lists = [name for name, kind in form["schema"]["properties"].items() if kind.get("type") == "array"]
        form["encoding"] = {name: {"style": "form", "explode": True} for name in lists}
    return {**api, "paths": paths}


def forms(paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in paths.values():
        content = path.get("post", {}).get("requestBody", {}).get("content", {})
        if "application/x-www-form-urlencoded" in content:
            yield content["application/x-www-form-urlencoded"]


@contextmanager
def served(program: Path, description: Path, log: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", str(program), "mock", "-h", "127.0.0.1", "-p", str(port), str(description)]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            until_it_answers(address, log)
            yield address
        finally:
            process.terminate()


def until_it_answers(address: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"Prism did not start: {log.read_text()}")


@pytest.mark.parametrize("service", ["", "MG" + "b2" * 16])
def test_twilios_description_takes_what_we_send(bot: Bot, prism: str, service: str) -> None:
    settings = replace(bot.settings, twilio_messaging_service_sid=service)
    outcome = TwilioRest(settings, Loopback(prism, timeout=30)).send(TEXT)
    assert isinstance(outcome, Accepted)
    assert re.fullmatch("(SM|MM)[0-9a-f]{32}", outcome.sid)


@pytest.mark.parametrize(
    "changed",
    [
        {"twilio_messaging_service_sid": "MG1"},
        {"public_base_url": "not an address"},
        {"twilio_account_sid": "AC1"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_it_does_not_take_what_it_should_not(bot: Bot, prism: str, changed: dict[str, str]) -> None:
    """Else that it takes ours says nothing."""
    assert Refused(422) == TwilioRest(replace(bot.settings, **changed), Loopback(prism, timeout=30)).send(TEXT)
