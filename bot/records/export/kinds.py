"""What can be exported, and what one record of each kind says. Members are named by the plan's own member ID."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from bot.flow import Plan
from bot.records.export import flat, plain, rows, transcripts
from bot.records.export.fhir import consent, response, task
from bot.records.export.people import People
from bot.records.export.plain import Record
from bot.records.tables import audit, consents, pmp_choices, preferences, rewards
from bot.vault import Vault

_ROWS_AT_ONCE = 500

Describe = Callable[[People, RowMapping], Record | None]  # None: there is nothing to tell


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of records: where they are, what is told of one, and its rows in a table with these columns."""

    rows: rows.Rows
    plain: Describe
    columns: tuple[str, ...]
    fhir: Describe | None = None  # its resource, where FHIR R4 has one
    flat: Callable[[Record], Iterable[flat.Cells]] = flat.flattened

    @property
    def record(self) -> Describe:
        """What others are given of one: its resource, or as plain a record as there is."""
        return self.fhir or self.plain


_NAMED = ("uid", "plan", "member_id", "at")
_NUMBERED = ("id", "plan", "member_id", "at")
_SAID_BY = ("said_by_role", "said_by_id", "said_by_member_id", "said_by_name")
_STEPS = tuple(
    f"{step}_{what}" for step in ("preference", "pmp", "screening") for what in ("source", "reference", "at")
)

# Columns are added at the end: others read them by their place.
KINDS: Mapping[str, Kind] = {
    "preferences": Kind(
        rows.written_once(preferences),
        plain.preference,
        (*_NAMED, "channel", "contact", "language", *_SAID_BY),
        fhir=consent.preference,
    ),
    "pmp-choices": Kind(
        rows.written_once(pmp_choices),
        plain.pmp_choice,
        (*_NAMED, "provider", "provider_name", "kept", "effective", *_SAID_BY),
        fhir=task.pmp_choice,
    ),
    "pmp-notices": Kind(rows.PMP_NOTICES, plain.pmp_notice, (*_NUMBERED, "provider", "reason", "settled")),
    "screenings": Kind(
        rows.SCREENINGS,
        plain.screening,
        (
            *("screening", "plan", "member_id", "questionnaire", "status", "started", "completed", "changed"),
            *("language", "group", "link_id", "question", "system", "code", "answer", "no_answer", *_SAID_BY),
        ),
        fhir=response.screening,
        flat=flat.answers,
    ),
    "referrals": Kind(
        rows.REFERRALS,
        plain.referral,
        (*_NAMED, "screening", "tier", "rules", "state", "taken_by", "taken", "closed", "outcome"),
        fhir=task.referral,
    ),
    "rewards": Kind(
        rows.written_once(rewards),
        plain.reward,
        (*_NAMED, "programme_year", "cents", *_STEPS),
        flat=flat.with_steps,
    ),
    "consents": Kind(
        rows.written_once(consents),
        plain.consent,
        (*_NAMED, "phone", "kind", "status", "wording", "wording_text", "channel", "language", *_SAID_BY),
        fhir=consent.consent,
    ),
    "call-backs": Kind(
        rows.CALL_BACKS,
        plain.call_back,
        (*_NUMBERED, "phone", "due", "zone", "language", "how", "state", "tries", "outcome"),
    ),
    "accommodations": Kind(rows.ACCOMMODATIONS, plain.accommodation, ("plan", "member_id", "guardian", "kind", "at")),
    "transcripts": Kind(
        transcripts.MESSAGES,
        transcripts.message,
        ("uid", "conversation", "at", "who", "text", "media", "language", "channel", "plan", "member_ids"),
    ),
    "audit": Kind(
        rows.written_once(audit), plain.audited, ("id", "at", "actor", "name", "action", "subject", "detail")
    ),
}


def export(
    conn: Connection, vault: Vault, plans: Mapping[str, Plan], kind: str, since: float | None = None
) -> Generator[Record, None, None]:
    """The records of one of KINDS that changed from `since` (UTC seconds, included) on, oldest change first: FHIR R4
    resources where there is one for the kind. The same rows, the same order.

    Raises KeyError for another kind. Use a reading connection: it streams, and must not keep writers waiting.
    """
    chosen = KINDS[kind]
    return _described(conn, vault, plans, chosen.rows, chosen.record, since)


def export_cells(
    conn: Connection, vault: Vault, plans: Mapping[str, Plan], kind: str, since: float | None = None
) -> Generator[list[str], None, None]:
    """The same as rows of a table, in the order of the kind's columns; what a record does not have is empty."""
    chosen = KINDS[kind]
    for record in _described(conn, vault, plans, chosen.rows, chosen.plain, since):
        for cells in chosen.flat(record):
            yield [cells.get(column, "") for column in chosen.columns]


def record(conn: Connection, vault: Vault, plans: Mapping[str, Plan], kind: str, uid: str) -> Record | None:
    """What `export` writes of the one record with this uid (of a screening: its run); None where there is none (yet).

    Raises KeyError for a kind that is none of KINDS, LookupError for one whose records have no uid.
    """
    chosen = KINDS[kind]
    row = conn.execute(chosen.rows.named(uid)).mappings().first()
    if row is None:
        return None
    people = People(conn, vault, plans)
    people.read_ahead([row])
    return chosen.record(people, row)


def _described(
    conn: Connection, vault: Vault, plans: Mapping[str, Plan], kept: rows.Rows, describe: Describe, since: float | None
) -> Generator[Record, None, None]:
    people = People(conn, vault, plans)
    streamed: dict[str, Any] = {"yield_per": _ROWS_AT_ONCE}
    # Closed here, also when nobody wants the rest: a server's cursor does not close itself.
    with closing(conn.execute(kept.from_(since), execution_options=streamed)) as result:
        for some in result.mappings().partitions():
            people.read_ahead(some)
            yield from (told for row in some if (told := describe(people, row)) is not None)
