"""Ann, her son Leo and his guardian Rosa, what is recorded of them, and what exports say of it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from sqlalchemy import Engine, insert

from bot.members.roster import Details
from bot.records.export import KINDS, export, write_export
from bot.records.export.flat import unguarded
from bot.records.tables import preferences, screenings
from tests.members.people import PLANS, VAULT, at

ANN = Details("999900000001", "Ann", "Bell", "1990-05-04", zip="46201")
LEO = Details("999900000002", "Leo", "Bell", "2015-03-10", zip="46201")
SAID = {"language": "en", "said_by": "member:ann", "message_id": "SM1"}


def records(engine: Engine, kind: str, since: float | None = None) -> list[dict[str, Any]]:
    with engine.connect() as conn:
        return list(export(conn, VAULT, PLANS, kind, since))


def table(engine: Engine, kind: str, since: float | None = None) -> list[dict[str, str]]:
    """The rows of the CSV, read back."""
    out = io.BytesIO()
    write_export(engine, VAULT, PLANS, kind, since, out, as_csv=True)
    header, *rows = csv.reader(io.StringIO(out.getvalue().decode(), newline=""))
    assert KINDS[kind].columns == tuple(header)
    return [dict(zip(header, map(unguarded, row), strict=True)) for row in rows]


def add_preference(engine: Engine, member: str, when: float, **columns: object) -> None:
    row = SAID | {"member": member, "channel": "text", "at": when}
    with engine.begin() as conn:
        conn.execute(insert(preferences).values(row | columns))


def store_screening(engine: Engine, run: str, said_by: str, completed_at: float | None) -> None:
    response = {
        "resourceType": "QuestionnaireResponse",
        "id": run,
        "status": "completed",
        "subject": {"reference": "Patient/leo"},
        "source": {"reference": "Patient/leo"},
        "item": [{"linkId": "a"}],
    }
    row = {"run": run, "member": "leo", "questionnaire": "q|1", "status": "completed", "said_by": said_by,
           "response_sealed": VAULT.seal(json.dumps(response).encode(), "screenings.response"), "language": "en",
           "started_at": at(2026, 6, 1), "completed_at": completed_at}  # fmt: skip
    with engine.begin() as conn:
        conn.execute(insert(screenings).values(row))
