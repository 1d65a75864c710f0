"""What every resource is made of: identifiers, codes, and people named as the plan knows them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping

from bot.records.export.people import People
from bot.records.export.since import iso

Resource = dict[str, Any]  # FHIR R4 JSON
Part = dict[str, Any]

OURS = "urn:carestart"
CARESTART: Part = {"type": "Device", "display": "CareStart"}
NAMELESS = "Parent or guardian"  # on file no more: a reference must say something


def resource(type: str, kind: str, row: RowMapping, name: str) -> Resource:
    """How each of our resources begins. `kind`: what its identifier names, such as consent."""
    return {
        "resourceType": type,
        "meta": {"lastUpdated": iso(row["changed_at"])},
        "identifier": [identifier(kind, name)],
    }


def identifier(kind: str, value: str) -> Part:
    return {"system": f"{OURS}:{kind}", "value": value}


def concept(kind: str, code: str, text: str = "") -> Part:
    """A CodeableConcept with a code of ours."""
    return {"coding": [{"system": f"{OURS}:{kind}", "code": code}]} | ({"text": text} if text else {})


def patient(people: People, member: str | None) -> Part | None:
    """A logical reference by the plan's own member ID; None for nobody on file."""
    return _by_member_id("Patient", people, member)


def speaker(people: People, said_by: str, about: str | None) -> Part | None:
    """Who said it: the member, a parent or guardian, somebody of staff; None before anybody was verified."""
    kind, _, id_ = said_by.partition(":")
    if kind == "member":
        return _by_member_id("Patient" if id_ == about else "RelatedPerson", people, id_)
    if kind == "guardian":
        return {"type": "RelatedPerson", "display": people.guardian_name(id_) or NAMELESS}
    return staff(people, id_) if kind == "agent" else None


def staff(people: People, id: str) -> Part:
    name = people.staff_name(id)
    return {"type": "Practitioner", "identifier": identifier("staff", id)} | ({"display": name} if name else {})


def _by_member_id(type: str, people: People, member: str | None) -> Part | None:
    known = people.member(member)
    return {"type": type, "identifier": {"system": known.system, "value": known.member_id}} if known else None


def without_nothing(resource: Resource) -> Resource:
    """FHIR has neither nulls nor empty lists: what is not known is not there."""
    return {key: value for key, value in resource.items() if value not in (None, [], {}, "")}
