"""Nothing of a member outside what is sealed: every log record, stderr line, Redis key and byte of SQLite and every
error page is searched for all that the transcripts' people are called, reached by, born on and wrote."""

from __future__ import annotations

import csv
import logging
import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import redis
from click.testing import CliRunner
from sqlalchemy import select
from werkzeug.test import Client

import webhooks.sms
from bot.bootstrap import Bot
from bot.config import Secret
from bot.members.cells import phone as e164
from bot.members.sample import SAMPLE_ROSTER
from bot.records import tables as t
from bot.records.database import reading
from bot.turn import RecordsAway
from tests import postgres
from tests.golden import NAMES, Script, script
from tests.phone import Clock, bot_on, new_sid
from tests.twilio.signed import post, sms_form
from tests.webhooks.fake_bot import ACCOUNT, BASE, TOKEN
from webhooks.app import create_app
from webhooks.cli import carestart

ROOT = Path(__file__).parents[1]
OURS = ("bot", "nlu", "webhooks")
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
WITH_SQL = ("choose_person/parent_of_two.en", "set_preference/email_corrected.en", "verify_member/three_tries.en")
SHORTEST = 4  # characters of a secret that is looked for inside other text; shorter ones only as a whole value


# --- what is secret --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Secrets:
    """`parts` may stand nowhere. `texts` are all the texts, short ones too: none may be a value that is logged."""

    parts: frozenset[str]
    texts: frozenset[str]

    def found_in(self, text: str | bytes) -> list[str]:
        return sorted(part for part in self.parts if says(text, part))


def says(text: str | bytes, part: str) -> bool:
    """Whether `part` stands in the text as words of its own."""
    if isinstance(text, bytes):
        raw = part.encode()
        return raw in text and re.search(rb"(?<![a-zA-Z0-9])%s(?![a-zA-Z0-9])" % re.escape(raw), text) is not None
    return part in text and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) is not None


def secrets_of(told: Script, public: str) -> Secrets:
    """All that is secret in a transcript: of everyone in the roster, and what was written and answered in it.

    What the content or the directory itself holds tells nothing of a member: "menu", a doctor's name."""
    words = {turn.words for turn in told.turns}
    answers = {line for turn in told.turns for line in (turn.reply or "").splitlines()}
    numbers = {form for turn in told.turns for form in phone_forms(turn.sender)}
    parts = {part for part in roster_secrets() | words | answers | numbers if len(part) >= SHORTEST}
    return Secrets(frozenset(part for part in parts if not says(public, part.casefold())), frozenset(words))


@cache
def roster_secrets() -> frozenset[str]:
    secrets: set[str] = set()
    with SAMPLE_ROSTER.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            secrets |= set(_of_person(row))
    return frozenset(secrets - {""})


def _of_person(row: Mapping[str, str]) -> Iterator[str]:
    yield from (row[name] for name in ("first_name", "last_name", "member_id", "email", "address"))
    yield from (row["guardian_first_name"], row["guardian_last_name"])
    yield f"{row['first_name']} {row['last_name']}"
    yield f"{row['guardian_first_name']} {row['guardian_last_name']}".strip()
    yield from birth_date_forms(date.fromisoformat(row["birth_date"]))
    for column in ("phone", "guardian_phone"):
        yield from phone_forms(e164(row[column])) if row[column] else ()


def birth_date_forms(born: date) -> Iterator[str]:
    yield from (born.isoformat(), f"{born:%Y%m%d}", f"{born:%m/%d/%Y}", f"{born.month}/{born.day}/{born.year}")


def phone_forms(number: str) -> Iterator[str]:
    """+13175550110 as anyone may write it."""
    area, first, last = number[-10:-7], number[-7:-4], number[-4:]
    yield from (number, number[1:], number[-10:], f"{area}-{first}-{last}", f"({area}) {first}-{last}")


@pytest.fixture(scope="module")
def public(sample: Path) -> str:
    """The text of the content, of the provider directory and of the page on imports, which anybody may know."""
    files = (ROOT / "docs" / "imports.md", *(ROOT / "flows").rglob("*.*"))
    texts = [file.read_text("utf-8") for file in files]
    with bot_on(sample, "redis://127.0.0.1:1", Clock()) as bot, reading(bot.records) as conn:
        for table in (t.providers, t.provider_sites, t.provider_names, t.name_keys):
            texts += [" ".join(map(str, row)) for row in conn.execute(select(table))]
    return "\n".join(texts).casefold()


# --- where it is looked for ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Everything(logging.Handler):
    """Keeps every record that is logged, by whomever, from DEBUG on."""

    records: list[logging.LogRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        super(Everything, self).__init__(logging.DEBUG)

    __hash__ = object.__hash__

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def logged(request: pytest.FixtureRequest) -> Iterator[Everything]:
    """All loggers at DEBUG from before the bot is built; with some transcripts SQLAlchemy's too, which then writes out
    every statement, its parameters and rows."""
    handler, root, sql = Everything(), logging.getLogger(), logging.getLogger("sqlalchemy")
    levels = root.level, sql.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    sql.setLevel(logging.NOTSET if request.node.name.partition("[")[2][:-1] in WITH_SQL else logging.WARNING)
    yield handler
    root.setLevel(levels[0])
    sql.setLevel(levels[1])
    root.removeHandler(handler)


def everything_from_debug_on() -> None:
    """The application sets levels of its own: take them all back."""
    for name in {*logging.root.manager.loggerDict} - {"sqlalchemy"}:
        logging.getLogger(name).setLevel(logging.NOTSET)


def leaks(record: logging.LogRecord, secrets: Secrets) -> list[str]:
    """The secrets in a record: its message, arguments, extras, and the trace it brings."""
    whole = [value for value in _values(record) if value.strip() and value in secrets.texts]
    return secrets.found_in(_text(record)) + (whole if record.name.partition(".")[0] in OURS else [])


def _values(record: logging.LogRecord) -> list[str]:
    extras = {name: value for name, value in vars(record).items() if name not in STANDARD}
    return [*_leaves(record.args), *_leaves(extras)]


def _text(record: logging.LogRecord) -> str:
    trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
    return "\n".join([record.getMessage(), *_values(record), trace, record.exc_text or ""])


def all_leaks(records: Sequence[logging.LogRecord], secrets: Secrets) -> list[tuple[str, str, list[str]]]:
    """(logger, message as written, secrets) of each record that leaks; first one look at all of them together."""
    together = secrets.found_in("\n".join(map(_text, records)))
    suspects = records if together else [record for record in records if record.name.partition(".")[0] in OURS]
    found = ((record.name, str(record.msg), leaks(record, secrets)) for record in suspects)
    return [leak for leak in found if leak[2]]


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (leaf for pair in value.items() for leaf in _leaves(pair))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (leaf for item in value for leaf in _leaves(item))
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    else:
        yield str(value)


def redis_text(url: str) -> str:
    """Every key, and every value under it."""
    server = redis.Redis.from_url(url)
    read = {b"string": server.get, b"hash": server.hgetall, b"zset": lambda key: server.zrange(key, 0, -1)}
    kept = [(key, read[server.type(key)](key)) for key in server.scan_iter()]
    server.close()
    return "\n".join(_leaves(kept))


def sql_bytes(data: Path) -> bytes:
    """The database, and SQLite's write-ahead log with it."""
    if postgres.running is not None:
        return postgres.running.dump(data)
    files = sorted(data.glob("carestart.db*"))
    assert files
    return b"\n".join(file.read_bytes() for file in files)


# --- the proofs ------------------------------------------------------------------------------------------------------


@pytest.fixture
def bot(logged: Everything, tmp_path: Path, redis_url: str, sample: Path, clock: Clock) -> Iterator[Bot]:
    """A bot that knows Twilio, and whose every word is caught."""
    redis.Redis.from_url(redis_url).flushall()
    known = {"public_base_url": BASE, "twilio_account_sid": ACCOUNT, "twilio_auth_token": Secret(TOKEN)}
    with bot_on(tmp_path / "data", redis_url, clock, sample, simulator=False, twilio_opt_out="self", **known) as bot:
        yield bot


@pytest.fixture
def client(bot: Bot) -> Client:
    client = create_app(bot).test_client()
    everything_from_debug_on()
    return client


def say(client: Client, clock: Clock, told: Script) -> list[str]:
    """The transcript as Twilio would bring it; what was answered."""
    clock.now = told.at
    answers = []
    for turn in told.turns:
        clock.now += turn.wait + 5
        sid = new_sid()
        fields = {"MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "From": turn.sender, "To": told.ours}
        response = post(client, fields=sms_form(Body=turn.words, **fields))
        assert 200 == response.status_code
        answers.append(response.text)
    return answers


@pytest.mark.parametrize("name", NAMES)
def test_a_transcript_leaves_nothing_of_its_people_in_the_clear(
    name: str, bot: Bot, client: Client, clock: Clock, logged: Everything, public: str, redis_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    told = script(name)
    secrets = secrets_of(told, public)
    answers = say(client, clock, told)
    assert any("<Message>" in answer for answer in answers)
    requests = [record for record in logged.records if record.name == "webhooks.access"]
    assert len(told.turns) == len(requests), "the access log was not caught"
    assert [] == all_leaks(logged.records, secrets)
    assert [] == secrets.found_in(capsys.readouterr().err)
    assert [] == secrets.found_in(redis_text(redis_url))
    assert postgres.running is not None or (bot.settings.data / "carestart.db-wal").stat().st_size
    assert [] == secrets.found_in(sql_bytes(bot.settings.data))


def test_the_imports_log_nothing_of_their_rows(
    tmp_path: Path, sample: Path, logged: Everything, public: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Good rows, bad ones and a file that is no table: what is printed names lines and columns only."""
    monkeypatch.setenv("SAMPLE_DATA", "no")
    secrets = secrets_of(script(NAMES[0]), public)
    roster, broken, steps = (tmp_path / name for name in ("roster.csv", "broken.csv", "steps.csv"))
    text = SAMPLE_ROSTER.read_text("utf-8")
    roster.write_text(text, "utf-8")
    broken.write_text(re.sub(r",(\d{4})-(\d\d)-(\d\d),([FM]),", r",\1-13-\3,\4,", text), "utf-8")
    steps.write_text(
        "member_id,step,completed_on,source\n999900000011,pmp,2026-01-05,portal\n999900000012,none,2026-01-05,fax\n"
        "999900000099,pmp,2026-01-05,portal\n"
    )
    data = ["--data", str(tmp_path / "data")]
    with bot_on(tmp_path / "data", "redis://127.0.0.1:1", Clock(), sample):
        pass  # a database with the sample people
    printed = ""
    for arguments in (
        ["import", "members", str(roster), *data],
        ["import", "members", str(broken), "--all", *data],
        ["import", "completions", str(steps), "--all", *data],
        ["import", "members", str(ROOT / "NOTICE"), *data],
    ):
        outcome = CliRunner().invoke(carestart, arguments)
        assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
        printed += outcome.output
    assert "line" in printed
    assert [] == secrets.found_in(printed)
    assert [] == all_leaks(logged.records, secrets)


MEMBER = "+13175550110"
TEXT = "Daniel Foster born 4/23/1979 lives at 210 E Ohio St"


def a_text(**changed: str) -> dict[str, str | list[str]]:
    return sms_form(**{"Body": TEXT, "From": MEMBER, "To": "+13175550100", **changed})


def test_error_pages_say_nothing_of_the_request(
    client: Client, bot: Bot, public: str, logged: Everything, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Forged, malformed, too long, not there, a store away, a fault of ours whose own message quotes the member."""
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    secrets = Secrets(
        frozenset({"Daniel", "Foster", "4/23/1979", "Ohio St", "3175550110", "999900000011"}), frozenset()
    )
    seen = {}
    seen["forged"] = post(client, fields=a_text(), signature="forged")
    seen["malformed"] = post(client, fields=a_text(MessageSid="Daniel Foster"))
    seen["too long"] = post(client, fields=a_text(Body=TEXT * 2000))
    seen["no such page"] = client.get(f"/member/999900000011?text={TEXT}&from={MEMBER}")
    seen["no such method"] = client.put(f"/webhooks/sms?text={TEXT}")

    def away(_bot: Bot, message: object) -> None:
        raise RecordsAway(str(message))

    def broken(_bot: Bot, message: object) -> None:
        raise KeyError(str(message))

    monkeypatch.setattr(webhooks.sms, "take_turn", away)
    seen["store away"] = post(client, fields=a_text())
    monkeypatch.setattr(webhooks.sms, "take_turn", broken)
    seen["our fault"] = post(client, fields=a_text())
    statuses = {what: response.status_code for what, response in seen.items()}
    assert {
        "forged": 403, "malformed": 400, "too long": 413, "no such page": 404, "no such method": 405,
        "store away": 503, "our fault": 500,
    } == statuses  # fmt: skip
    for what, response in seen.items():
        assert [] == secrets.found_in(response.text + str(response.headers)), what
    stderr = capsys.readouterr().err
    assert "KeyError" in stderr, "the fault was not logged"
    assert [] == secrets.found_in(stderr)


# --- the checker itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("planted", "extra"),
    [
        (("from %s", "+13175550110"), {}),
        (("for Angela Moore",), {}),
        (("turn taken",), {"born": "1984-02-17"}),
        (("turn taken",), {"ids": {"member": ["999900000014"]}}),
        (("turn taken",), {"said": "1"}),
        (("%s", "I want Dr Lee, please"), {}),
        (("turn taken",), {"body": b"I want Dr Lee, please"}),
    ],
)
def test_a_planted_leak_in_a_log_is_found(
    planted: tuple[str, ...], extra: dict[str, Any], logged: Everything, public: str
) -> None:
    told = script(NAMES[0])
    words = Script(told.name, told.at, told.ours, tuple(_saying(told, "1", "I want Dr Lee, please")))
    secrets = secrets_of(words, public)
    logger = logging.getLogger("bot.planted")
    logger.debug("a turn was taken in %s ms", 12, extra={"conversation": "0a1b2c"})
    logger.debug(*planted, extra=extra)
    harmless, leaking = logged.records
    assert [] == leaks(harmless, secrets)
    assert [] != leaks(leaking, secrets)


def _saying(told: Script, *words: str) -> Iterator[Any]:
    yield from (type(told.turns[0])(word, told.turns[0].sender, None) for word in words)


def test_a_planted_leak_in_a_trace_is_found(logged: Everything, public: str) -> None:
    try:
        raise ValueError("no member 999900000014")
    except ValueError:
        logging.getLogger("bot.planted").exception("it failed")
    assert ["999900000014"] == leaks(logged.records[0], secrets_of(script(NAMES[0]), public))


def test_a_planted_leak_in_a_store_is_found(bot: Bot, public: str, redis_url: str) -> None:
    secrets = secrets_of(script(NAMES[0]), public)
    assert [] == secrets.found_in(sql_bytes(bot.settings.data)) + secrets.found_in(redis_text(redis_url))
    server = redis.Redis.from_url(redis_url)
    server.set("session:+13175550110", "sealed")
    server.close()
    assert "+13175550110" in secrets.found_in(redis_text(redis_url))
    with bot.records.begin() as conn:
        conn.execute(t.audit.insert().values(at=1.0, actor="x", action="x", subject="x", detail="of Ruth Ellison"))
    assert "Ruth Ellison" in secrets.found_in(sql_bytes(bot.settings.data))
