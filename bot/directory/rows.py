"""Providers written as rows: only what is new or has changed."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, insert, select, update

from bot.directory.assembly import Provider, Site
from bot.directory.distance import AREA, CELL, square
from bot.directory.names import keys_of, pairs_of, words_of
from bot.directory.report import Counts
from bot.records.tables import name_keys, name_pairs, networks, provider_names, provider_sites, providers

Row = dict[str, object]


@dataclass(slots=True)
class Written:
    """Running counts of what was written."""

    providers_loaded: int = 0
    providers_updated: int = 0
    providers_unchanged: int = 0
    providers_closed: int = 0
    sites_loaded: int = 0
    sites_updated: int = 0
    sites_unchanged: int = 0
    sites_removed: int = 0
    older: int = 0  # passed over: what is there was changed later
    notices: int = 0  # members for staff, because of their provider

    def providers(self) -> Counts:
        return Counts(self.providers_loaded, self.providers_updated, self.providers_unchanged, self.providers_closed)

    def sites(self) -> Counts:
        return Counts(self.sites_loaded, self.sites_updated, self.sites_unchanged, self.sites_removed)


def write_networks(conn: Connection, names: Mapping[str, str], rename: bool = True) -> None:
    """Insert the networks, or rename them."""
    known = {row.id: row.name for row in conn.execute(select(networks))}
    new: list[Row] = [{"id": network, "name": name[:160]} for network, name in names.items() if network not in known]
    if new:
        conn.execute(insert(networks), new)
    for network, name in names.items() if rename else ():
        if known.get(network, name[:160]) != name[:160]:
            conn.execute(update(networks).where(networks.c.id == network).values(name=name[:160]))


def write_providers(
    conn: Connection, batch: Sequence[Provider], within: Collection[str], now: float, written: Written
) -> None:
    """Make the rows of these providers what they say; of their places only those in the networks `within`.

    What NPPES says changes nothing of a provider whom a Plan-Net directory holds, or NPPES itself said later."""
    ids = [provider.id for provider in batch]
    known = _rows_by_key(conn, providers, providers.c.id.in_(ids), ("id",))
    weighty = [provider for provider in batch if not _is_outdone(provider, known.get((provider.id,)))]
    written.older += len(batch) - len(weighty)
    batch = weighty
    live = [provider for provider in batch if provider.sites]
    _write_people(conn, live, known, now, written)
    _write_sites(conn, [p for p in batch if p.sites or (p.id,) in known], within, written)
    _write_names(conn, live)
    _close(conn, [p.id for p in batch if not p.sites and (p.id,) in known], known, now, written)


def _is_outdone(provider: Provider, before: Row | None) -> bool:
    if provider.source != "nppes" or before is None:
        return False
    if before["source"] == "plan_net":
        return bool(before["active"])
    return bool(provider.updated) and str(before["source_updated"]) > provider.updated


def end_providers(conn: Connection, days: Mapping[str, str], now: float, written: Written) -> None:
    """Close those whose NPI was deactivated on a day after anything else is known of them, in every network."""
    known = conn.execute(select(providers.c.id, providers.c.source_updated).where(providers.c.id.in_(days)))
    ended = [row.id for row in known if row.source_updated[:10] <= days[row.id]]
    if not ended:
        return
    gone = conn.execute(delete(provider_sites).where(provider_sites.c.provider.in_(ended)))
    written.sites_removed += gone.rowcount
    still = providers.c.id.in_(ended) & providers.c.active.is_(True)
    closed = conn.execute(update(providers).where(still).values(active=False, updated_at=now))
    written.providers_closed += closed.rowcount
    for provider in ended:
        later = (providers.c.id == provider) & (providers.c.source_updated != days[provider])
        conn.execute(update(providers).where(later).values(source_updated=days[provider]))


def _rows_by_key(
    conn: Connection, table: Table, condition: object, key: Sequence[str]
) -> dict[tuple[Hashable, ...], Row]:
    rows = conn.execute(select(table).where(condition)).mappings()  # type: ignore[arg-type]
    return {tuple(row[name] for name in key): dict(row) for row in rows}


def _write_people(
    conn: Connection, live: Sequence[Provider], known: Mapping[tuple[Hashable, ...], Row], now: float, written: Written
) -> None:
    new: list[Row] = []
    for provider in live:
        row = _provider_row(provider)
        before = known.get((provider.id,))
        stamped = row | {"source_updated": provider.updated, "updated_at": now}
        if before is None:
            new.append(stamped)
            written.providers_loaded += 1
        elif any(before[name] != value for name, value in row.items()):
            conn.execute(update(providers).where(providers.c.id == provider.id).values(**stamped))
            written.providers_updated += 1
        else:
            written.providers_unchanged += 1
    if new:
        conn.execute(insert(providers), new)


def _provider_row(provider: Provider) -> Row:
    return {
        "id": provider.id,
        "npi": provider.npi or None,
        "name": provider.name,
        "family": provider.family,
        "credential": provider.credential,
        "gender": provider.gender,
        "kinds": padded(provider.kinds),
        "taxonomies": padded(provider.taxonomies),
        "languages": padded(provider.languages[:20]),
        "active": True,
        "source": provider.source,
    }


def padded(words: Iterable[str]) -> str:
    """Words in one column, each findable by LIKE '% word %'."""
    return f" {' '.join(words)} "


def _write_sites(conn: Connection, batch: Sequence[Provider], within: Collection[str], written: Written) -> None:
    ours = provider_sites.c.provider.in_([p.id for p in batch]) & provider_sites.c.network.in_(within)
    stale = _rows_by_key(conn, provider_sites, ours, ("provider", "network", "place"))
    new: list[Row] = []
    for row in (_site_row(provider, site) for provider in batch for site in provider.sites):
        before = stale.pop((row["provider"], row["network"], row["place"]), None)
        if before is None:
            new.append(row)
            written.sites_loaded += 1
        elif any(before[name] != value for name, value in row.items()):
            conn.execute(update(provider_sites).where(provider_sites.c.id == before["id"]).values(**row))
            written.sites_updated += 1
        else:
            written.sites_unchanged += 1
    if new:
        conn.execute(insert(provider_sites), new)
    if stale:
        conn.execute(delete(provider_sites).where(provider_sites.c.id.in_([row["id"] for row in stale.values()])))
        written.sites_removed += len(stale)


def _site_row(provider: Provider, site: Site) -> Row:
    spot = site.spot
    return {
        "provider": provider.id,
        "network": site.network,
        "place": spot.id,
        "practice": site.practice,
        "street": spot.street[:160],
        "city": spot.city[:80],
        "state": spot.state,
        "zip": spot.zip,
        "phone": site.phone,
        "latitude": spot.latitude,
        "longitude": spot.longitude,
        "accepting": site.accepting,
        "kinds": padded(site.does.kinds),
        "languages": padded(provider.languages[:20]),
        "gender": provider.gender,
        "from_age": site.does.ages[0],
        "to_age": site.does.ages[1],
        "women_only": site.does.women_only,
        "cell": square(spot.latitude, spot.longitude, CELL),
        "area": square(spot.latitude, spot.longitude, AREA),
    }


def _write_names(conn: Connection, live: Sequence[Provider]) -> None:
    names = {provider.id: words_of(provider.name) for provider in live}
    family = {provider.id: set(words_of(provider.family)) for provider in live}
    wanted = {(who, word, word in family[who]) for who, words in names.items() for word in words}
    new = _make(conn, provider_names, ("provider", "word", "family"), names, wanted)
    _file_words(conn, {word for _, word, _ in new})
    pairs = {(*pair, who) for who, words in names.items() for pair in pairs_of(words)}
    _make(conn, name_pairs, ("one", "two", "provider"), names, pairs)


def _make(
    conn: Connection, table: Table, columns: Sequence[str], ids: Collection[str], wanted: set[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Make the table's rows of these providers the ones wanted; those that are new."""
    filed = select(*(table.c[name] for name in columns)).where(table.c.provider.in_(ids))
    known = {tuple(row) for row in conn.execute(filed)}
    for row in known - wanted:
        conn.execute(delete(table).where(*(table.c[name] == value for name, value in zip(columns, row, strict=True))))
    new = sorted(wanted - known)
    if new:
        conn.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in new])
    return new


def _file_words(conn: Connection, words: Collection[str]) -> None:
    """File words never met before under all their keys."""
    if not words:
        return
    met = set(
        conn.scalars(select(name_keys.c.word).where(name_keys.c.key.in_(words), name_keys.c.key == name_keys.c.word))
    )
    new: list[Row] = [{"key": key, "word": word} for word in sorted(set(words) - met) for key in sorted(keys_of(word))]
    if new:
        conn.execute(insert(name_keys), new)


def _close(
    conn: Connection, ids: Sequence[str], known: Mapping[tuple[Hashable, ...], Row], now: float, written: Written
) -> None:
    """Providers that have ended: inactive, unless another feed's network still holds them."""
    elsewhere = set(conn.scalars(select(provider_sites.c.provider).where(provider_sites.c.provider.in_(ids))))
    ended = [provider for provider in ids if provider not in elsewhere and known[(provider,)]["active"]]
    if ended:
        conn.execute(update(providers).where(providers.c.id.in_(ended)).values(active=False, updated_at=now))
        written.providers_closed += len(ended)


def providers_within(conn: Connection, within: Collection[str], source: str, after: str, most: int) -> list[str]:
    """Ids of providers of this source with a place in the networks, in order from `after` on."""
    held = (
        select(providers.c.id)
        .where(providers.c.id > after, providers.c.source == source, providers.c.active.is_(True))
        .where(exists().where(provider_sites.c.provider == providers.c.id, provider_sites.c.network.in_(within)))
    )
    return list(conn.scalars(held.order_by(providers.c.id).limit(most)))
