"""Files of changes: an older record never overwrites, what is not in one stays, only a whole file closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, insert, select

from bot.directory.chosen import closed_choices, settle
from bot.directory.importer import ImportReport, Load, import_providers
from bot.records.tables import members, networks, pmp_choices, pmp_notices, provider_sites, providers
from tests.directory.conftest import NOW, empty_directory
from tests.directory.feeds import (
    Resource,
    accepting,
    in_network,
    location,
    network,
    organization,
    practitioner,
    role,
    to,
    whole,
    written,
)
from tests.directory.nppes_files import deactivated, doctor
from tests.directory.nppes_files import written as nppes

PLANS = {"indiana": ("net",), "ohio": ("net-2",)}
BEN = practitioner("ben", npi="1234567893", name=[{"family": "Lee", "given": ["Ben"]}])
BENS = role("bens", practitioner=to("Practitioner/ben"))

Change = Callable[..., ImportReport]


@pytest.fixture
def change(engine: Engine, tmp_path: Path) -> Change:
    """Load a file with only these resources."""

    def loaded(*resources: Resource, **how: object) -> ImportReport:
        load = Load(**({"plans": PLANS} | how))  # type: ignore[arg-type]
        return import_providers(engine, written(tmp_path / "changes", list(resources)), now=NOW, load=load)

    return loaded


def at(day: str, resource: Resource) -> Resource:
    return resource | {"meta": {"lastUpdated": f"2026-{day}T12:00:00+00:00"}}


def state(engine: Engine) -> tuple[object, ...]:
    """Everything but the times it was written."""
    with engine.connect() as conn:
        sites = conn.execute(select(provider_sites).order_by("provider", "network", "place")).mappings()
        people = conn.execute(select(providers).order_by("id")).mappings()
        return (
            [{name: value for name, value in row.items() if name != "id"} for row in sites],
            [{name: value for name, value in row.items() if name != "updated_at"} for row in people],
            list(conn.execute(select(pmp_notices.c.member, pmp_notices.c.provider, pmp_notices.c.reason))),
        )


def sites(engine: Engine) -> dict[str, tuple[str, str, str]]:
    with engine.connect() as conn:
        return {row.provider: (row.network, row.zip, row.accepting) for row in conn.execute(select(provider_sites))}


def test_a_role_alone_is_put_together_with_what_was_read_before(change: Change, engine: Engine):
    change(*whole(BEN, BENS))
    report = change(role(extension=[in_network("net"), accepting("nopt")]))
    assert (1, {}) == (report.sites.updated, dict(report.rules))
    assert {"1000004105": ("net", "46204", "nopt"), "1234567893": ("net", "46204", "newpt")} == sites(engine)


def test_a_place_alone_moves_everybody_who_works_there(change: Change, engine: Engine):
    change(*whole(BEN, BENS))
    assert 2 == change(location(zip="46220", position=None)).sites.updated
    assert {"46220"} == {zip_code for _, zip_code, _ in sites(engine).values()}


def test_a_practice_alone_renames_itself_at_everybody_who_works_there(change: Change, engine: Engine):
    change(*whole(BEN, BENS))
    change(organization(name="Another practice"))
    with engine.connect() as conn:
        assert {"Another practice"} == set(conn.scalars(select(provider_sites.c.practice)))


def test_a_practitioner_alone_keeps_the_roles(change: Change, engine: Engine):
    change(*whole())
    report = change(practitioner(name=[{"family": "Mendez", "given": ["Ana"]}]))
    assert (1, 0, 1) == (report.providers.updated, report.sites.removed, report.sites.unchanged)


OLDER = [
    practitioner(name=[{"family": "Old", "given": ["Name"]}]),
    role(extension=[in_network("net"), accepting("nopt")]),
    location(zip="46220", position=None),
    organization(name="The old name"),
]


@pytest.mark.parametrize("resource", OLDER, ids=lambda resource: resource["resourceType"])
def test_an_older_record_never_overwrites_a_newer_one(change: Change, engine: Engine, resource: Resource):
    change(*(at("05-02", each) for each in whole()))
    before = state(engine)
    assert 1 == change(at("05-01", resource)).older
    assert before == state(engine)
    assert 0 == change(at("05-03", resource)).older
    assert before != state(engine)


def test_the_time_counts_and_not_how_it_is_written(change: Change, engine: Engine):
    change(*whole(practitioner(meta={"lastUpdated": "2026-05-02T01:00:00+02:00"})))  # 23:00 on the first
    renamed = practitioner(name=[{"family": "Mendez"}], meta={"lastUpdated": "2026-05-01T23:30:00.250Z"})
    assert (0, 1) == ((report := change(renamed)).older, report.providers.updated)


def test_the_same_file_twice_changes_nothing(change: Change, engine: Engine):
    feed = whole(BEN, BENS)
    change(*feed, full=True)
    before = state(engine)
    for full in (True, False):
        again = change(*feed, full=full)
        assert (0, 0, 2, 0) == (
            again.providers.loaded,
            again.providers.updated,
            again.providers.unchanged,
            again.providers.removed,
        )
    assert before == state(engine)


def test_only_a_full_file_closes_who_vanished(change: Change, engine: Engine):
    change(*whole(BEN, BENS))
    assert 0 == change(*whole()).providers.removed
    assert 1 == change(*whole(), full=True).providers.removed
    with engine.connect() as conn:
        assert [("1000004105", True), ("1234567893", False)] == [
            (row.id, row.active) for row in conn.execute(select(providers).order_by(providers.c.id))
        ]
    assert 0 == change(BEN).sites.loaded, "what vanished is forgotten"


def test_a_full_file_leaves_other_networks_alone(change: Change, engine: Engine):
    change(*whole(BEN, BENS))
    other = [network("net-2"), organization(), location(), practitioner(), role(extension=[in_network("net-2")])]
    change(*other, full=True, feed="other")
    assert {"1234567893", "1000004105"} == set(sites(engine))


def test_a_full_file_with_a_line_that_is_no_json_closes_nobody(change: Change, engine: Engine, tmp_path: Path):
    change(*whole(BEN, BENS))
    feed = written(tmp_path / "full", whole())
    with (feed / "feed.ndjson").open("a") as out:
        out.write("{\n")
    report = import_providers(engine, feed, now=NOW, load=Load(full=True))
    assert (1, 0) == (report.kept_open, report.providers.removed)


def test_a_dry_run_changes_nothing_at_all(change: Change, engine: Engine):
    change(*whole(BEN, BENS))
    before = state(engine)
    report = change(*whole(practitioner(gender="male")), full=True, dry_run=True)
    assert (1, 1, True) == (report.providers.updated, report.providers.removed, report.dry_run)
    assert before == state(engine)
    assert 1 == change(BEN).providers.unchanged, "what was kept is still kept"


parts = st.lists(
    st.sampled_from([at("05-01", each) for each in [*whole(BEN, BENS)]]
                    + [at("05-02", each) for each in OLDER]), min_size=1, max_size=6)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(parts, min_size=1, max_size=4))
def test_files_in_any_order_end_where_the_newest_of_each_leads(tmp_path_factory, files: list[list[Resource]]):
    folder = tmp_path_factory.mktemp("orders")
    first = [at("04-01", each) for each in whole(BEN, BENS)]
    ends = []
    for order, name in ((files, "forth"), (files[::-1], "back")):
        engine = empty_directory(folder / f"{name}.db")
        for number, file in enumerate([first, *order]):
            import_providers(engine, written(folder / name / str(number), file), now=NOW)
        ends.append(state(engine))
        engine.dispose()
    assert ends[0] == ends[1]


class Killed(Exception):
    pass


@pytest.mark.parametrize("commits", range(1, 6))
def test_a_load_that_was_killed_leaves_whole_providers_and_is_finished_by_the_same_load(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commits: int
):
    monkeypatch.setattr("bot.directory.importer._BATCH", 1)
    feed = written(tmp_path / "feed", whole(BEN, BENS))
    left = iter(range(commits))

    def fall(_: object) -> None:
        if next(left, None) is None:
            raise Killed

    event.listen(engine, "commit", fall)
    with suppress(Killed):
        import_providers(engine, feed, now=NOW)
    event.remove(engine, "commit", fall)
    with engine.connect() as conn:
        whole_ones = set(conn.scalars(select(provider_sites.c.provider)))
        assert whole_ones == set(conn.scalars(select(providers.c.id)))
    import_providers(engine, feed, now=NOW)
    assert 2 == len(sites(engine))


# --- members who chose somebody --------------------------------------------------------------------------------------


@pytest.fixture
def member(engine: Engine) -> Iterator[Callable[..., None]]:
    def add(name: str, on_file: str | None = None, chosen: tuple[str, ...] = (), plan: str = "indiana") -> None:
        with engine.begin() as conn:
            conn.execute(
                insert(members).values(
                    id=name, plan=plan, member_id_index=name, details_sealed=b"", pmp_provider=on_file, updated_at=0.0
                )
            )
            for provider in chosen:
                conn.execute(
                    insert(pmp_choices).values(
                        member=name, provider=provider, provider_name="", kept=False, effective=date(2026, 1, 1),
                        said_by="", message_id="", at=0.0,
                    )
                )  # fmt: skip

    yield add


ANA = "1000004105"


def noted(engine: Engine) -> set[tuple[str, str]]:
    with engine.connect() as conn:
        return {(choice.member, choice.reason) for choice in closed_choices(conn)}


LOSSES = {
    "closed": ([practitioner(active=False)], {}),
    "left_network": ([role(extension=[in_network("net-9")]), network("net-9")], {}),
    "not_accepting": ([role(extension=[in_network("net"), accepting("nopt")])], {}),
}


@pytest.mark.parametrize("reason", LOSSES)
def test_who_chose_a_provider_that_is_lost_is_listed_once(change: Change, engine: Engine, member, reason: str):
    change(*whole(BEN, BENS))
    member("on-file", on_file=ANA)
    member("chosen", chosen=("1234567893", ANA))
    member("chose-another", on_file=ANA, chosen=("1234567893",))
    member("other-plan", on_file=ANA, plan="ohio")
    resources, how = LOSSES[reason]
    assert 2 == change(*resources, **how).notices
    assert {("on-file", reason), ("chosen", reason)} == noted(engine)
    assert 0 == change(*resources, **how).notices
    assert 2 == len(noted(engine))


def test_who_is_in_no_plan_we_know_is_listed_whatever_the_network(change: Change, engine: Engine, member):
    change(*whole())
    member("far", on_file=ANA, plan="elsewhere")
    change(practitioner(active=False))
    assert {("far", "closed")} == noted(engine)


def test_a_full_file_without_the_provider_lists_who_chose_them(change: Change, engine: Engine, member):
    change(*whole(BEN, BENS))
    member("on-file", on_file="1234567893")
    assert 1 == change(*whole(), full=True).notices
    assert {("on-file", "closed")} == noted(engine)


def test_a_deactivated_npi_lists_who_chose_them(engine: Engine, tmp_path: Path, member):
    load = Load(networks=("net",), plans=PLANS)
    import_providers(engine, nppes(tmp_path / "a.csv", doctor()), now=NOW, load=load)
    member("on-file", on_file=ANA)
    file = nppes(tmp_path / "b.csv", deactivated(ANA, "05/01/2026"))
    assert [1, 0] == [import_providers(engine, file, now=NOW, load=load).notices for _ in range(2)]
    assert {("on-file", "closed")} == noted(engine)


def test_when_the_provider_is_back_the_notice_is_settled(change: Change, engine: Engine, member):
    change(*whole())
    member("on-file", on_file=ANA)
    change(practitioner(active=False))
    change(practitioner())
    assert set() == noted(engine)
    change(practitioner(active=False))
    assert {("on-file", "closed")} == noted(engine)


def test_who_has_chosen_another_since_is_listed_no_more(change: Change, engine: Engine, member):
    change(*whole(BEN, BENS))
    member("on-file", on_file=ANA)
    change(practitioner(active=False))
    with engine.begin() as conn:
        conn.execute(
            insert(pmp_choices).values(
                member="on-file", provider="1234567893", provider_name="", kept=False, effective=date(2026, 1, 1),
                said_by="", message_id="", at=0.0,
            )
        )  # fmt: skip
    assert set() == noted(engine)


def test_what_staff_have_settled_is_listed_again_only_when_it_happens_again(change: Change, engine: Engine, member):
    change(*whole())
    member("on-file", on_file=ANA)
    change(practitioner(active=False))
    assert (True, False) == (settle(engine, 1, NOW), settle(engine, 1, NOW))
    change(practitioner(active=False))
    assert set() == noted(engine)
    change(practitioner())
    change(practitioner(active=False))
    assert {("on-file", "closed")} == noted(engine)


def test_a_dry_run_counts_whom_it_would_list(change: Change, engine: Engine, member):
    change(*whole())
    member("on-file", on_file=ANA)
    assert 1 == change(practitioner(active=False), dry_run=True).notices
    assert set() == noted(engine)
    with engine.connect() as conn:
        assert ["net"] == list(conn.scalars(select(networks.c.id)))
