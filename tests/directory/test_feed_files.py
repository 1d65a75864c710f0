"""A feed is read as it comes, packed or not, and a packed one that is broken, hostile or huge does no harm."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from sqlalchemy import Engine, func, select

from bot.directory import feed_files, resource_files
from bot.directory.importer import DirectoryUnreadable, ImportReport, Load, import_providers
from bot.records.tables import provider_sites
from tests.directory.conftest import NOW
from tests.directory.feeds import Resource, practitioner, role, to, whole, written

BOMB = b"0" * (64 * 1024**2)


def lines(resources: list[Resource]) -> bytes:
    return "".join(json.dumps(resource) + "\n" for resource in resources).encode()


def bundle(resources: list[Resource]) -> bytes:
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}).encode()


def packed(file: Path, **members: bytes) -> Path:
    with ZipFile(file, "w", ZIP_DEFLATED) as out:
        for name, data in members.items():
            out.writestr(name.replace("__", "/").replace("_", "."), data)
    return file


def loaded(engine: Engine, path: Path, **how: object) -> ImportReport:
    return import_providers(engine, path, now=NOW, load=Load(**how))  # type: ignore[arg-type]


FORMS = {
    "ndjson.gz": lambda folder: _gz(folder / "feed.ndjson.gz", lines(whole())),
    "json.gz": lambda folder: _gz(folder / "bundle.json.gz", bundle(whole())),
    "zip of ndjson": lambda folder: packed(folder / "feed.zip", feed_ndjson=lines(whole())),
    "zip of a bundle": lambda folder: packed(folder / "feed.ZIP", deep__in__bundle_json=bundle(whole())),
    "zip of many": lambda folder: packed(folder / "feed.zip", a_ndjson=lines(whole()[:3]), b_ndjson=lines(whole()[3:])),
    "folder of both": lambda folder: _folder(folder / "feed"),
}


def _gz(file: Path, data: bytes) -> Path:
    file.write_bytes(gzip.compress(data))
    return file


def _folder(folder: Path) -> Path:
    folder.mkdir()
    packed(folder / "a.zip", a_ndjson=lines(whole()[:2]))
    _gz(folder / "b.ndjson.gz", lines(whole()[2:4]))
    (folder / "c.json").write_bytes(bundle(whole()[4:]))
    (folder / "readme.txt").write_text("nothing")
    return folder


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(engine: Engine, tmp_path: Path, form: str):
    report = loaded(engine, FORMS[form](tmp_path))
    assert (5, 1, 1, {}) == (
        sum(report.read.values()),
        report.providers.loaded,
        report.sites.loaded,
        dict(report.rules),
    )


def test_where_a_record_stood_is_told_with_the_packed_files_name(engine: Engine, tmp_path: Path):
    feed = packed(tmp_path / "feed.zip", in__feed_ndjson=lines(whole(practitioner(name=[]))))
    [problem] = loaded(engine, feed).problems
    assert ("feed.zip/in/feed.ndjson", 4, "Practitioner/ana") == (problem.file, problem.line, problem.resource)


@pytest.mark.parametrize("ending", ["zip", "ndjson.gz"])
def test_a_bomb_ends_early_and_is_reported(engine: Engine, tmp_path: Path, monkeypatch, ending: str):
    monkeypatch.setattr(feed_files, "MOST_RATIO", 20)
    file = tmp_path / f"feed.{ending}"
    if ending == "zip":
        packed(file, a_ndjson=lines(whole()), b_ndjson=BOMB)
    else:
        _gz(file, lines(whole()) + BOMB)
    report = loaded(engine, file)
    assert (1, 1) == (report.rules["unreadable_file"], report.skipped)
    assert 1 == report.providers.loaded


def test_what_unpacks_to_more_than_any_directory_is_not_read_on(engine: Engine, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(feed_files, "MOST_BYTES", 1024**2)
    with ZipFile(tmp_path / "feed.zip", "w", ZIP_STORED) as out:
        out.writestr("feed.ndjson", lines(whole()) + b" " * (3 * 1024**2))
    assert {"unreadable_file": 1} == loaded(engine, tmp_path / "feed.zip").rules


def test_a_bundle_too_large_for_the_memory_is_refused(engine: Engine, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(resource_files, "_LARGEST_WHOLE", 100)
    (tmp_path / "bundle.json").write_bytes(bundle(whole()))
    assert {"too_large": 1} == loaded(engine, tmp_path / "bundle.json").rules


def test_names_that_lead_outside_are_only_names(engine: Engine, tmp_path: Path):
    with ZipFile(tmp_path / "feed.zip", "w") as out:
        out.writestr("../../outside.ndjson", lines(whole()))
        out.writestr("/etc/outside.ndjson", b"")
    assert 1 == loaded(engine, tmp_path / "feed.zip").providers.loaded
    assert [] == list(tmp_path.parent.rglob("outside.ndjson"))


def test_a_zip_in_a_zip_is_left_alone(engine: Engine, tmp_path: Path):
    inner = packed(tmp_path / "inner.zip", feed_ndjson=lines(whole()))
    with pytest.raises(DirectoryUnreadable, match="nothing to import"):
        loaded(engine, packed(tmp_path / "outer.zip", inner_zip=inner.read_bytes(), a_txt=b"x"))


@pytest.mark.parametrize("ending", ["zip", "ndjson.gz"])
def test_what_is_not_packed_as_it_says_is_told(engine: Engine, tmp_path: Path, ending: str):
    file = tmp_path / f"feed.{ending}"
    file.write_bytes(lines(whole()))
    if ending == "zip":
        with pytest.raises(DirectoryUnreadable, match="not a zip file"):
            loaded(engine, file)
    else:
        assert {"unreadable_file": 1} == loaded(engine, file).rules


def test_a_file_cut_off_gives_what_it_holds_and_closes_nobody(engine: Engine, tmp_path: Path):
    loaded(engine, written(tmp_path / "feed", whole()))
    many = [practitioner(f"p{n}", npi="") for n in range(2000)]
    file = _gz(tmp_path / "feed.ndjson.gz", lines(many))
    file.write_bytes(file.read_bytes()[:-4000])
    report = loaded(engine, file, full=True)
    assert (1, 1, 0) == (report.rules["unreadable_file"], report.kept_open, report.providers.removed)


def test_fhir_and_tables_are_not_loaded_together(engine: Engine, tmp_path: Path):
    feed = packed(tmp_path / "feed.zip", a_ndjson=lines(whole()), b_csv=b"NPI\n")
    with pytest.raises(DirectoryUnreadable, match="one kind at a time"):
        loaded(engine, feed)


def test_rejected_resources_are_written_to_correct_and_load_again(engine: Engine, tmp_path: Path):
    rejects = tmp_path / "rejects.ndjson"
    feed = written(tmp_path / "feed", whole(practitioner(name=[]), role("r2", practitioner=to("Practitioner/gone"))))
    with (feed / "feed.ndjson").open("a") as out:
        out.write('{"resourceType": "Location", \n')
    report = loaded(engine, feed, rejects=rejects)
    assert {"no_name": 1, "missing_practitioner": 1, "unreadable_line": 1} == report.rules
    broken, orphan, unreadable = rejects.read_text().splitlines()
    assert {"problem": "no name to show; passed over"} | practitioner(name=[]) == json.loads(broken)
    assert "r2" == json.loads(orphan)["id"]
    assert unreadable.startswith('{"resourceType": "Location"')
    assert 0o600 == rejects.stat().st_mode & 0o777
    rejects.write_text(broken.replace('"name": []', '"name": [{"family": "Ruiz", "given": ["Ana"]}]').replace(
        '"name":[]', '"name":[{"family":"Ruiz","given":["Ana"]}]') + "\n")  # fmt: skip
    assert 1 == loaded(engine, rejects).providers.loaded  # the rest is known from before
    with engine.connect() as conn:
        assert 1 == conn.scalar(select(func.count()).select_from(provider_sites))
