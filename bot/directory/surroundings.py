"""What roles refer to: organizations, networks, places, services. Small enough to hold in memory, unlike the people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from bot.directory.distance import miles_between
from bot.directory.plan_net_records import Affiliation, Location, Organization, Reference, Service
from bot.directory.report import Ledger, Where
from bot.directory.zips import place

BELIEVABLE_MILES = 25.0  # between a position and the middle of its ZIP code; failed geocodes lie much farther off

_R = TypeVar("_R", Location, Organization, Service, Affiliation)


@dataclass(frozen=True, slots=True)
class Spot:
    """A location with coordinates that can be believed."""

    id: str
    name: str
    street: str
    city: str
    state: str
    zip: str
    latitude: float
    longitude: float
    location: Location | None  # as Plan-Net has it


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything but the people, by id. `only` limits the networks that are wanted (None: all)."""

    ledger: Ledger
    only: frozenset[str] | None = None
    organizations: dict[str, Organization] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    affiliations: dict[str, Affiliation] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)
    affiliated: defaultdict[str, list[Affiliation]] = field(default_factory=lambda: defaultdict(list))
    networks: dict[str, str] = field(default_factory=dict)  # id -> name of every active network met

    def keep(self, record: Location | Organization | Service | Affiliation) -> None:
        """Add a record; of two with one id the one updated later stays."""
        if isinstance(record, Location):
            self._keep_newest(self.locations, record)
        elif isinstance(record, Organization):
            self._keep_newest(self.organizations, record)
        elif isinstance(record, Service):
            self._keep_newest(self.services, record)
        else:
            self._keep_newest(self.affiliations, record)

    def keep_before(self, record: Location | Organization | Service | Affiliation, only_newer: bool) -> bool:
        """Add a record that was read from an earlier file; whether it is newer than the one read now, and displaces it.

        only_newer: one that is not in this file is left out."""
        if isinstance(record, Location):
            return _keep_before(self.locations, record, only_newer)
        if isinstance(record, Organization):
            return _keep_before(self.organizations, record, only_newer)
        if isinstance(record, Service):
            return _keep_before(self.services, record, only_newer)
        return _keep_before(self.affiliations, record, only_newer)

    def _keep_newest(self, kept: dict[str, _R], record: _R) -> None:
        known = kept.get(record.id)
        if known is not None:
            self.ledger.note("duplicate_id", record.where)
        if known is None or record.updated >= known.updated:
            kept[record.id] = record

    def settle(self) -> None:
        """Once all is read: where the locations are, who is affiliated, which networks there are."""
        for location in self.locations.values():
            if location.active and (spot := _spot(location, self.ledger)):
                self.spots[location.id] = spot
        for affiliation in self.affiliations.values():
            if affiliation.active and affiliation.organization:
                self.affiliated[affiliation.organization.id].append(affiliation)
        for organization in self.organizations.values():
            if organization.network and organization.active and self.wants(organization.id):
                self.networks[organization.id] = organization.name or organization.id

    def wants(self, network: str) -> bool:
        """Whether this network is to be loaded."""
        return self.only is None or network in self.only

    def organization_name(self, reference: Reference | None, where: Where) -> str:
        """The name of an organization, or the name its reference gives it."""
        if reference is None:
            return ""
        if (organization := self.organizations.get(reference.id)) is not None:
            return organization.name
        self.ledger.note("missing_organization", where)
        return reference.display

    def spots_of(self, references: Iterable[Reference], where: Where) -> list[Spot]:
        """The places referred to, without those that are not there or are closed."""
        references = tuple(references)
        found = [self.spots[r.id] for r in references if r.id in self.spots]
        if found and len(found) < len(references):
            self.ledger.note("missing_location", where)
        return found

    def services_of(self, references: Iterable[Reference], where: Where) -> list[Service]:
        """The active services referred to."""
        found = []
        for reference in references:
            service = self.services.get(reference.id)
            if service is None:
                self.ledger.note("missing_service", where)
            elif service.active:
                found.append(service)
        return found

    def active_networks(self, references: Iterable[Reference], where: Where) -> Iterator[str]:
        """Ids of the networks referred to, without those that have ended; an unknown one is taken on trust."""
        for reference in references:
            network = self.organizations.get(reference.id)
            if network is None and reference.id not in self.networks:
                self.ledger.note("missing_network", where)
                if self.wants(reference.id):
                    self.networks[reference.id] = reference.display or reference.id
            if network is None or network.active:
                yield reference.id


def _keep_before(kept: dict[str, _R], record: _R, only_newer: bool) -> bool:
    now = kept.get(record.id)
    displaces = now is not None and "" < now.updated < record.updated
    if displaces or (now is None and not only_newer):
        kept[record.id] = record
    return displaces


def _spot(location: Location, ledger: Ledger) -> Spot | None:
    centre = place(location.zip)
    if centre is None:
        if location.zip:
            ledger.note("zip_unknown", location.where)
        if location.position is None or _is_middle_of_nowhere(location.position):
            ledger.note("no_place", location.where)
            return None
        return _at(location, location.position, location.city, location.state)
    position = (centre.latitude, centre.longitude)
    if location.position is None:
        ledger.note("no_position", location.where)
    elif miles_between(*location.position, *position) > BELIEVABLE_MILES:
        ledger.note("position_far", location.where)
    else:
        position = location.position
    return _at(location, position, location.city or centre.city, location.state or centre.state)


def _is_middle_of_nowhere(position: tuple[float, float]) -> bool:
    """The middle of the United States, where geocoders put what they cannot find, or 0, 0."""
    return (
        miles_between(*position, 39.78373, -100.445882) < BELIEVABLE_MILES or miles_between(*position, 0.0, 0.0) < 100
    )


def _at(location: Location, position: tuple[float, float], city: str, state: str) -> Spot:
    return Spot(location.id, location.name, location.street, city, state, location.zip, *position, location)
