"""Plain records: what the CSV says of each kind, and the NDJSON of kinds for which FHIR has no resource."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from bot.records.export.people import People
from bot.records.export.since import iso

Record = dict[str, Any]  # JSON


def preference(people: People, row: RowMapping) -> Record:
    return _named(people, row) | {
        "channel": row["channel"],
        "contact": contact(people, row),
        "language": row["language"],
        "said_by": people.said_by(row["said_by"], row["member"]),
    }


def pmp_choice(people: People, row: RowMapping) -> Record:
    return _named(people, row) | {
        "provider": row["provider"],
        "provider_name": row["provider_name"],
        "kept": row["kept"],
        "effective": row["effective"].isoformat(),
        "said_by": people.said_by(row["said_by"], row["member"]),
    }


def pmp_notice(people: People, row: RowMapping) -> Record:
    """Whose provider closed, left their network or takes nobody new any more, and whether the provider is back."""
    return _numbered(people, row) | {
        "provider": row["provider"],
        "reason": row["reason"],
        "settled": _maybe(row["settled_at"]),
    }


def screening(people: People, row: RowMapping) -> Record:
    """The answers as they were stored, and what a table says beside each of them."""
    known = people.member(row["member"])
    return {
        "screening": row["run"],
        "plan": known.plan if known else None,
        "member_id": known.member_id if known else None,
        "questionnaire": row["questionnaire"],
        "status": row["status"],
        "started": iso(row["started_at"]),
        "completed": _maybe(row["completed_at"]),
        "changed": iso(row["changed_at"]),
        "language": row["language"],
        "said_by": people.said_by(row["said_by"], row["member"]),
        "items": response(people, row).get("item", []),
    }


def referral(people: People, row: RowMapping) -> Record:
    return _named(people, row) | {
        "screening": row["screening"],
        "tier": row["tier"],
        "rules": json.loads(row["rules"]),
        "state": row["state"],
        "taken_by": row["taken_by"],
        "taken": _maybe(row["taken_at"]),
        "closed": _maybe(row["closed_at"]),
        "outcome": row["outcome"],
    }


def reward(people: People, row: RowMapping) -> Record:
    """With the steps it was earned by, each named by its source and reference; the earliest first."""
    cited = people.completions(json.loads(row["completions"]))
    steps = [
        {"step": step.step, "source": step.source, "reference": step.reference, "at": iso(step.at)}
        for step in sorted(cited, key=lambda one: (int(one.at), one.step))
    ]
    return _named(people, row) | {"programme_year": row["programme_year"], "cents": row["cents"], "completions": steps}


def consented_phone(people: People, row: RowMapping) -> str | None:
    """The number (E.164) that a consent is for."""
    sealed = row["phone_sealed"]
    return people.vault.open(sealed, "consents.phone").decode() if sealed else people.phone(row["phone_index"])


def consent(people: People, row: RowMapping) -> Record:
    return _named(people, row) | {
        "phone": consented_phone(people, row),
        "kind": row["kind"],
        "status": row["status"],
        "wording": row["wording"],
        "wording_text": wording(people, row),
        "channel": row["channel"],
        "language": row["language"],
        "said_by": people.said_by(row["said_by"], row["member"]),
    }


def call_back(people: People, row: RowMapping) -> Record:
    """Whom to call, when, in which language, whether by relay, and what became of it."""
    return _numbered(people, row) | {
        "phone": people.vault.open(row["phone_sealed"], "callbacks.phone").decode(),
        "due": iso(row["due_at"]),
        "zone": row["zone"],
        "language": row["language"],
        "how": row["how"],
        "state": row["state"],
        "tries": row["tries"],
        "outcome": row["outcome"],
    }


def accommodation(people: People, row: RowMapping) -> Record:
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


def audited(people: People, row: RowMapping) -> Record:
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


# --- what several say ------------------------------------------------------------------------------------------------


def contact(people: People, row: RowMapping) -> str | None:
    """The address, email or number a member wants to be reached at."""
    sealed = row["contact_sealed"]
    return people.vault.open(sealed, "preferences.contact").decode() if sealed else None


def response(people: People, row: RowMapping) -> Record:
    """The QuestionnaireResponse of a screening as it was stored, with our own ids in it."""
    stored: Record = msgspec.json.decode(people.vault.open(row["response_sealed"], "screenings.response"))
    return stored


def wording(people: People, row: RowMapping) -> str:
    """The very words a consent was given to, or was answered with."""
    return people.vault.open(row["wording_sealed"], "consents.wording").decode()


def _named(people: People, row: RowMapping) -> Record:
    """A record that has a name outside: its uid."""
    return {"uid": row["uid"]} | _about(people, row)


def _numbered(people: People, row: RowMapping) -> Record:
    return {"id": row["id"]} | _about(people, row)


def _about(people: People, row: RowMapping) -> Record:
    known = people.member(row["member"])
    return {
        "plan": known.plan if known else None,
        "member_id": known.member_id if known else None,
        "at": iso(row["at"]),
    }


def _maybe(at: float | None) -> str | None:
    return None if at is None else iso(at)
