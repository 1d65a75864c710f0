"""What is kept of each Plan-Net resource: small records, with references between them still open."""

from __future__ import annotations

from typing import Literal

import msgspec

from bot.directory.person_names import PersonName
from bot.directory.report import Where

Accepting = Literal["newpt", "nopt", "existptonly", "existptfam", "unknown"]


class Reference(msgspec.Struct, frozen=True):
    """Another resource: its id, and the name it was given in passing."""

    id: str
    display: str = ""


class Acceptance(msgspec.Struct, frozen=True):
    """A `newpatients` extension: the word, and the one network it holds for ("": any)."""

    word: str
    network: str = ""


class Practitioner(msgspec.Struct, frozen=True):
    where: Where
    id: str
    updated: str
    active: bool
    npi: str
    name: PersonName
    gender: str
    languages: tuple[str, ...]
    taxonomies: tuple[str, ...]


class Role(msgspec.Struct, frozen=True):
    """A PractitionerRole: somebody (or, for a clinic, nobody) at some places in some networks."""

    where: Where
    id: str
    updated: str
    active: bool
    practitioner: Reference | None
    organization: Reference | None
    networks: tuple[Reference, ...]
    locations: tuple[Reference, ...]
    services: tuple[Reference, ...]
    taxonomies: tuple[str, ...]
    acceptance: tuple[Acceptance, ...]
    phone: str


class Location(msgspec.Struct, frozen=True):
    where: Where
    id: str
    updated: str
    active: bool
    name: str
    street: str
    city: str
    state: str
    zip: str
    position: tuple[float, float] | None  # latitude, longitude as given
    phone: str
    acceptance: tuple[Acceptance, ...]


class Organization(msgspec.Struct, frozen=True):
    """An organization; a network when `network` says so."""

    where: Where
    id: str
    updated: str
    active: bool
    network: bool
    npi: str
    name: str
    phone: str


class Service(msgspec.Struct, frozen=True):
    """A HealthcareService."""

    where: Where
    id: str
    updated: str
    active: bool
    organization: Reference | None
    name: str
    locations: tuple[Reference, ...]
    taxonomies: tuple[str, ...]
    languages: tuple[str, ...]
    acceptance: tuple[Acceptance, ...]
    phone: str


class Affiliation(msgspec.Struct, frozen=True):
    """An OrganizationAffiliation: an organization takes part in networks, everywhere or at some places."""

    where: Where
    id: str
    updated: str
    active: bool
    organization: Reference | None
    networks: tuple[Reference, ...]
    locations: tuple[Reference, ...]
    services: tuple[Reference, ...]
    taxonomies: tuple[str, ...]


PlanNetRecord = Practitioner | Role | Location | Organization | Service | Affiliation
