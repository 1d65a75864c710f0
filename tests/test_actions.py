"""Actions on rasa-sdk's own server give the same conversation as in process; they write nothing; the SDK is loaded only
where actions run."""

from __future__ import annotations

import ast
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import event, func, select

from bot.action_calls import InProcess, OnServer
from bot.actions import ACTIONS
from bot.bootstrap import Bot
from bot.lookups import Lookups
from bot.records import tables as t
from bot.records.database import reading
from tests.golden import script
from tests.phone import Clock, Phone, bot_on, counts, rows
from tests.postgres import database_of

ROOT = Path(__file__).parents[1]
ACTION_FILES = sorted((ROOT / "bot" / "actions").glob("*.py"))
NAMES = {action.called for action in ACTIONS}


# --- the server ------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def action_server(data: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`carestart actions` on loopback, over this data folder; its process group, as Sanic's workers outlive a kill."""
    command = [sys.executable, "-m", "webhooks.cli", "actions", "--port", str(port), "--data", str(data)]
    environ = {**os.environ, "SAMPLE_DATA": "no", "RASA_SDK_TELEMETRY": "false", **database_of(data)}
    log = (data / "actions.log").open("wb")
    server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_until_up(server, port, data / "actions.log")
        yield server
    finally:
        kill(server)
        log.close()


def kill(server: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def _wait_until_up(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the action server did not come up:\n{log.read_text()}")


@contextmanager
def bot_with_server(data: Path, redis_url: str, sample: Path, clock: Clock, port: int) -> Iterator[Bot]:
    url = f"http://127.0.0.1:{port}/webhook"
    with bot_on(data, redis_url, clock, sample, action_endpoint_url=url) as bot:
        assert isinstance(bot.run_action, OnServer)
        yield bot


def say(bot: Bot, clock: Clock, name: str) -> tuple[list[str | None], dict[str, int]]:
    """A transcript said to this bot: its answers, and what was recorded."""
    golden = script(name)
    clock.now, heard = golden.at, []
    phones: dict[str, Phone] = {}
    for turn in golden.turns:
        clock.now += turn.wait
        phone = phones.setdefault(turn.sender, Phone(bot, clock, turn.sender, golden.ours))
        heard.append(phone.text(turn.words, **turn.more))
    return heard, counts(bot)


@pytest.mark.slow
def test_on_rasas_own_server_the_conversation_is_the_same_and_outlives_it(
    tmp_path: Path, redis_url: str, sample: Path, clock: Clock
) -> None:
    told = ("choose_pmp/search.en", "choose_person/parent_of_two.en")
    here = {}
    for number, name in enumerate(told):
        redis.Redis.from_url(redis_url).flushall()
        with bot_on(tmp_path / f"here{number}", redis_url, clock, sample) as bot:
            assert isinstance(bot.run_action, InProcess)
            here[name] = say(bot, clock, name)
    port, data = free_port(), tmp_path / "there"
    redis.Redis.from_url(redis_url).flushall()
    with bot_with_server(data, redis_url, sample, clock, port) as bot:
        with action_server(data, port) as server:
            assert here[told[0]] == say(bot, clock, told[0])
            other = say(bot, clock, told[1])
            assert here[told[1]][0] == other[0]
            phone = _until_a_look_up(bot, clock)
            kill(server)
            trouble = phone.text("yes")
            assert trouble == _spoken(bot, "utter_trouble")
            assert trouble == phone.text("1"), "the server is still away"
        before = [tuple(row) for row in rows(bot, t.answers)]
        with action_server(data, port):
            answer = phone.text("hello")
            assert answer is not None and phone.question().endswith(":ask_search")
            assert "choose_pmp" in phone.session().runs[-1].flow
            assert before == [tuple(row) for row in rows(bot, t.answers)][: len(before)]
            assert phone.question() == phone.question_from_the_log() != ""


def _until_a_look_up(bot: Bot, clock: Clock) -> Phone:
    """A member whose next yes needs an action: choosing a doctor after the preference."""
    phone = Phone(bot, clock, "+13175550111")
    phone.texts("hi", "1", "999900000012", "10/8/1962", "46806", "mail", "yes")
    assert phone.question().endswith("ask_next")
    return phone


def _spoken(bot: Bot, response: str) -> str:
    return bot.content.current.responses[response][0].text["en"].replace("{plan_phone}", "1-844-607-2829")


# --- what is registered ----------------------------------------------------------------------------------------------


def test_the_package_registers_exactly_the_actions_of_the_domain(bot: Bot) -> None:
    """In a process of its own, as rasa-sdk does it: it registers every Action it can find."""
    code = """
import json
from rasa_sdk.executor import ActionExecutor
executor = ActionExecutor()
executor.register_package("bot.actions")
print(json.dumps(sorted(executor.actions)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert sorted(NAMES) == json.loads(done.stdout.splitlines()[-1])
    declared = {name for name in bot.content.current.actions if name.startswith("action_")}
    assert declared == NAMES


@pytest.mark.parametrize(
    "statement",
    [
        "import nlu.understand, nlu.classifier, nlu.answers.provider_search",
        "import webhooks.app",
        "import bot.bootstrap",
    ],
)
def test_rasas_sdk_is_not_loaded_before_actions_run(statement: str) -> None:
    code = f"import sys; {statement}; print(sorted(name for name in sys.modules if name.startswith('rasa_sdk')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


# --- looking up only -------------------------------------------------------------------------------------------------

READERS = {
    f"bot.records{name}"
    for name in ("", ".accommodations", ".choices", ".database", ".places", ".reminders", ".rewards")
}
WRITERS = {"add_failure", "link_phone", "evaluate", "reevaluate_all", "import_members", "import_completions", "begin"}


@pytest.mark.parametrize("file", ACTION_FILES, ids=lambda file: file.name)
def test_the_actions_lean_on_nothing_that_writes(file: Path) -> None:
    used: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot.records"):
            assert node.module in READERS
        if isinstance(node, ast.Attribute):
            used.add(node.attr)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            used |= {alias.name for alias in node.names}
    assert not used & WRITERS
    assert not used & {"turn", "outbox", "insert", "update", "delete", "SessionStore", "take_turn"}


def slots_for_everything(bot: Bot) -> dict[str, Any]:
    with reading(bot.records) as conn:
        index = bot.vault.index("member_id", "indiana:999900000015")
        child = conn.execute(select(t.members.c.id).where(t.members.c.member_id_index == index)).scalar_one()
        provider = conn.execute(select(t.provider_sites.c.provider).limit(1)).scalar_one()
    return {
        "plan": "indiana", "language": "en", "channel": "twilio", "today": "2027-02-02", "phone_index": "f" * 32,
        "line": "f" * 32,
        "member_id": "999900000015", "birth_date": "2016-05-12", "zip": "46203", "guardian_name": "Angela Moore",
        "verified_member": child, "person": child, "person_age": 10.0, "person_sex": "M", "pmp_search": "near me",
        "pmp_pick": provider, "pmp_on_file_id": provider, "household": [{"value": child, "title": "Noah"}],
        "just_done": ["pmp"], "remind_when": "tomorrow", "caller_known": True, "callback_slot": "1801670400",
    }  # fmt: skip


def row_counts(bot: Bot) -> dict[str, int]:
    with reading(bot.records) as conn:
        tables = t.metadata.sorted_tables
        return {table.name: conn.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


@pytest.mark.parametrize("called", sorted(NAMES))
def test_an_action_only_reads(called: str, bot: Bot) -> None:
    statements: list[str] = []
    slots, before = slots_for_everything(bot), row_counts(bot)
    event.listen(bot.records, "before_cursor_execute", lambda *given: statements.append(given[2].lstrip().upper()))
    returned = bot.run_action(called, "conversation", slots)
    assert not returned.failed
    assert returned.slots
    assert {"SELECT", "BEGIN"} >= {statement.split()[0] for statement in statements}
    assert before == row_counts(bot)


def test_a_wrong_guess_is_counted_by_the_turn_and_not_by_the_action(bot: Bot) -> None:
    slots = slots_for_everything(bot) | {"zip": "00000"}
    assert "failed" == bot.run_action("action_verify_member", "conversation", slots).slots["verification"]
    assert [] == rows(bot, t.verification_failures)


def test_an_action_that_raises_has_failed_and_says_nothing_of_why(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    returned = bot.run_action("action_verify_member", "conversation", {"plan": "indiana", "member_id": "999900000011"})
    assert returned.failed and {} == returned.slots
    assert "999900000011" not in caplog.text


def test_an_unknown_action_has_failed(bot: Bot) -> None:
    assert bot.run_action("action_of_nobody", "conversation", {}).failed


def test_what_actions_look_up_is_their_own_process_s_where_nobody_lends_theirs(bot: Bot, clock: Clock) -> None:
    """`use` is what the web process calls; the day is the turn's, not the server's."""
    look = Lookups(replace(bot.settings), bot.records, bot.vault, bot.content, clock)
    assert "2027-02-02" == look.today({"today": "2027-02-02"}).isoformat()
    ahead = look.now({"today": "2027-02-05", "plan": "indiana"}) - clock()
    assert 3 * 86_400 == pytest.approx(ahead, abs=1)
