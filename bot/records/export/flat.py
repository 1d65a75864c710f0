"""Records as rows of a table: one value in a cell, nothing nested, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.records.export.plain import Record

Cells = dict[str, str]

# A spreadsheet runs what begins so. The guard is an apostrophe, as in files of rejected rows; what already looks
# guarded gets another one, so that taking the first away always gives back what was meant.
_RUNS = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_GUARDED = re.compile("'+[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def flattened(record: Record) -> Iterator[Cells]:
    """One row: what is nested is named by the way to it ("said_by_role"), a list is its parts with spaces between."""
    yield dict(_cells(record, ""))


def _cells(record: Record, before: str) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _cells(value, f"{before}{name}_")
        else:
            yield before + name, _cell(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def with_steps(reward: Record) -> Iterator[Cells]:
    """One row, the steps it was earned by side by side: "pmp_source", "pmp_at"..."""
    steps = {step["step"]: {key: step[key] for key in ("source", "reference", "at")} for step in reward["completions"]}
    yield from flattened({key: value for key, value in reward.items() if key != "completions"} | steps)


def answers(screening: Record) -> Iterator[Cells]:
    """One row for each answer of a QuestionnaireResponse, in the order of the form; a question that was declined has
    one too, with its reason. One without any answer has a row, so that nothing of it is lost."""
    about = dict(_cells({key: value for key, value in screening.items() if key != "items"}, ""))
    for answer in list(_items(screening["items"], "")) or [{}]:
        yield about | answer


def _items(items: Iterable[Record], group: str) -> Iterator[Cells]:
    for item in items:
        asked = {"group": group, "link_id": item["linkId"], "question": item.get("text", "")}
        if "answer" in item:
            yield from (asked | _answer(answer) for answer in item["answer"])
        elif "item" in item:
            yield from _items(item["item"], item["linkId"])
        else:
            yield asked | {"no_answer": _why_not(item)}


def _answer(answer: Record) -> Cells:
    [value] = [value for key, value in answer.items() if key.startswith("value")]
    if isinstance(value, dict):
        coding = {"system": value.get("system", ""), "code": value.get("code", ""), "answer": value.get("display", "")}
        return coding if "code" in value else {"answer": _cell(value.get("value"))}
    return {"answer": _cell(value)}


def _why_not(item: Record) -> str:
    return next((each["valueCode"] for each in item.get("extension", ()) if "valueCode" in each), "")


# --- CSV (RFC 4180) --------------------------------------------------------------------------------------------------


def csv_line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([guarded(cell) for cell in cells])
    return text.getvalue().encode()


def guarded(cell: str) -> str:
    """What no spreadsheet runs as a formula."""
    return "'" + cell if _RUNS.match(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell
