"""Consents: how a member wants to be reached, and that a phone may be texted or may not."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from sqlalchemy import RowMapping

from bot.records.export.fhir.parts import Part, Resource, concept, patient, resource, speaker, without_nothing
from bot.records.export.people import People
from bot.records.export.plain import consented_phone, contact, wording
from bot.records.export.since import iso

_PRIVACY = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]}
_CONSENT_DOCUMENT = {"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}
_RECIPIENT = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}
_HOW_TO_COMMUNICATE = {  # a member may ask to be reached in another way or at another place
    "policy": [
        {
            "authority": "https://www.hhs.gov",
            "uri": "https://www.ecfr.gov/current/title-45/part-164/section-164.522",
        }
    ],
    "policyRule": {"text": "45 CFR 164.522(b)"},
}
_CALLS_AND_TEXTS = {  # the Telephone Consumer Protection Act's rules
    "policy": [
        {
            "authority": "https://www.fcc.gov",
            "uri": "https://www.ecfr.gov/current/title-47/part-64/section-64.1200",
        }
    ],
    "policyRule": {"text": "47 CFR 64.1200"},
}
_REACHED = "reached"  # the contained one: who is reached, and how
_LANGUAGES = {"en": "English", "es": "Spanish"}


def preference(people: People, row: RowMapping) -> Resource:
    """The channel, the contact and the language a member wants, as a permission to reach them so.

    The contained Patient says how they want to be reached. It is not the plan's Patient: nothing here may overwrite
    the plan's master record.
    """
    reached: Part = {
        "resourceType": "Patient",
        "id": _REACHED,
        **_contact(row["channel"], contact(people, row)),
        "communication": [{"language": _language(row["language"]), "preferred": True}],
    }
    return _consent("preference", people, row, "communication-preference", "permit", reached) | _HOW_TO_COMMUNICATE


def consent(people: People, row: RowMapping) -> Resource:
    """That a phone may be texted, or may not any more, with the very words that were shown."""
    granted = "permit" if row["status"] == "granted" else "deny"
    made = _consent("consent", people, row, row["kind"], granted, _whose_phone(people, row)) | _CALLS_AND_TEXTS
    return made | {"sourceAttachment": _shown(people, row)}


def _consent(kind: str, people: People, row: RowMapping, category: str, type: str, reached: Part | None) -> Resource:
    by = speaker(people, row["said_by"], row["member"])
    return without_nothing(
        resource("Consent", kind, row, row["uid"])
        | {
            "contained": [reached] if reached else None,
            "status": "active",
            "scope": _PRIVACY,
            "category": [_CONSENT_DOCUMENT, concept("consent-category", category)],
            "patient": patient(people, row["member"]),
            "dateTime": iso(row["at"]),
            "performer": [by] if by else None,
            "provision": _provision(type, row["channel"], reached),
        }
    )


def _provision(type: str, channel: str, reached: Part | None) -> Part:
    provision: Part = {"type": type, "code": [concept("channel", channel)]}
    if reached:
        provision["actor"] = [{"role": _RECIPIENT, "reference": {"reference": f"#{_REACHED}"}}]
    return provision


def _contact(channel: str, contact: str | None) -> dict[str, Any]:
    if not contact:
        return {}
    if channel == "mail":
        return {"address": [{"type": "postal", "text": contact}]}
    return {"telecom": [{"system": "sms" if channel == "text" else "email", "value": contact, "rank": 1}]}


def _language(code: str) -> Part:
    return {"coding": [{"system": "urn:ietf:bcp:47", "code": code, "display": _LANGUAGES[code]}]}


def _whose_phone(people: People, row: RowMapping) -> Part | None:
    """Who holds the phone: whoever spoke on it, or, where nobody verified, a Patient with nothing but a number."""
    number = consented_phone(people, row)
    if number is None:
        return None
    telecom = [{"system": "sms", "value": number}]
    by, about = speaker(people, row["said_by"], row["member"]), patient(people, row["member"])
    if by is None or about is None or by["type"] != "RelatedPerson":
        return {"resourceType": "Patient", "id": _REACHED, "telecom": telecom}
    name = [{"text": by["display"]}] if "display" in by else None
    known = [by["identifier"]] if "identifier" in by else None
    related = {"id": _REACHED, "identifier": known, "patient": about, "name": name, "telecom": telecom}
    return without_nothing({"resourceType": "RelatedPerson", **related})


def _shown(people: People, row: RowMapping) -> Part:
    """The words, and the name and digest of the content they are from."""
    text = wording(people, row).encode()
    shown = {"contentType": "text/plain; charset=utf-8", "language": row["language"], "data": b64encode(text).decode()}
    return (shown if text else {}) | {"title": row["wording"], "creation": iso(row["at"])}
