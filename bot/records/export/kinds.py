"""What can be exported, and what one record of each kind says. Members are named by the plan's own member ID."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Select, Table, func, select

from bot.records.export.people import People
from bot.records.export.since import iso
from bot.records.tables import (
    accommodations,
    audit,
    callbacks,
    completions,
    consents,
    pmp_choices,
    pmp_notices,
    preferences,
    referrals,
    rewards,
    screenings,
)
from bot.vault import Vault

Record = dict[str, Any]  # JSON

_ROWS_AT_ONCE = 500
_MEMBER_ID_SYSTEM = "urn:carestart:member-id:"  # and the plan's id


def export(conn: Connection, vault: Vault, kind: str, since: float | None = None) -> Iterator[Record]:
    """The records of one of KINDS from `since` (UTC seconds, included) on, oldest first; the same rows, the same order.

    Raises KeyError for another kind. Use a reading connection: it streams, and must not keep writers waiting.
    """
    query, describe = KINDS[kind]
    people = People(conn, vault)
    rows = conn.execution_options(yield_per=_ROWS_AT_ONCE).execute(query(since)).mappings()
    for row in rows:
        yield describe(people, row)


def _preference(people: People, row: RowMapping) -> Record:
    contact = row["contact_sealed"]
    return _about(people, row) | {
        "channel": row["channel"],
        "contact": people.vault.open(contact, "preferences.contact").decode() if contact else None,
        "language": row["language"],
        "said_by": people.said_by(row["said_by"], row["member"]),
    }


def _pmp_choice(people: People, row: RowMapping) -> Record:
    return _about(people, row) | {
        "provider": row["provider"],
        "provider_name": row["provider_name"],
        "kept": row["kept"],
        "effective": row["effective"].isoformat(),
        "said_by": people.said_by(row["said_by"], row["member"]),
    }


def _pmp_notice(people: People, row: RowMapping) -> Record:
    """Whose provider closed, left their network or takes nobody new any more, and whether the provider is back."""
    return _about(people, row) | {
        "provider": row["provider"],
        "reason": row["reason"],
        "settled": iso(row["settled_at"]) if row["settled_at"] is not None else None,
    }


def _screening(people: People, row: RowMapping) -> Record:
    """The FHIR QuestionnaireResponse as stored; only people are named as the plan knows them."""
    stored = people.vault.open(row["response_sealed"], "screenings.response")
    response: Record = msgspec.json.decode(stored)
    known = people.member(row["member"])
    if known is not None:
        identifier = {"system": _MEMBER_ID_SYSTEM + known.plan, "value": known.member_id}
        response["subject"] = {"type": "Patient", "identifier": identifier}
    response["source"] = _source(people, row, response)
    return response


def _source(people: People, row: RowMapping, response: Record) -> Record:
    kind, _, id_ = str(row["said_by"]).partition(":")
    if kind == "member" and id_ == row["member"]:
        return dict(response["subject"])
    if kind == "guardian":
        return {"type": "RelatedPerson", "display": people.guardian_name(id_)}
    speaker = people.member(id_) if kind == "member" else None
    if speaker is not None:
        identifier = {"system": _MEMBER_ID_SYSTEM + speaker.plan, "value": speaker.member_id}
        return {"type": "RelatedPerson", "identifier": identifier}
    return dict(response.get("source", {}))


def _referral(people: People, row: RowMapping) -> Record:
    return _about(people, row) | {
        "screening": row["screening"],
        "tier": row["tier"],
        "rules": json.loads(row["rules"]),
        "state": row["state"],
        "outcome": row["outcome"],
    }


def _reward(people: People, row: RowMapping) -> Record:
    cited = select(completions).where(completions.c.id.in_(json.loads(row["completions"]))).order_by(completions.c.id)
    steps = [
        {"id": step.id, "step": step.step, "source": step.source, "reference": step.reference, "at": iso(step.at)}
        for step in people.conn.execute(cited)
    ]
    return _about(people, row) | {"programme_year": row["programme_year"], "cents": row["cents"], "completions": steps}


def _consent(people: People, row: RowMapping) -> Record:
    return _about(people, row) | {
        "phone": people.phone(row["phone_index"]),
        "kind": row["kind"],
        "status": row["status"],
        "wording": row["wording"],
        "wording_text": people.vault.open(row["wording_sealed"], "consents.wording").decode(),
        "channel": row["channel"],
        "language": row["language"],
        "said_by": people.said_by(row["said_by"], row["member"]),
    }


def _call_back(people: People, row: RowMapping) -> Record:
    """Whom to call, when, in which language, whether by relay, and what became of it."""
    return _about(people, row) | {
        "phone": people.vault.open(row["phone_sealed"], "callbacks.phone").decode(),
        "due": iso(row["due_at"]),
        "zone": row["zone"],
        "language": row["language"],
        "how": row["how"],
        "state": row["state"],
        "tries": row["tries"],
        "outcome": row["outcome"],
    }


def _accommodation(people: People, row: RowMapping) -> Record:
    """How somebody needs to be spoken with: a member by ID, or a guardian by name."""
    kind, _, id_ = str(row["speaker"]).partition(":")
    known = people.member(id_) if kind == "member" else None
    return {
        "plan": known.plan if known else None,
        "member_id": known.member_id if known else None,
        "guardian": people.guardian_name(id_) if kind == "guardian" else None,
        "kind": row["kind"],
        "at": iso(row["at"]),
    }


def _audited(people: People, row: RowMapping) -> Record:
    """Who of staff or which command did what, when."""
    kind, _, id_ = str(row["actor"]).partition(":")
    return {
        "id": row["id"],
        "at": iso(row["at"]),
        "actor": row["actor"],
        "name": people.staff_name(id_) if kind == "agent" else None,
        "action": row["action"],
        "subject": row["subject"],
        "detail": row["detail"],
    }


def _about(people: People, row: RowMapping) -> Record:
    known = people.member(row["member"])
    return {
        "id": row["id"],
        "plan": known.plan if known else None,
        "member_id": known.member_id if known else None,
        "at": iso(row["at"]),
    }


# --- queries ---------------------------------------------------------------------------------------------------------

Query = Callable[[float | None], Select[*tuple[Any, ...]]]


def _by_time(table: Table) -> Query:
    """The table's rows by when they were written."""

    def query(since: float | None) -> Select[*tuple[Any, ...]]:
        rows = select(table).order_by(table.c.at, table.c.id)
        return rows if since is None else rows.where(table.c.at >= since)

    return query


def _accommodations(since: float | None) -> Select[*tuple[Any, ...]]:
    rows = select(accommodations).order_by(accommodations.c.at, accommodations.c.speaker)
    return rows if since is None else rows.where(accommodations.c.at >= since)


def _screenings(since: float | None) -> Select[*tuple[Any, ...]]:
    """By when they were completed, or begun; those without an answer yet have nothing to export."""
    at = func.coalesce(screenings.c.completed_at, screenings.c.started_at)
    rows = select(screenings).where(screenings.c.response_sealed.is_not(None)).order_by(at, screenings.c.run)
    return rows if since is None else rows.where(at >= since)


KINDS: Mapping[str, tuple[Query, Callable[[People, RowMapping], Record]]] = {
    "preferences": (_by_time(preferences), _preference),
    "pmp-choices": (_by_time(pmp_choices), _pmp_choice),
    "pmp-notices": (_by_time(pmp_notices), _pmp_notice),
    "screenings": (_screenings, _screening),
    "referrals": (_by_time(referrals), _referral),
    "rewards": (_by_time(rewards), _reward),
    "consents": (_by_time(consents), _consent),
    "call-backs": (_by_time(callbacks), _call_back),
    "accommodations": (_accommodations, _accommodation),
    "audit": (_by_time(audit), _audited),
}
