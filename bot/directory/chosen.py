"""Members whose primary provider has closed, left their plan's networks, or takes nobody new any more: for staff.

Noted in the transaction that changed the provider, so each change is noted once however often a file is loaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Select, func, insert, or_, select, update
from sqlalchemy import literal_column as literal

from bot.records.tables import members, pmp_choices, pmp_notices, providers
from bot.records.tables import provider_sites as sites

Reason = Literal["closed", "left_network", "not_accepting"]

_Standing = int  # 0: nowhere in the plan's networks; 1: there, but takes nobody new; 2: there and open
_OPEN = ("newpt", "unknown")
_MOST_IDS = 5_000


@dataclass(frozen=True, slots=True)
class ClosedChoice:
    """A member, by our id, whose primary provider can no longer be theirs, and since when (UTC seconds)."""

    notice: int
    member: str
    plan: str
    provider: str
    provider_name: str
    reason: Reason
    at: float


@dataclass(slots=True)
class Watch:
    """The primary providers among some providers, as they stood before these were written."""

    conn: Connection
    plans: Mapping[str, Collection[str]]  # plan id -> its networks; a plan that is not there has every network
    chosen: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # provider -> (member, plan)
    before: Mapping[tuple[str, str], _Standing] = field(default_factory=dict)


def watch(conn: Connection, ids: Sequence[str], plans: Mapping[str, Collection[str]]) -> Watch:
    """Look before writing; `note_losses` looks again afterwards."""
    watched = Watch(conn, plans, _who_chose(conn, ids))
    watched.before = _standings(watched)
    return watched


def note_losses(watched: Watch, now: float) -> int:
    """Note each member who lost their provider meanwhile, settle the notices of those who have them back; how many."""
    if not watched.chosen:
        return 0
    after, conn = _standings(watched), watched.conn
    noted = []
    for provider, those in watched.chosen.items():
        for member, plan in those:
            was, now_is = watched.before[provider, plan], after[provider, plan]
            if now_is > was:
                _settle(conn, member, provider, now)
            elif now_is < was:
                reason = "not_accepting" if now_is else _how_gone(conn, provider)
                _settle(conn, member, provider, now)  # one open notice at a time
                noted.append({"member": member, "provider": provider, "reason": reason, "at": now})
    if noted:
        conn.execute(insert(pmp_notices), noted)
    return len(noted)


def closed_choices(conn: Connection) -> list[ClosedChoice]:
    """Every member still without: the provider is not back, the member has chosen nobody else, and staff have not seen
    to it. Latest first."""
    mine = _current().subquery()
    n = pmp_notices.c
    rows = conn.execute(
        select(n.id, n.member, mine.c.plan, n.provider, providers.c.name, n.reason, n.at)
        .join(mine, (mine.c.member == n.member) & (mine.c.provider == n.provider))
        .join(providers, providers.c.id == n.provider)
        .where(n.settled_at.is_(None))
        .order_by(n.at.desc(), n.id.desc())
    )
    return [ClosedChoice(*row) for row in rows]


def is_noted(conn: Connection, notice: int) -> bool:
    """Whether there is such a notice, settled or not."""
    return conn.execute(select(pmp_notices.c.id).where(pmp_notices.c.id == notice)).first() is not None


def settle(engine: Engine, notice: int, now: float) -> bool:
    """Staff have seen to it. False where it was settled before."""
    n = pmp_notices.c
    mine = update(pmp_notices).where(n.id == notice, n.settled_at.is_(None))
    with engine.begin() as conn:
        return conn.execute(mine.values(settled_at=now)).rowcount == 1


def _current() -> Select[*tuple[Any, ...]]:
    """Each member's primary provider: the one chosen last with us, else the one on file."""
    c, m = pmp_choices.c, members.c
    last = select(func.max(c.id)).where(c.member == m.id).scalar_subquery()
    chosen = pmp_choices.alias("chosen")
    provider = func.coalesce(chosen.c.provider, m.pmp_provider).label("provider")
    return (
        select(m.id.label("member"), m.plan.label("plan"), provider)
        .select_from(members.outerjoin(chosen, chosen.c.id == last))
        .where(provider.is_not(None))
    )


def _who_chose(conn: Connection, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for start in range(0, len(ids), _MOST_IDS):
        some = ids[start : start + _MOST_IDS]
        once = select(pmp_choices.c.member).where(pmp_choices.c.provider.in_(some))
        touched = or_(members.c.id.in_(once), members.c.pmp_provider.in_(some))
        wanted = set(some)
        for member, plan, provider in conn.execute(_current().where(touched)):
            if provider in wanted:
                found[provider].append((member, plan))
    return dict(found)


def _standings(watched: Watch) -> dict[tuple[str, str], _Standing]:
    """(provider, plan) -> how the provider stands there."""
    open_in: dict[str, dict[str, bool]] = {provider: {} for provider in watched.chosen}
    ids = sorted(watched.chosen)
    for start in range(0, len(ids), _MOST_IDS):
        here = select(sites.c.provider, sites.c.network, sites.c.accepting)
        for provider, network, accepting in watched.conn.execute(
            here.where(sites.c.provider.in_(ids[start : start + _MOST_IDS]))
        ):
            networks = open_in[provider]
            networks[network] = networks.get(network, False) or accepting in _OPEN
    return {
        (provider, plan): _standing(open_in[provider], watched.plans.get(plan))
        for provider, those in watched.chosen.items()
        for _, plan in those
    }


def _standing(networks: Mapping[str, bool], of_plan: Collection[str] | None) -> _Standing:
    there = [is_open for network, is_open in networks.items() if of_plan is None or network in of_plan]
    return 2 if any(there) else 1 if there else 0


def _how_gone(conn: Connection, provider: str) -> Reason:
    active = conn.scalar(select(literal("1")).where(providers.c.id == provider, providers.c.active.is_(True)))
    return "left_network" if active else "closed"


def _settle(conn: Connection, member: str, provider: str, now: float) -> None:
    n = pmp_notices.c
    open_one = (n.member == member) & (n.provider == provider) & n.settled_at.is_(None)
    conn.execute(update(pmp_notices).where(open_one).values(settled_at=now))
