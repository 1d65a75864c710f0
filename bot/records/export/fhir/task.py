"""Tasks: what the plan is to do. Enrol a member with the provider they chose; look at a screening."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import RowMapping

from bot.directory.repairs import is_npi, npi_checks
from bot.records.export.fhir.parts import (
    CARESTART,
    OURS,
    Part,
    Resource,
    concept,
    identifier,
    patient,
    resource,
    speaker,
    staff,
    without_nothing,
)
from bot.records.export.people import People
from bot.records.export.since import iso

NPI = "http://hl7.org/fhir/sid/us-npi"
PRIORITY = {"URGENT": "stat", "HIGH": "urgent", "MED": "routine"}
STATUS = {"open": "requested", "taken": "in-progress", "closed": "completed"}


def pmp_choice(people: People, row: RowMapping) -> Resource:
    """For the enrolment system: this member wants this PMP from that day on. One who keeps theirs leaves nothing to do.

    Not Patient.generalPractitioner: the enrolment system assigns, we only ask.
    """
    return without_nothing(
        _task("pmp-choice", row, row["uid"], "Enroll the member with this primary medical provider")
        | {
            "status": "completed" if row["kept"] else "requested",
            "for": patient(people, row["member"]),
            "requester": speaker(people, row["said_by"], row["member"]),
            "input": [
                _input("primary-medical-provider", "valueReference", _provider(people, row)),
                _input("effective-date", "valueDate", row["effective"].isoformat()),
                _input("kept", "valueBoolean", row["kept"]),
            ],
        }
    )


def referral(people: People, row: RowMapping) -> Resource:
    """For Member Services: look at this screening, and which rules say so."""
    tier, taken_by = row["tier"], row["taken_by"]
    return without_nothing(
        _task("referral", row, row["uid"], "Follow up on the health needs screening")
        | {
            "status": STATUS[row["state"]],
            "businessStatus": concept("referral-outcome", row["outcome"]) if row["outcome"] else None,
            "priority": PRIORITY[tier],
            "focus": {"type": "QuestionnaireResponse", "identifier": identifier("screening", row["screening"])},
            "for": patient(people, row["member"]),
            "executionPeriod": _period(row["taken_at"], row["closed_at"]),
            "requester": CARESTART,
            "owner": staff(people, taken_by.partition(":")[2]) if taken_by else None,
            "reasonCode": concept("risk-tier", tier),
            "input": [
                _input("risk-rule", "valueCoding", {"system": f"{OURS}:risk-rule", "code": rule})
                for rule in json.loads(row["rules"])
            ],
        }
    )


def _task(kind: str, row: RowMapping, name: str, what: str) -> Resource:
    return resource("Task", kind, row, name) | {
        "intent": "order",
        "code": concept("task", kind, what),
        "authoredOn": iso(row["at"]),
        "lastModified": iso(row["changed_at"]),
    }


def _provider(people: People, row: RowMapping) -> Part:
    id = row["provider"]  # the NPI, or the name that the directory has for those without one
    known = {"system": NPI, "value": id} if is_npi(id) and npi_checks(id) else identifier("provider", id)
    type = "Organization" if people.is_clinic(id) else "Practitioner"
    return {"type": type, "identifier": known, "display": row["provider_name"]}


def _period(start: float | None, end: float | None) -> Part:
    return {key: iso(at) for key, at in (("start", start), ("end", end)) if at is not None}


def _input(what: str, key: str, value: Any) -> Part:
    return {"type": concept("task-input", what), key: value}
