"""NPPES: active individuals with a primary taxonomy, each row by itself, the file of changes like the whole one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import Engine, select

from bot.directory.feed_files import DirectoryUnreadable
from bot.directory.importer import ImportReport, Load, import_providers
from bot.directory.nppes_columns import COLUMNS
from bot.directory.search import Criteria, search
from bot.records.tables import provider_sites, providers
from tests.directory.conftest import NOW
from tests.directory.feeds import whole
from tests.directory.feeds import written as plan_net
from tests.directory.nppes_files import CODE, SWITCH, Row, deactivated, doctor, written

OTHERS = ["1234567893", "1245319599", "1679576722"]  # NPIs whose check digit is right

Loaded = Callable[..., ImportReport]


@pytest.fixture
def nppes(engine: Engine, tmp_path: Path) -> Loaded:
    def loaded(*rows: Row, **how: object) -> ImportReport:
        load = Load(**({"networks": ("net",)} | how))  # type: ignore[arg-type]
        return import_providers(engine, written(tmp_path / "npidata.csv", *rows), now=NOW, load=load)

    return loaded


def who(engine: Engine) -> dict[str, bool]:
    with engine.connect() as conn:
        return {row.id: row.active for row in conn.execute(select(providers))}


def test_the_header_has_its_329_columns_where_the_readme_of_cms_has_them():
    assert 329 == len(COLUMNS) == len(set(COLUMNS))
    assert "Healthcare Provider Taxonomy Code_1" == COLUMNS[47]
    assert "Other Provider Identifier Issuer_50" == COLUMNS[306]
    assert "Healthcare Provider Taxonomy Group_15" == COLUMNS[-1]


def test_a_doctor_is_loaded_as_a_member_would_read_it(nppes: Loaded, engine: Engine):
    report = nppes(doctor())
    assert (1, 1, 0) == (report.providers.loaded, report.sites.loaded, report.skipped)
    with engine.connect() as conn:
        [ana] = search(conn, Criteria(("net",), kinds=("family",), zip="46204"))
    assert ("Ana M. Ruiz", "MD", "female", ("family",)) == (ana.name, ana.credential, ana.gender, ana.kinds)
    assert ("12 Lantern St", "Indianapolis", "IN", "46204") == (ana.street, ana.city, ana.state, ana.zip)
    assert ("317-555-0100", "unknown", ()) == (ana.phone, ana.accepting, ana.languages)
    assert ana.miles is not None and ana.miles < 0.1


NOBODY = [
    doctor(entity="2"),
    doctor(code="207RC0000X"),
    doctor(code="1223G0001X"),
    doctor(code=""),
    doctor(ended="05/01/2025"),
    doctor(ended="05/01/2025", back="04/01/2024"),
]


@pytest.mark.parametrize("row", NOBODY)
def test_nobody_is_loaded_who_is_not_an_active_primary_provider(nppes: Loaded, engine: Engine, row: Row):
    report = nppes(row)
    assert ({}, 0) == (who(engine), report.skipped)


def test_one_who_was_reactivated_is_loaded(nppes: Loaded, engine: Engine):
    nppes(doctor(ended="05/01/2025", back="06/01/2025"))
    assert {"1000004105": True} == who(engine)


def test_a_primary_taxonomy_counts_wherever_it_stands_and_the_switched_one_comes_first(nppes: Loaded, engine: Engine):
    nppes(doctor(code="363L00000X") | {SWITCH.format(1): "N", CODE.format(15): "363LF0000X", SWITCH.format(15): "Y"})
    with engine.connect() as conn:
        assert " 363LF0000X 363L00000X " == conn.scalar(select(providers.c.taxonomies))


def test_it_goes_into_every_network_named_and_only_from_the_states_asked_for(nppes: Loaded, engine: Engine):
    rows = [doctor(), doctor(OTHERS[0], state="OH", zip="43201", city="COLUMBUS")]
    nppes(*rows, networks=("a", "b"), states=("IN",))
    with engine.connect() as conn:
        assert {("1000004105", "a"), ("1000004105", "b")} == {
            (row.provider, row.network) for row in conn.execute(select(provider_sites))
        }


def test_without_a_network_nothing_is_guessed(nppes: Loaded, engine: Engine):
    with pytest.raises(DirectoryUnreadable, match="--network or --plan"):
        nppes(doctor(), networks=None)
    assert {} == who(engine)


def test_the_same_file_twice_changes_nothing(nppes: Loaded):
    rows = [doctor(), *(doctor(npi) for npi in OTHERS)]
    nppes(*rows)
    again = nppes(*rows, full=True)
    assert (0, 0, 4, 0) == (again.providers.loaded, again.providers.updated, again.providers.unchanged, again.notices)
    assert 0 == again.sites.loaded + again.sites.updated + again.sites.removed


def test_an_older_file_never_overwrites_a_newer_one(nppes: Loaded, engine: Engine):
    nppes(doctor(family="MUELLER", updated="05/02/2026"))
    older = nppes(doctor(updated="04/30/2026"))
    assert (1, 0) == (older.older, older.providers.updated)
    assert 1 == nppes(doctor(code="1223G0001X", updated="04/30/2026")).older
    assert 1 == nppes(doctor(updated="05/03/2026")).providers.updated


def test_only_a_full_file_closes_who_is_not_in_it(nppes: Loaded, engine: Engine):
    nppes(doctor(), doctor(OTHERS[0]))
    nppes(doctor())
    assert {"1000004105": True, OTHERS[0]: True} == who(engine)
    nppes(doctor(), full=True)
    assert {"1000004105": True, OTHERS[0]: False} == who(engine)


def test_a_full_file_that_could_not_be_read_whole_closes_nobody(nppes: Loaded, engine: Engine):
    nppes(doctor(), doctor(OTHERS[0]))
    report = nppes(doctor(), {"NPI": "12"}, full=True)
    assert (1, True) == (report.kept_open, who(engine)[OTHERS[0]])


def test_one_whose_row_is_broken_is_not_closed(nppes: Loaded, engine: Engine):
    nppes(doctor(), doctor(OTHERS[0]))
    report = nppes(doctor(), doctor(OTHERS[0], zip="nowhere"), full=True)
    assert ({"no_place": 1}, True) == (report.rules, who(engine)[OTHERS[0]])


def test_one_who_stops_being_a_primary_provider_is_closed_by_the_weekly_file(nppes: Loaded, engine: Engine):
    nppes(doctor())
    nppes(doctor(code="1223G0001X", updated="04/01/2026"))
    assert {"1000004105": False} == who(engine)


def test_a_deactivation_in_the_weekly_file_closes(nppes: Loaded, engine: Engine):
    nppes(doctor())
    report = nppes(deactivated("1000004105", "04/01/2026"))
    assert (1, 1, {"1000004105": False}) == (report.providers.removed, report.sites.removed, who(engine))
    assert 1 == nppes(doctor()).older  # a file from before that day does not bring them back


@pytest.mark.parametrize("title", [(), ("NPPES Deactivated Records as of Nov 10 2026,\r\n",)])
def test_the_deactivation_file_closes_in_every_network(nppes: Loaded, engine: Engine, tmp_path: Path, title):
    nppes(doctor(), doctor(OTHERS[0]), networks=("a", "b"))
    file = tmp_path / "deactivated.csv"
    file.write_text("".join([*title, "NPI,NPPES Deactivation Date\r\n1000004105,04/01/2026\r\n9,x\r\n"]), "utf-8")
    report = import_providers(engine, file, now=NOW)
    assert ({"npi_missing": 1}, {"1000004105": False, OTHERS[0]: True}) == (report.rules, who(engine))
    assert 0 == import_providers(engine, file, now=NOW).providers.removed


def test_a_deactivation_before_what_else_is_known_closes_nobody(nppes: Loaded, engine: Engine):
    nppes(doctor(updated="05/01/2026"))
    nppes(deactivated("1000004105", "04/01/2026"))
    assert {"1000004105": True} == who(engine)


def test_what_a_plan_net_directory_says_is_left_alone(nppes: Loaded, engine: Engine, tmp_path: Path):
    import_providers(engine, plan_net(tmp_path / "feed", whole()), now=NOW)
    report = nppes(doctor(family="OTHER"), full=True)
    assert 1 == report.older
    with engine.connect() as conn:
        assert ["es" in match.languages for match in search(conn, Criteria(("net",), name="Ruiz"))] == [True]


def test_bad_rows_are_told_by_line_and_can_be_corrected_and_loaded(nppes: Loaded, engine: Engine, tmp_path: Path):
    rejects = tmp_path / "rejects.csv"
    report = nppes(doctor(family=""), doctor("123"), doctor(OTHERS[0]), doctor(OTHERS[1], zip="99998"), rejects=rejects)
    assert [(2, "no_name"), (3, "npi_missing"), (5, "no_place")] == [(p.line, p.rule) for p in report.problems]
    assert 3 == report.skipped
    with rejects.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert ["no name to show; passed over", "1000004105"] == [rows[0]["problem"], rows[0]["NPI"]]
    corrected = rejects.read_text().replace("99998", "46204")
    (tmp_path / "corrected.csv").write_text(corrected)
    report = import_providers(engine, tmp_path / "corrected.csv", now=NOW, load=Load(networks=("net",)))
    assert 1 == report.providers.loaded


def test_a_row_whose_quotes_do_not_fit_spoils_only_itself(engine: Engine, tmp_path: Path):
    file = written(tmp_path / "npidata.csv", doctor(), doctor(OTHERS[0]))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1].replace(b'"RUIZ"', b'"RU"IZ"') + lines[2])
    report = import_providers(engine, file, now=NOW, load=Load(networks=("net",)))
    assert ({"bad_row": 1}, {OTHERS[0]: True}) == (report.rules, who(engine))


def test_any_writing_of_the_file_is_read(engine: Engine, tmp_path: Path):
    columns = (*(name.replace("Gender", "Sex") for name in COLUMNS), "Certification Date")
    row = {name.replace("Gender", "Sex"): value for name, value in doctor().items()}
    with (tmp_path / "saved.csv").open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.DictWriter(out, columns, restval="")
        table.writeheader()
        table.writerow(row)
    import_providers(engine, tmp_path / "saved.csv", now=NOW, load=Load(networks=("net",)))
    with engine.connect() as conn:
        assert "female" == conn.scalar(select(providers.c.gender))


def test_the_zip_of_cms_is_read_as_it_comes(engine: Engine, tmp_path: Path):
    main = written(tmp_path / "npidata.csv", doctor(), doctor(OTHERS[0], code="1223G0001X"))
    header = written(tmp_path / "header.csv")
    with ZipFile(tmp_path / "nppes.zip", "w", ZIP_DEFLATED) as packed:
        packed.write(main, "npidata_pfile_20050523-20261108.csv")
        packed.write(header, "npidata_pfile_20050523-20261108_fileheader.csv")
        packed.writestr("pl_pfile_20050523-20261108.csv", '"NPI","Provider Secondary Practice Location"\n"1","x"\n')
        packed.writestr("NPPES_Data_Dissemination_Readme.pdf", b"%PDF")
    report = import_providers(engine, tmp_path / "nppes.zip", now=NOW, load=Load(networks=("net",)))
    assert ({"NPPES row": 2}, {"1000004105": True}) == (dict(report.read), who(engine))


def test_another_table_is_refused(engine: Engine, tmp_path: Path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DirectoryUnreadable, match="header"):
        import_providers(engine, tmp_path / "other.csv", load=Load(networks=("net",)))


def test_a_dry_run_says_what_would_be_done_and_does_nothing(nppes: Loaded, engine: Engine):
    nppes(doctor(), doctor(OTHERS[0]))
    report = nppes(doctor(family="OTHER", updated="05/01/2026"), doctor(OTHERS[1]), full=True, dry_run=True)
    assert (1, 1, 1) == (report.providers.loaded, report.providers.updated, report.providers.removed)
    assert {"1000004105": True, OTHERS[0]: True} == who(engine)


def test_a_nul_is_read_as_a_space(nppes: Loaded, engine: Engine):
    report = nppes(doctor() | {"Provider First Line Business Practice Location Address": "12\0Lantern St"})
    assert 1 == report.sites.loaded
    with engine.connect() as conn:
        assert "12 Lantern St" == conn.scalar(select(provider_sites.c.street))
