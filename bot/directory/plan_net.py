"""Plan-Net FHIR (HL7 Da Vinci PDex Plan Net 1.x, R4) read into our own small records, each value repaired on the way.

One record per resource; references between them are resolved later, by bot.directory.assembly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from bot.directory.feed_files import FeedFile
from bot.directory.loose_json import Record, codes, listed, number, record, records, text
from bot.directory.person_names import person_name
from bot.directory.plan_net_records import (
    Acceptance,
    Affiliation,
    Location,
    Organization,
    PlanNetRecord,
    Practitioner,
    Reference,
    Role,
    Service,
)
from bot.directory.repairs import is_npi, language_code, npi_checks, phone_number, without_capitals, zip_code
from bot.directory.report import Ledger, Where
from bot.directory.resource_files import Progress, read_resources
from bot.directory.taxonomy import is_taxonomy_code

_ACCEPTING = ("newpt", "nopt", "existptonly", "existptfam")


def read_plan_net(
    files: Sequence[FeedFile], ledger: Ledger, today: date, progress: Progress | None = None
) -> Iterator[PlanNetRecord]:
    """Every record of the files, in the order found; other resource types are only counted.

    A period that ended before today counts as not active."""
    for where, resource in read_resources(files, ledger, progress):
        kind = text(resource["resourceType"])
        ledger.read[kind] += 1
        resource_reader = _Resource(where, resource, ledger, today)
        if kind == "Practitioner":
            yield _practitioner(resource_reader)
        elif kind == "PractitionerRole":
            yield _role(resource_reader)
        elif kind == "Location":
            yield _location(resource_reader)
        elif kind == "Organization":
            yield _organization(resource_reader)
        elif kind == "HealthcareService":
            yield _service(resource_reader)
        elif kind == "OrganizationAffiliation":
            yield _affiliation(resource_reader)


class _Resource:
    """One resource with where it stands: the readings that all types share."""

    __slots__ = ("fields", "ledger", "today", "where")

    def __init__(self, where: Where, fields: Record, ledger: Ledger, today: date) -> None:
        self.where, self.fields, self.ledger, self.today = where, fields, ledger, today

    def note(self, rule: str) -> None:
        self.ledger.note(rule, self.where)

    @property
    def id(self) -> str:
        return text(self.fields["id"])[:64]

    @property
    def updated(self) -> str:
        """`meta.lastUpdated` in UTC, always of one length so that it can be compared; "" where it is no time."""
        try:
            at = datetime.fromisoformat(text(record(self.fields.get("meta")).get("lastUpdated")))
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        except (ValueError, OverflowError):
            return ""

    @property
    def active(self) -> bool:
        off = self.fields.get("active") is False or text(self.fields.get("active")).casefold() == "false"
        ended = text(record(self.fields.get("period")).get("end"))[:10]
        return not off and not (len(ended) == 10 and ended < self.today.isoformat())

    def reference(self, name: str) -> Reference | None:
        return next(iter(self.references(name)), None)

    def references(self, name: str) -> tuple[Reference, ...]:
        found = (_reference(item) for item in listed(self.fields.get(name)))
        return tuple(dict.fromkeys(reference for reference in found if reference))

    def extensions(self, name: str) -> Iterator[Record]:
        for extension in records(self.fields.get("extension")):
            if text(extension.get("url")).rsplit("/", 1)[-1] == name:
                yield extension

    def taxonomies(self, name: str) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(c for c in (code.upper() for code in codes(self.fields.get(name))) if is_taxonomy_code(c))
        )

    def npi(self) -> str:
        """The NPI, "" where there is none; an identifier counts as one by its system, or by its type's text."""
        for identifier in records(self.fields.get("identifier")):
            value = identifier.get("value")
            if isinstance(value, int | float):
                self.note("numeric_identifier")
            if _is_npi_identifier(identifier) and (npi := self._checked_npi(text(value))):
                return npi
        return ""

    def _checked_npi(self, value: str) -> str:
        if not is_npi(value):
            self.note("npi_shape")
            return ""
        if not npi_checks(value):
            self.note("npi_check_digit")
        return value

    def phone(self) -> str:
        """The first phone number that can be called; work before others."""
        phones = [t for t in records(self.fields.get("telecom")) if text(t.get("system")) in ("phone", "")]
        for telecom in sorted(phones, key=lambda t: text(t.get("use")) != "work"):
            if found := phone_number(text(telecom.get("value"))):
                return found
            self.note("phone_unreadable")
        return ""

    def languages(self) -> tuple[str, ...]:
        found: list[str] = []
        for concept in records(self.fields.get("communication")):
            spoken = [language_code(code) for code in codes(concept)] or [language_code(text(concept.get("text")))]
            found += [code for code in spoken if code]
        return tuple(dict.fromkeys(found))

    def acceptance(self) -> tuple[Acceptance, ...]:
        return tuple(a for extension in self.extensions("newpatients") for a in self._acceptances(extension))

    def _acceptances(self, extension: Record) -> Iterator[Acceptance]:
        parts = {text(part.get("url")): part for part in records(extension.get("extension"))}
        network = _reference(parts.get("fromNetwork", {}).get("valueReference"))
        for word in codes(parts.get("acceptingPatients", {}).get("valueCodeableConcept")):
            if word not in _ACCEPTING:
                self.note("accepting_unknown")
            yield Acceptance(word if word in _ACCEPTING else "nopt", network.id if network else "")


def _is_npi_identifier(identifier: Record) -> bool:
    system = text(identifier.get("system")).rstrip("/").casefold()
    kind = record(identifier.get("type"))
    return system.endswith("us-npi") or "NPI" in codes(kind) or (not system and text(kind.get("text")) == "NPI")


def _reference(value: object) -> Reference | None:
    """`Type/id`, an absolute URL, a version of it, or `urn:uuid:`; None for anything else."""
    given = record(value)
    target = text(given.get("reference")).split("/_history/")[0].removeprefix("urn:uuid:")
    last = target.rstrip("/").rsplit("/", 1)[-1]
    return Reference(last[:64], text(given.get("display"))) if last and not last.startswith("#") else None


def _practitioner(resource: _Resource) -> Practitioner:
    gender = text(resource.fields.get("gender")).casefold()
    qualified = (c.upper() for q in records(resource.fields.get("qualification")) for c in codes(q.get("code")))
    return Practitioner(
        where=resource.where,
        id=resource.id,
        updated=resource.updated,
        active=resource.active,
        npi=resource.npi(),
        name=person_name(resource.fields.get("name")),
        gender=gender if gender in ("female", "male") else "",
        languages=resource.languages(),
        taxonomies=tuple(dict.fromkeys(code for code in qualified if is_taxonomy_code(code))),
    )


def _role(resource: _Resource) -> Role:
    networks = [_reference(e.get("valueReference")) for e in resource.extensions("network-reference")]
    return Role(
        where=resource.where,
        id=resource.id,
        updated=resource.updated,
        active=resource.active,
        practitioner=resource.reference("practitioner"),
        organization=resource.reference("organization"),
        networks=tuple(dict.fromkeys([n for n in networks if n] + list(resource.references("network")))),
        locations=resource.references("location"),
        services=resource.references("healthcareService"),
        taxonomies=resource.taxonomies("specialty"),
        acceptance=resource.acceptance(),
        phone=resource.phone(),
    )


def _location(resource: _Resource) -> Location:
    address = next(iter(records(resource.fields.get("address"))), {})
    lines = [text(line) for line in listed(address.get("line"))]
    return Location(
        where=resource.where,
        id=resource.id,
        updated=resource.updated,
        active=text(resource.fields.get("status")) in ("active", ""),
        name=without_capitals(text(resource.fields.get("name"))),
        street=without_capitals(", ".join(line for line in lines if line)),
        city=without_capitals(text(address.get("city"))),
        state=_state(text(address.get("state"))),
        zip=_zip(resource, address),
        position=_position(record(resource.fields.get("position"))),
        phone=resource.phone(),
        acceptance=resource.acceptance(),
    )


def _state(written: str) -> str:
    return written.upper() if len(written) == 2 else ""  # a name in full: the ZIP code's state is used


def _zip(resource: _Resource, address: Record) -> str:
    five, repair = zip_code(text(address.get("postalCode")), text(address.get("text")))
    if repair:
        resource.note(repair)
    return five


def _position(position: Record) -> tuple[float, float] | None:
    latitude, longitude = number(position.get("latitude")), number(position.get("longitude"))
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return latitude, longitude


def _organization(resource: _Resource) -> Organization:
    return Organization(
        where=resource.where,
        id=resource.id,
        updated=resource.updated,
        active=resource.active,
        network="ntwk" in codes(resource.fields.get("type")),
        npi=resource.npi(),
        name=without_capitals(text(resource.fields.get("name"))),
        phone=resource.phone(),
    )


def _service(resource: _Resource) -> Service:
    return Service(
        where=resource.where,
        id=resource.id,
        updated=resource.updated,
        active=resource.active,
        organization=resource.reference("providedBy"),
        name=without_capitals(text(resource.fields.get("name"))),
        locations=resource.references("location"),
        taxonomies=resource.taxonomies("specialty"),
        languages=resource.languages(),
        acceptance=resource.acceptance(),
        phone=resource.phone(),
    )


def _affiliation(resource: _Resource) -> Affiliation:
    return Affiliation(
        where=resource.where,
        id=resource.id,
        updated=resource.updated,
        active=resource.active,
        organization=resource.reference("participatingOrganization"),
        networks=resource.references("network"),
        locations=resource.references("location"),
        services=resource.references("healthcareService"),
        taxonomies=resource.taxonomies("specialty"),
    )
