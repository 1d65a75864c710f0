"""Tables that any reader of RFC 4180 takes and no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, insert

from bot.members.cells import FORMULA_STARTS, clean
from bot.records.export import KINDS
from bot.records.export.flat import answers, csv_line, guarded, unguarded
from bot.records.tables import preferences
from tests.exports.family import SAID, add_preference, records, table
from tests.members.people import VAULT, at


@given(st.lists(st.text(), min_size=1))
def test_what_is_written_is_read_back(cells: list[str]) -> None:
    line = csv_line(cells).decode()
    assert [cells] == [[*map(unguarded, row)] for row in csv.reader(io.StringIO(line, newline=""))]


@given(st.text())
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    assert guarded(text)[:1] not in {*FORMULA_STARTS, "\t", "\r", "\n", "＝", "＋", "－", "＠"}


@pytest.mark.parametrize("text", ["=1+1", "+13175550101", "-2", "@cmd"])
def test_the_guard_is_the_one_that_imports_take_away(text: str) -> None:
    assert (text, "'" + text) == (clean(guarded(text)), guarded(text))


@pytest.mark.parametrize("text", ["'=1", "''=1", "'", "O'Neil", "'tis"])
def test_what_looks_guarded_is_told_from_what_is(text: str) -> None:
    assert text == unguarded(guarded(text))


def test_a_contact_that_is_a_formula_is_text(engine: Engine) -> None:
    evil = '=HYPERLINK("https://evil.example","a,b")\r\n@x'
    add_preference(engine, "ann", at(2026, 6, 1), contact_sealed=VAULT.seal(evil.encode(), "preferences.contact"))
    [row] = table(engine, "preferences")
    assert evil == row["contact"]


def screening(*items: dict[str, Any]) -> list[dict[str, str]]:
    return list(answers({"screening": "r1", "items": list(items)}))


def test_one_row_for_each_answer() -> None:
    coding = {"system": "http://loinc.org", "code": "LA33-6", "display": "Yes"}
    declined = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "asked-declined"}
    group = {
        "linkId": "g",
        "item": [
            {"linkId": "a", "text": "A?", "answer": [{"valueCoding": coding}, {"valueCoding": {"code": "x"}}]},
            {"linkId": "b", "text": "B?", "extension": [declined]},
        ],
    }
    number, truth = (
        {"linkId": "c", "answer": [{"valueInteger": 3}]},
        {"linkId": "d", "answer": [{"valueBoolean": True}]},
    )
    rows = screening(group, number, truth)
    assert [("a", "LA33-6", "Yes"), ("a", "x", ""), ("b", None, None), ("c", None, "3"), ("d", None, "true")] == [
        (row["link_id"], row.get("code"), row.get("answer")) for row in rows
    ]
    assert ["g", "g", "g", "", ""] == [row["group"] for row in rows]
    assert "asked-declined" == rows[2]["no_answer"]


def test_a_screening_without_answers_is_still_a_row() -> None:
    assert [{"screening": "r1"}] == screening()


def test_the_columns_are_those_that_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "exports.md").read_text("utf-8")
    for kind, told in KINDS.items():
        assert f"| `{kind}` | {', '.join(f'`{column}`' for column in told.columns)} |" in page
        assert len(told.columns) == len(set(told.columns)), kind


# --- many ------------------------------------------------------------------------------------------------------------


def asked(engine: Engine, kind: str) -> int:
    """How many queries an export takes."""
    numbers = count()

    def note(_conn: Connection, *_: Any) -> None:
        next(numbers)

    event.listen(engine, "before_execute", note)
    try:
        records(engine, kind)
    finally:
        event.remove(engine, "before_execute", note)
    return next(numbers)


def test_people_are_looked_up_for_many_rows_at_once(engine: Engine) -> None:
    said = [SAID | {"channel": "text", "member": "leo", "said_by": by} for by in ("member:ann", "guardian:g-rosa")]
    with engine.begin() as conn:
        conn.execute(insert(preferences), [one | {"at": float(n)} for n in range(600) for one in said])
    assert 1200 == len(records(engine, "preferences"))
    assert asked(engine, "preferences") <= 3  # the rows; members; guardians
