"""What leaves after conversations through the real bot, line by line: `--update` writes what is exported now, so that
the diff of a golden file is the review of a change that others will notice."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Bot
from bot.records.database import reading
from bot.records.export import KINDS, write_export
from bot.records.export.flat import unguarded
from bot.records.export.kinds import _described
from tests.exports.fhir import assert_as_profiled, assert_valid
from tests.golden import script
from tests.phone import Clock, Phone

FOLDER = Path(__file__).parent / "golden"
SCRIPTS = ("check_progress/reward.en", "set_preference/text.es", "choose_pmp/child.en", "do_screening/pregnant.es")
GOLDEN = ("preferences", "consents", "pmp-choices", "screenings", "referrals", "rewards")
STRANGER = "+13175550188"


@pytest.fixture
def conversed(bot: Bot, clock: Clock) -> Bot:
    """All three steps and the reward; a consent in Spanish; a mother for her child; a referral; a stranger's STOP."""
    sids = count(1)
    for name in SCRIPTS:
        for turn in script(name).turns:
            clock.now += turn.wait
            Phone(bot, clock, turn.sender).text(turn.words, f"SM{next(sids):032x}", **turn.more)
    for words in ("hi", "STOP", "START"):
        Phone(bot, clock, STRANGER).text(words, f"SM{next(sids):032x}")
    return bot


def exported(bot: Bot, kind: str, *, as_csv: bool = False) -> bytes:
    out = io.BytesIO()
    write_export(bot.records, bot.vault, bot.content.current.plans, kind, None, out, as_csv=as_csv)
    return out.getvalue()


def without_chance(text: str) -> str:
    """What is random or changes with every edit of a sentence, under names that stay."""
    names: dict[str, str] = {}
    named = re.sub(r"\b[0-9a-f]{32}\b", lambda found: names.setdefault(found[0], f"uid-{len(names) + 1}"), text)
    return re.sub(r"@[0-9a-f]{12}\b", "@content", named)


def questions(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield from questions(item["item"]) if "item" in item else [item]


def test_what_was_said_is_exported_line_by_line(conversed: Bot, request: pytest.FixtureRequest) -> None:
    for kind in GOLDEN:
        for ending in ("ndjson", "csv"):
            file = FOLDER / f"{kind}.{ending}"
            text = without_chance(exported(conversed, kind, as_csv=ending == "csv").decode())
            if request.config.getoption("--update"):
                file.write_bytes(text.encode())
            assert file.read_bytes().decode() == text, file.name


def test_every_resource_of_a_conversation_is_valid_and_named_once(conversed: Bot) -> None:
    for kind in GOLDEN[:-1]:
        resources = [json.loads(line) for line in exported(conversed, kind).splitlines()]
        assert resources, kind
        for resource in resources:
            assert_valid(resource)
            if kind == "screenings":
                assert_as_profiled(resource)
        assert len(resources) == len({json.dumps(resource["identifier"]) for resource in resources})


def test_every_answer_of_a_response_is_a_row(conversed: Bot) -> None:
    lines = exported(conversed, "screenings", as_csv=True).decode()
    rows = list(csv.DictReader(io.StringIO(lines, newline="")))
    responses = [json.loads(line) for line in exported(conversed, "screenings").splitlines()]
    told = [
        (response["identifier"]["value"], item["linkId"], answer)
        for response in responses
        for item in questions(response["item"])
        for answer in item.get("answer", [{}])
    ]
    assert [(run, link) for run, link, _ in told] == [(row["screening"], row["link_id"]) for row in rows]
    for (_, _, answer), row in zip(told, rows, strict=True):
        if "valueCoding" in answer:
            assert answer["valueCoding"]["code"] == unguarded(row["code"])
            assert answer["valueCoding"]["display"] == unguarded(row["answer"])
        assert bool(answer) == (row["no_answer"] == "")


def test_a_transcript_is_what_was_said_on_every_phone(bot: Bot, clock: Clock) -> None:
    turns = script("set_preference/text.es").turns
    phone, stranger = Phone(bot, clock, turns[0].sender), Phone(bot, clock, STRANGER)
    for turn in turns:
        phone.text(turn.words)
    stranger.texts("STOP", "is anybody there?")  # the second is met with silence
    said = [
        (who, text)
        for words, reply in (*phone.said, *stranger.said)
        for who, text in (("member", words), ("bot", reply))
        if text is not None
    ]
    rows = [json.loads(line) for line in exported(bot, "transcripts").splitlines()]
    assert said == [(row["who"], row["text"]) for row in rows]
    mine, theirs = rows[:-3], rows[-3:]
    assert {("es", "sms")} == {(row["language"], row["channel"]) for row in mine}
    assert [[], [], []] == [row["member_ids"] for row in theirs]
    assert {("999900000025",)} == {tuple(row["member_ids"]) for row in mine}
    assert 2 == len({row["conversation"] for row in rows})
    assert len(rows) == len({row["uid"] for row in rows})


def test_no_cell_of_any_kind_is_lost_for_want_of_a_column(conversed: Bot) -> None:
    with reading(conversed.records) as conn:
        for kind, told in KINDS.items():
            plans = conversed.content.current.plans
            for record in _described(conn, conversed.vault, plans, told.rows, told.plain, None):
                for cells in told.flat(record):
                    assert set(cells) <= {*told.columns, "said_by"}, kind  # "said_by": empty, of nobody
