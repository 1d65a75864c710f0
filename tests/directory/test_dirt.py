"""Every kind of dirt found in real directories is repaired, or passed over alone, and reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from bot.directory.importer import DirectoryUnreadable, import_providers
from bot.directory.importer import Load as Loading
from bot.directory.report import RULES
from bot.records.tables import provider_names, provider_sites, providers
from tests.directory.conftest import NOW, Load, Site
from tests.directory.feeds import (
    accepting,
    affiliation,
    in_network,
    location,
    network,
    nucc,
    organization,
    practitioner,
    role,
    service,
    to,
    whole,
    written,
)

OnlySite = Callable[[], Site]


def address(**fields: object) -> dict[str, object]:
    return {"line": ["12 Lantern Street"], "city": "Indianapolis", "state": "IN", "postalCode": "46204"} | fields


def test_a_right_feed_loads_without_a_word(load: Load, site: OnlySite):
    report = load()
    assert ({}, 1, 1) == (report.rules, report.providers.loaded, report.sites.loaded)
    expected = {
        "provider": "1000004105",
        "name": "Ana Ruiz",
        "credential": "MD",
        "practice": "The practice",
        "phone": "317-555-0100",
        "kinds": " family ",
        "languages": " en es ",
        "accepting": "newpt",
        "zip": "46204",
    }
    assert expected == {name: site()[name] for name in expected}


PROVIDENCE = {"latitude": 41.78, "longitude": -71.4}
NEAR_INDIANAPOLIS = {"latitude": 39.772, "longitude": -86.1535}

REPAIRED = [
    # rule, spoiled resource, column, what it reads afterwards
    ("zip_nine_digits", location(zip="462041234"), "zip", "46204"),
    ("zip_lost_zero", location(zip=2905, position=PROVIDENCE), "zip", "02905"),
    ("zip_lost_zero", location(zip="29053105", position=PROVIDENCE), "zip", "02905"),
    ("zip_from_text", location(address=address(postalCode="", text="12 Lantern St, X, IN 462041234")), "zip", "46204"),
    ("zip_unreadable", location(zip="n/a"), "latitude", 39.77),
    ("zip_unknown", location(zip="00000"), "latitude", 39.77),
    ("no_position", location(position=None), "latitude", NEAR_INDIANAPOLIS["latitude"]),
    ("no_position", location(position={"latitude": "north"}), "longitude", NEAR_INDIANAPOLIS["longitude"]),
    ("position_far", location(position={"latitude": 39.78373, "longitude": -100.445882}), "longitude", -86.1535),
    ("phone_unreadable", location(telecom=[{"system": "phone", "value": "call us"}]), "phone", ""),
    ("numeric_identifier", practitioner(npi=1000004105), "npi", "1000004105"),
    ("npi_check_digit", practitioner(npi="1000004100"), "npi", "1000004100"),
    ("npi_shape", practitioner(npi="12345"), "provider", "ana"),
    (
        "missing_organization",
        role(organization=to("Organization/gone", "By its display")),
        "practice",
        "By its display",
    ),
    ("missing_network", role(extension=[in_network("elsewhere")]), "network", "elsewhere"),
    ("missing_service", role(healthcareService=[to("HealthcareService/gone")]), "accepting", "newpt"),
    ("missing_location", role(location=[to("Location/loc"), to("Location/gone")]), "place", "loc"),
    ("accepting_unknown", role(extension=[in_network("net"), accepting("maybe")]), "accepting", "nopt"),
    (
        "accepting_contradiction",
        role(extension=[in_network("net"), accepting("newpt"), accepting("existptonly")]),
        "accepting",
        "existptonly",
    ),
]


@pytest.mark.parametrize(("rule", "spoiled", "column", "reads"), REPAIRED, ids=lambda value: str(value)[:40])
def test_it_is_repaired_and_reported(load: Load, site: OnlySite, rule, spoiled, column, reads):
    report = load(spoiled)
    assert {rule: 1} == report.rules
    assert reads == site()[column]
    assert 0 == report.skipped
    assert f"{spoiled['resourceType']}/{spoiled['id']}" in {problem.resource for problem in report.problems}


UNREMARKABLE = [
    # not dirt, or so common that it is read without a word
    (location(zip="46204-1234"), "zip", "46204"),
    (location(telecom=[{"system": "phone", "value": "(317) 555-0199 x584"}]), "phone", "317-555-0199 x584"),
    (location(telecom=[{"system": "fax", "value": "317-555-0101"}]), "phone", ""),
    (location(address=address(city="FORT WAYNE")), "city", "Fort Wayne"),
    (location(address=address(state="Indiana")), "state", "IN"),
    (location(address=[address()]), "street", "12 Lantern Street"),
    (practitioner(npi=""), "provider", "ana"),
    (practitioner(communication=[{"text": "Spanish"}, {"coding": [{"code": "es-MX"}]}]), "languages", " es "),
    (practitioner(communication=None), "languages", " en "),
    (practitioner(name=[{"family": "O'BRIEN", "given": ["MARY", "ANN"]}]), "name", "Mary Ann O'Brien"),
    (practitioner(name=[{"family": "MCADAMS", "given": "JO", "suffix": ["Jr.", "D.O."]}]), "name", "Jo McAdams Jr."),
    (practitioner(name={"text": "Dr. Ana Ruiz, MD"}), "name", "Ana Ruiz"),
    (practitioner(name=[{"text": "RUIZ, ANA, MD"}]), "name", "Ana Ruiz"),
    (practitioner(name=[{"use": "old", "family": "X"}, {"family": "Ruiz"}]), "name", "Ruiz"),
    (practitioner(name=[{"family": "Ruiz", "suffix": ["M.D.1208", "P.A.-C"]}]), "credential", "MD, PA-C"),
    (practitioner(gender="unknown"), "gender", ""),
    (role(practitioner=to("https://plan.example/fhir/Practitioner/ana/_history/3")), "name", "Ana Ruiz"),
    (role(extension=[in_network("net")]), "accepting", "unknown"),
    (role(extension=[in_network("net"), accepting("newpt", "other")]), "accepting", "unknown"),
    (role(extension=[in_network("net"), accepting("newpt"), accepting("nopt", "net")]), "accepting", "nopt"),
    (role(specialty={"coding": {"code": "207r00000x"}}), "kinds", " internal "),
    (role(extension=[], network=[to("Organization/net")]), "network", "net"),
]


@pytest.mark.parametrize(("resource", "column", "reads"), UNREMARKABLE, ids=lambda value: str(value)[:60])
def test_it_is_read_as_it_was_meant(load: Load, site: OnlySite, resource, column, reads):
    report = load(resource)
    assert {} == report.rules
    assert reads == site()[column]


SKIPPED = [
    ("no_name", practitioner(name=[{"given": ["Ana"]}])),
    ("no_name", practitioner(name=None)),
    ("missing_practitioner", role(practitioner=to("Practitioner/gone"))),
    ("no_location", role(location=[to("Location/gone")])),
    ("no_location", role(location=[])),
    ("no_network", role(extension=[accepting("newpt")])),
    ("no_id", {"resourceType": "Location", "id": ""}),
    ("not_a_resource", {"id": "what"}),
]


@pytest.mark.parametrize(("rule", "broken"), SKIPPED, ids=lambda value: str(value)[:40])
def test_it_is_passed_over_and_the_rest_is_loaded(engine: Engine, tmp_path: Path, rule, broken):
    other = practitioner("ben", "1000000012", name=[{"family": "Okafor", "given": ["Ben"]}])
    his = role("his", practitioner=to("Practitioner/ben"))
    report = import_providers(engine, written(tmp_path / "feed", [*whole(broken), other, his]), now=NOW)
    assert 1 == report.rules[rule] == report.skipped
    with engine.connect() as conn:
        assert "Ben Okafor" in conn.scalars(select(providers.c.name)).all()


def test_a_location_with_neither_zip_nor_believable_position_is_passed_over(load: Load):
    lost = location(zip="", position={"latitude": 39.78373, "longitude": -100.445882})
    assert {"zip_unreadable": 1, "no_place": 1, "no_location": 1} == load(lost).rules


NOT_FOR_CHOOSING = [
    ("inactive practitioner", practitioner(active=False)),
    ("inactive role", role(active=False)),
    ("inactive role", role(period={"end": "2020-01-01"})),
    ("not a primary provider", role(specialty=[nucc("207RC0000X")])),
    ("not a primary provider", role(specialty=[nucc("207R00000X"), nucc("207RC0000X")])),
    ("not a primary provider", role(specialty=[])),
]


@pytest.mark.parametrize(("reason", "resource"), NOT_FOR_CHOOSING, ids=lambda value: str(value)[:50])
def test_who_cannot_be_chosen_is_left_out_without_being_called_broken(load: Load, engine: Engine, reason, resource):
    report = load(resource)
    assert ({reason: 1}, 0, {}) == (report.passed_over, report.providers.loaded, report.rules)


@pytest.mark.parametrize("ended", [location(status="suspended"), network(active=False)], ids=["location", "network"])
def test_nobody_is_found_at_a_place_or_in_a_network_that_has_ended(load: Load, ended):
    assert 0 == load(ended).sites.loaded


def test_a_role_without_specialty_takes_the_qualification(load: Load, site: OnlySite):
    qualified = practitioner(qualification=[{"code": nucc("208000000X")}])
    assert {"specialty_missing": 1} == load(qualified, role(specialty=[])).rules
    assert " pediatrics " == site()["kinds"]


def test_the_role_says_whether_new_patients_are_taken_then_the_service_then_the_location(load: Load, site: OnlySite):
    silent = role(extension=[in_network("net")], healthcareService=[to("HealthcareService/svc")])
    load(silent, service(), location(extension=[accepting("existptfam")]))
    assert "existptfam" == site()["accepting"]
    load(silent, service(extension=[accepting("nopt")]), location(extension=[accepting("existptfam")]))
    assert "nopt" == site()["accepting"]
    load(role(healthcareService=[to("HealthcareService/svc")]), service(extension=[accepting("nopt")]))
    assert "newpt" == site()["accepting"]


def test_a_service_elsewhere_says_nothing_of_this_place(load: Load, site: OnlySite):
    silent = role(extension=[in_network("net")], healthcareService=[to("HealthcareService/svc")])
    elsewhere = service(location=[to("Location/other")], extension=[accepting("nopt")])
    load(silent, elsewhere, location("other"))
    assert "unknown" == site()["accepting"]


def test_networks_come_from_the_affiliation_of_the_organization_where_the_role_names_none(load: Load, site: OnlySite):
    load(role(extension=[accepting("newpt")]), affiliation())
    assert "net" == site()["network"]


def test_an_affiliation_for_another_place_does_not_count(load: Load):
    report = load(role(extension=[]), affiliation(location=[to("Location/other")]), location("other"))
    assert {"no_network": 1} == report.rules


def test_many_roles_places_and_networks_make_one_provider(load: Load, engine: Engine):
    second = role(
        "second",
        location=[to("Location/loc"), to("Location/far")],
        extension=[in_network("net"), in_network("net-2"), accepting("nopt")],
        specialty=[nucc("208000000X")],
    )
    report = load(second, location("far", zip="46802"), network("net-2"))
    assert (1, 4) == (report.providers.loaded, report.sites.loaded)
    with engine.connect() as conn:
        here = select(provider_sites).where(provider_sites.c.place == "loc", provider_sites.c.network == "net")
        merged = conn.execute(here).mappings().one()
        assert " family pediatrics " == conn.scalar(select(providers.c.kinds))
    assert ("newpt", " family pediatrics ", 0, 150) == tuple(
        merged[name] for name in ("accepting", "kinds", "from_age", "to_age")
    )


def test_two_practitioners_with_one_npi_are_one_person(load: Load):
    report = load(practitioner("again"), role("more", practitioner=to("Practitioner/again")))
    assert ({"same_npi": 1}, 1) == (report.rules, report.providers.loaded)


@pytest.mark.parametrize("first", ["2026-01-01", "2026-06-01"], ids=["the second is newer", "the first is newer"])
def test_of_two_resources_with_one_id_the_newer_counts(engine: Engine, tmp_path: Path, site: OnlySite, first: str):
    one = practitioner(gender="male", meta={"lastUpdated": first})
    two = practitioner(gender="female", meta={"lastUpdated": "2026-03-01"})
    rest = [resource for resource in whole() if resource["resourceType"] != "Practitioner"]
    report = import_providers(engine, written(tmp_path / "feed", [one, two, *rest]), now=NOW)
    assert {"duplicate_id": 1} == report.rules
    assert ("male" if first == "2026-06-01" else "female") == site()["gender"]


def test_a_clinic_is_an_organization_with_a_clinics_taxonomy(load: Load, engine: Engine):
    clinic = organization("fqhc", name="LANTERN HEALTH CENTER", telecom=[{"system": "phone", "value": "3175550111"}])
    offers = service(specialty=[nucc("261QF0400X")], location=[to("Location/loc")], extension=[accepting("newpt")])
    takes_part = affiliation(
        participatingOrganization=to("Organization/fqhc"), healthcareService=[to("HealthcareService/svc")]
    )
    report = load(clinic, offers, takes_part)
    assert ({}, 2) == (report.rules, report.providers.loaded)
    with engine.connect() as conn:
        row = conn.execute(select(providers).where(providers.c.id == "fqhc")).mappings().one()
    assert ("Lantern Health Center", " clinic ") == (row["name"], row["kinds"])


def test_a_broken_line_is_counted_and_the_rest_goes_on(engine: Engine, tmp_path: Path):
    folder = written(tmp_path / "feed", whole())
    file = folder / "feed.ndjson"
    spoiled = b'{"resourceType": "Pract\n' + file.read_bytes() + b'\n[1, 2\n"\xff\xfe"\n' + b"[" * 5000
    file.write_bytes(b"\xef\xbb\xbf" + spoiled)
    report = import_providers(engine, folder, now=NOW)
    assert 3 == report.rules["unreadable_line"]
    assert ("feed.ndjson", 1, "") == (report.problems[0].file, report.problems[0].line, report.problems[0].resource)
    assert 1 == report.providers.loaded


def test_windows_letters_are_read_and_reported(engine: Engine, tmp_path: Path, site: OnlySite):
    named = practitioner(name=[{"family": "Peña", "given": ["José"]}])
    folder = tmp_path / "feed"
    written(folder, [])
    lines = "".join(json.dumps(resource, ensure_ascii=False) + "\n" for resource in whole(named))
    (folder / "feed.ndjson").write_bytes(lines.encode("cp1252"))
    assert {"bad_encoding": 1} == import_providers(engine, folder, now=NOW).rules
    assert "José Peña" == site()["name"]


def bundle(resources: list[dict[str, object]]) -> str:
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}, indent=1)


def one_file_each(folder: Path, resources: list[dict[str, object]]) -> Path:
    (folder / "deep").mkdir(parents=True)
    for number, resource in enumerate(resources):
        (folder / "deep" / f"{number}.json").write_text(json.dumps(resource, indent=2))
    return folder


def single(folder: Path, name: str, content: str) -> Path:
    folder.mkdir()
    (folder / name).write_text(content)
    return folder / name


SHAPES: dict[str, Callable[[Path], Path]] = {
    "one NDJSON file": lambda folder: written(folder, whole()) / "feed.ndjson",
    "NDJSON named .json": lambda folder: written(folder, whole(), "feed.json") / "feed.json",
    "a Bundle": lambda folder: single(folder, "bundle.json", bundle(whole())),
    "a JSON list": lambda folder: single(folder, "list.json", json.dumps(whole())),
    "a folder of single resources": lambda folder: one_file_each(folder, whole()),
    "roles before people": lambda folder: written(folder, whole()[::-1]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_feed_loads_the_same(engine: Engine, tmp_path: Path, site: OnlySite, shape: str):
    report = import_providers(engine, SHAPES[shape](tmp_path / "feed"), now=NOW)
    assert ({}, 1) == (report.rules, report.providers.loaded)
    assert "Ana Ruiz" == site()["name"]


def test_a_bundle_may_refer_by_urn(engine: Engine, tmp_path: Path):
    entries = [{"resource": resource} for resource in whole(role(practitioner=to("urn:uuid:7a1e")))]
    entries = [e | ({"fullUrl": "urn:uuid:7a1e"} if e["resource"]["id"] == "ana" else {}) for e in entries]
    file = single(tmp_path / "feed", "bundle.json", json.dumps({"resourceType": "Bundle", "entry": entries}))
    assert ({}, 1) == ((report := import_providers(engine, file, now=NOW)).rules, report.providers.loaded)


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_nothing_to_read_is_said_clearly(engine: Engine, tmp_path: Path, path: str):
    with pytest.raises(DirectoryUnreadable, match=r"Check the path|Give a folder"):
        import_providers(engine, tmp_path / "sub" / path if path == "nowhere" else tmp_path / path, now=NOW)


def test_the_same_feed_again_changes_nothing(load: Load):
    load()
    again = load()
    assert (0, 0, 1) == (again.providers.loaded, again.providers.updated, again.providers.unchanged)
    assert (0, 0, 1, 0) == (again.sites.loaded, again.sites.updated, again.sites.unchanged, again.sites.removed)


def test_a_changed_feed_updates_in_place(load: Load, site: OnlySite, engine: Engine):
    load()
    moved = practitioner(name=[{"family": "Castaneda", "given": ["Ana"]}])
    report = load(moved, role(extension=[in_network("net"), accepting("nopt")]))
    assert (0, 1, 1) == (report.providers.loaded, report.providers.updated, report.sites.updated)
    assert ("Ana Castaneda", "nopt") == (site()["name"], site()["accepting"])
    with engine.connect() as conn:
        assert {"ana", "castaneda"} == set(conn.scalars(select(provider_names.c.word)))


def test_who_has_left_is_closed_and_comes_back_with_the_next_feed(load: Load, engine: Engine):
    load()
    closed = load(practitioner(active=False))
    assert (1, 1) == (closed.providers.removed, closed.sites.removed)
    with engine.connect() as conn:
        assert conn.scalar(select(providers.c.active)) is False
        assert 0 == conn.scalar(select(func.count()).select_from(provider_sites))
    assert (1, 1) == ((back := load()).providers.updated, back.sites.loaded)


def test_a_broken_record_does_not_close_who_was_there(load: Load, site: OnlySite):
    load()
    assert {"no_name": 1} == load(practitioner(name=[])).rules
    assert ("Ana Ruiz", True) == (site()["name"], site()["active"])


def test_a_feed_of_one_network_leaves_the_others_alone(load: Load, engine: Engine, tmp_path: Path):
    load()
    other = [network("net-2"), organization(), location(), practitioner(), role(extension=[in_network("net-2")])]
    import_providers(engine, written(tmp_path / "other", other), now=NOW, load=Loading(feed="other"))
    with engine.connect() as conn:
        assert {"net", "net-2"} == set(conn.scalars(select(provider_sites.c.network)))


def test_only_the_networks_asked_for_are_loaded(engine: Engine, tmp_path: Path):
    both = role(extension=[in_network("net"), in_network("net-2")])
    feed = written(tmp_path / "feed", whole(both, network("net-2")))
    report = import_providers(engine, feed, networks=["net-2"], now=NOW)
    assert ({"net-2"}, 1) == (set(report.networks), report.sites.loaded)


def test_a_report_names_ids_and_rules_never_people(load: Load):
    report = load(practitioner(npi="12345"), role(practitioner=to("Practitioner/gone", "Ana Ruiz")))
    assert report.problems
    for problem in report.problems:
        assert "Ruiz" not in repr(problem) + problem.done
        assert problem.rule in RULES


def test_progress_is_told_to_the_end(engine: Engine, tmp_path: Path):
    told: list[tuple[str, int, int]] = []
    feed = written(tmp_path / "feed", whole())
    import_providers(engine, feed, progress=lambda *step: told.append(step), now=NOW)
    size = (feed / "feed.ndjson").stat().st_size
    assert ("read", size, size) in told
    assert ("store", 1, 1) == told[-1]


def test_a_nul_is_read_as_a_space(load: Load, site: OnlySite):
    """PostgreSQL takes none in a text."""
    name = [{"family": "Ru\0iz", "given": ["Ana\0"]}]
    report = load(
        practitioner(name=name), location(address=address(line=["12\0Lantern Street"], city="India\0napolis"))
    )
    assert (1, 1) == (report.providers.loaded, report.sites.loaded)
    assert ("12 Lantern Street", "Ana Ru iz") == (site()["street"], site()["name"])
