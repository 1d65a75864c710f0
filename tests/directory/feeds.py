"""Small Plan-Net feeds for tests: one practitioner, right in every way, with whatever a test spoils."""

from __future__ import annotations

import json
from pathlib import Path

Resource = dict[str, object]

PLAN_NET = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/"


def network(number: str = "net", **fields: object) -> Resource:
    kind = {"coding": [{"code": "ntwk"}]}
    return {
        "resourceType": "Organization",
        "id": number,
        "active": True,
        "type": [kind],
        "name": "The network",
    } | fields


def organization(number: str = "org", **fields: object) -> Resource:
    return {"resourceType": "Organization", "id": number, "active": True, "name": "The practice"} | fields


def practitioner(number: str = "ana", npi: object = "1000004105", **fields: object) -> Resource:
    resource: Resource = {
        "resourceType": "Practitioner",
        "id": number,
        "active": True,
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}] if npi else [],
        "name": [{"family": "Ruiz", "given": ["Ana"], "prefix": ["Dr."], "suffix": ["M.D."]}],
        "gender": "female",
        "communication": [{"coding": [{"code": "en"}]}, {"coding": [{"code": "es"}]}],
    }
    return resource | fields


def location(number: str = "loc", zip: object = "46204", **fields: object) -> Resource:
    resource: Resource = {
        "resourceType": "Location",
        "id": number,
        "status": "active",
        "name": "The building",
        "address": {"line": ["12 Lantern Street"], "city": "Indianapolis", "state": "IN", "postalCode": zip},
        "position": {"latitude": 39.77, "longitude": -86.15},
        "telecom": [{"system": "phone", "value": "317-555-0100"}],
    }
    return resource | fields


def role(number: str = "role", **fields: object) -> Resource:
    resource: Resource = {
        "resourceType": "PractitionerRole",
        "id": number,
        "active": True,
        "practitioner": to("Practitioner/ana"),
        "organization": to("Organization/org"),
        "location": [to("Location/loc")],
        "specialty": [nucc("207Q00000X")],
        "extension": [in_network("net"), accepting("newpt")],
    }
    return resource | fields


def service(number: str = "svc", **fields: object) -> Resource:
    return {"resourceType": "HealthcareService", "id": number, "active": True, "name": "The service"} | fields


def affiliation(number: str = "aff", **fields: object) -> Resource:
    resource: Resource = {
        "resourceType": "OrganizationAffiliation",
        "id": number,
        "active": True,
        "participatingOrganization": to("Organization/org"),
        "network": [to("Organization/net")],
    }
    return resource | fields


def to(reference: str, display: str = "") -> Resource:
    return {"reference": reference} | ({"display": display} if display else {})


def nucc(code: str) -> Resource:
    return {"coding": [{"system": "http://nucc.org/provider-taxonomy", "code": code}]}


def in_network(number: str) -> Resource:
    return {"url": PLAN_NET + "network-reference", "valueReference": to(f"Organization/{number}")}


def accepting(word: str, from_network: str = "") -> Resource:
    parts: list[Resource] = [{"url": "acceptingPatients", "valueCodeableConcept": {"coding": [{"code": word}]}}]
    if from_network:
        parts.append({"url": "fromNetwork", "valueReference": to(f"Organization/{from_network}")})
    return {"url": PLAN_NET + "newpatients", "extension": parts}


def whole(*others: Resource) -> list[Resource]:
    """A feed in order, with these resources added, or put in the place of those with their type and id."""
    resources = [network(), organization(), location(), practitioner(), role(), *others]
    return list({(r.get("resourceType"), r.get("id")): r for r in resources}.values())


def written(folder: Path, resources: list[Resource], name: str = "feed.ndjson") -> Path:
    """The resources as an NDJSON file in a new folder; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(json.dumps(resource) + "\n" for resource in resources), "utf-8")
    return folder
