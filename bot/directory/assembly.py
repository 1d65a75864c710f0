"""Providers put together from Plan-Net records: who, what kind, where, in which network, taking new patients or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal

from bot.directory.plan_net_records import Acceptance, Accepting, Affiliation, Practitioner, Reference, Role, Service
from bot.directory.report import Where
from bot.directory.surroundings import Spot, Surroundings
from bot.directory.taxonomy import PRACTICES, Kind, Practice, joined, practice_of

Source = Literal["plan_net", "nppes"]

# Most cautious first: nobody is sent to a door that may be closed.
_CAUTION: tuple[Accepting, ...] = ("nopt", "existptonly", "existptfam", "unknown", "newpt")


@dataclass(frozen=True, slots=True)
class Site:
    """A provider at one place in one network."""

    network: str
    spot: Spot
    practice: str
    phone: str
    accepting: Accepting
    does: Practice


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as stored. Without sites it is closed: known, but nobody to be chosen."""

    id: str
    npi: str = ""
    name: str = ""
    family: str = ""
    credential: str = ""
    gender: str = ""
    kinds: tuple[Kind, ...] = ()
    taxonomies: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    source: Source = "plan_net"
    updated: str = ""  # when whoever made the directory last changed it, ISO


def person(
    provider: str, practitioners: Sequence[Practitioner], roles: Iterable[Role], around: Surroundings
) -> Provider | None:
    """The provider these practitioners (one person) are; without sites when it has ended; None when it is broken."""
    if len(practitioners) > 1:
        around.ledger.note("same_npi", practitioners[-1].where)
    active = [p for p in practitioners if p.active]
    if not active:
        around.ledger.passed_over["inactive practitioner"] += 1
        return Provider(provider)
    newest = max(active, key=lambda p: p.updated)
    if not newest.name.shown:
        around.ledger.note("no_name", newest.where)
        return None
    offered = [(role, does) for role in roles if (does := _practice_of(role, newest, around))]
    sites = _merged(site for role, does in offered for site in _sites(role, does, around))
    if not sites:
        return None if offered else Provider(provider)
    spoken = tuple(dict.fromkeys(code for p in active for code in p.languages)) or ("en",)
    taxonomies = _taxonomies(role.taxonomies or newest.taxonomies for role, _ in offered)
    name = newest.name
    return Provider(
        provider,
        newest.npi,
        name.shown,
        name.family,
        name.credential,
        newest.gender,
        _kinds(sites),
        taxonomies,
        spoken,
        sites,
        updated=max([newest.updated, *(role.updated for role, _ in offered)]),
    )


def _practice_of(role: Role, practitioner: Practitioner, around: Surroundings) -> Practice | None:
    """What somebody does in a role; None (and counted) where that is nothing a member can choose."""
    if not role.active:
        around.ledger.passed_over["inactive role"] += 1
        return None
    does = practice_of(role.taxonomies or practitioner.taxonomies)
    if does is None:
        around.ledger.passed_over["not a primary provider"] += 1
    elif not role.taxonomies:
        around.ledger.note("specialty_missing", role.where)
    return does


def clinics(orphans: Iterable[Role], around: Surroundings) -> Iterator[Provider]:
    """Clinics: organizations by roles that nobody fills, and by affiliations, with a clinic's taxonomy."""
    offers: defaultdict[str, list[Role]] = defaultdict(list)
    for role in orphans:
        if role.practitioner is None:
            _offer_clinic(role, offers)
        elif role.active and practice_of(role.taxonomies):
            around.ledger.note("missing_practitioner", role.where)
    for affiliations in around.affiliated.values():
        for affiliation in affiliations:
            _offer_clinic(_as_role(affiliation, around), offers)
    for organization, roles in offers.items():
        if (clinic := _clinic(organization, roles, around)) is not None:
            yield clinic


def _offer_clinic(role: Role, offers: defaultdict[str, list[Role]]) -> None:
    if role.active and role.organization and _clinic_codes(role.taxonomies):
        offers[role.organization.id].append(role)


def _clinic_codes(taxonomies: Iterable[str]) -> tuple[str, ...]:
    return tuple(code for code in taxonomies if code in PRACTICES and "clinic" in PRACTICES[code].kinds)


def _as_role(affiliation: Affiliation, around: Surroundings) -> Role:
    known = [s for reference in affiliation.services if (s := around.services.get(reference.id)) and s.active]
    taxonomies = affiliation.taxonomies or tuple(code for service in known for code in service.taxonomies)
    return Role(
        where=affiliation.where,
        id=affiliation.id,
        updated=affiliation.updated,
        active=affiliation.active,
        practitioner=None,
        organization=affiliation.organization,
        networks=affiliation.networks,
        locations=affiliation.locations,
        services=affiliation.services,
        taxonomies=taxonomies,
        acceptance=(),
        phone="",
    )


def _clinic(organization_id: str, roles: Sequence[Role], around: Surroundings) -> Provider | None:
    organization = around.organizations.get(organization_id)
    if organization is not None and not organization.active:
        around.ledger.passed_over["inactive clinic"] += 1
        return Provider(organization.npi or organization_id)
    name = organization.name if organization else around.organization_name(roles[0].organization, roles[0].where)
    if not name:
        around.ledger.note("no_name", roles[0].where)
        return None
    does = joined(PRACTICES[code] for role in roles for code in _clinic_codes(role.taxonomies))
    sites = _merged(site for role in roles if does for site in _sites(role, does, around))
    if not sites:
        return None
    services = (around.services.get(reference.id) for role in roles for reference in role.services)
    spoken = tuple(dict.fromkeys(code for service in services if service for code in service.languages)) or ("en",)
    npi = organization.npi if organization else ""
    taxonomies = _taxonomies(_clinic_codes(role.taxonomies) for role in roles)
    return Provider(
        npi or organization_id, npi, name[:160], name[:80], "", "", _kinds(sites), taxonomies, spoken, sites
    )


def _taxonomies(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for codes in lists for code in codes))[:20]


def _kinds(sites: Iterable[Site]) -> tuple[Kind, ...]:
    whole = joined(site.does for site in sites)
    return whole.kinds if whole else ()


def _merged(sites: Iterable[Site]) -> tuple[Site, ...]:
    """One site for each network and place: kinds and ages joined, and open where any of its roles is open."""
    by_key: defaultdict[tuple[str, str], list[Site]] = defaultdict(list)
    for site in sites:
        by_key[site.network, site.spot.id].append(site)
    return tuple(reduce(_both, same) for same in by_key.values())


def _both(one: Site, other: Site) -> Site:
    accepting = max(one.accepting, other.accepting, key=_CAUTION.index)
    return replace(
        one, accepting=accepting, phone=one.phone or other.phone, does=joined([one.does, other.does]) or one.does
    )


def _sites(role: Role, does: Practice, around: Surroundings) -> Iterator[Site]:
    """A role at each of its places in each of its networks."""
    services = around.services_of(role.services, role.where)
    spots = around.spots_of(role.locations, role.where) or _spots_of_services(role, services, around)
    if not spots:
        around.ledger.note("no_location", role.where)
        return
    practice = around.organization_name(role.organization, role.where)
    networks = {spot.id: _networks(role, spot, around) for spot in spots}
    if not any(networks.values()):
        around.ledger.note("no_network", role.where)
    wanted = [(spot, network) for spot in spots for network in networks[spot.id] if around.wants(network)]
    if not wanted and any(networks.values()):
        around.ledger.passed_over["other network"] += 1
    for spot, network in wanted:
        here = [s for s in services if not s.locations or any(r.id == spot.id for r in s.locations)]
        at_place = spot.location.acceptance if spot.location else ()
        said = [role.acceptance, tuple(a for s in here for a in s.acceptance), at_place]
        accepting = _accepting(said, network, role.where, around)
        yield Site(network, spot, (practice or spot.name)[:160], _phone(role, here, spot, around), accepting, does)


def _spots_of_services(role: Role, services: Iterable[Service], around: Surroundings) -> list[Spot]:
    references: list[Reference] = [reference for service in services for reference in service.locations]
    return around.spots_of(dict.fromkeys(references), role.where)


def _networks(role: Role, spot: Spot, around: Surroundings) -> tuple[str, ...]:
    """The role's own networks; where it names none, those its organization is affiliated to (there)."""
    if role.networks or role.organization is None:
        return tuple(around.active_networks(role.networks, role.where))
    here = [
        network
        for affiliation in around.affiliated.get(role.organization.id, ())
        if not affiliation.locations or any(r.id == spot.id for r in affiliation.locations)
        for network in affiliation.networks
    ]
    return tuple(around.active_networks(dict.fromkeys(here), role.where))


def _accepting(levels: Iterable[tuple[Acceptance, ...]], network: str, where: Where, around: Surroundings) -> Accepting:
    """The first level (role, service, location) that says anything for this network decides."""
    for level in levels:
        words = {a.word for a in level if a.network == network} or {a.word for a in level if not a.network}
        if len(words) > 1:
            around.ledger.note("accepting_contradiction", where)
        for word in _CAUTION:
            if word in words:
                return word
    return "unknown"


def _phone(role: Role, services: Sequence[Service], spot: Spot, around: Surroundings) -> str:
    organization = around.organizations.get(role.organization.id) if role.organization else None
    offered = [
        role.phone,
        *(s.phone for s in services),
        spot.location.phone if spot.location else "",
        organization.phone if organization else "",
    ]
    return next((phone for phone in offered if phone), "")
