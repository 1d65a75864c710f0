"""The NPPES files of CMS: the monthly file of everybody with an NPI, the weekly file of changes, the deactivations.

They hold millions of rows of which few are of primary providers, so a row is looked at before it is taken apart. NPPES
knows no networks, no languages and nothing about new patients: the network is given by whoever loads the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.directory.assembly import Provider, Site
from bot.directory.feed_files import BROKEN, DirectoryUnreadable, FeedFile
from bot.directory.nppes_columns import TAXONOMIES
from bot.directory.person_names import person_name
from bot.directory.repairs import is_npi, npi_checks, phone_number, without_capitals, zip_code
from bot.directory.report import Ledger, Where
from bot.directory.resource_files import Progress, read_lines
from bot.directory.surroundings import Spot
from bot.directory.taxonomy import PRACTICES, is_taxonomy_code, practice_of
from bot.directory.zips import place

_NPI, _ENTITY, _UPDATED = "NPI", "Entity Type Code", "Last Update Date"
_FAMILY, _GIVEN, _MIDDLE = "Provider Last Name (Legal Name)", "Provider First Name", "Provider Middle Name"
_SUFFIX, _CREDENTIAL = "Provider Name Suffix Text", "Provider Credential Text"
_GENDER = ("Provider Gender Code", "Provider Sex Code")  # it was renamed
_STREET = "Provider First Line Business Practice Location Address"
_SECOND = "Provider Second Line Business Practice Location Address"
_CITY, _STATE, _POSTAL, _PHONE = (
    f"Provider Business Practice Location Address {part}"
    for part in ("City Name", "State Name", "Postal Code", "Telephone Number")
)
_ENDED, _BACK = "NPI Deactivation Date", "NPI Reactivation Date"
_NEEDED = (_NPI, _ENTITY, _FAMILY, _STATE, _POSTAL, "Healthcare Provider Taxonomy Code_1")
_ENDED_ALONE = ("npi deactivation date", "nppes deactivation date")  # the deactivation file, by its second column
_HEADER_WITHIN = 5  # lines: the deactivation file has a title above its header

_PRIMARY = re.compile(b"|".join(code.encode() for code in PRACTICES))
_INDIVIDUAL = "1"
_CUT = b'","'  # between the cells of a row as CMS writes it, all in quotes

Reject = Callable[[Sequence[str], Sequence[str], str], None]  # header, cells, why


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to be loaded: into which networks, of which States (none: all of them)."""

    networks: tuple[str, ...]
    states: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ended:
    """An NPI that was deactivated on a day."""

    id: str
    on: str


Row = Provider | Ended


def read_nppes(
    files: Sequence[FeedFile],
    wanted: Wanted,
    ledger: Ledger,
    today: date,
    *,
    reject: Reject | None = None,
    progress: Progress | None = None,
) -> Iterator[Row]:
    """A provider for every row (without sites where it is nobody to be chosen) and whoever was deactivated.

    Raises DirectoryUnreadable when no file has the header of an NPPES file."""
    reader = _Reader(wanted, ledger, today, reject)
    known = False
    total, before = sum(file.size for file in files), 0
    for file in files:
        done = before
        try:
            with file.open() as stream:
                lines = ((number, line) for number, line in enumerate(read_lines(stream), start=1))
                header = _header(lines)
                known |= header is not None
                for number, line in lines if header else ():
                    done += len(line)
                    if progress and number % 1000 == 0:
                        progress("read", min(done, total), total)
                    if (row := reader.row(header or (), line, Where(file.name, number))) is not None:
                        yield row
        except BROKEN:
            ledger.note("unreadable_file", Where(file.name, 0))
        before += file.size
    if not known:
        raise DirectoryUnreadable("the .csv has not the header of an NPPES file (NPI, Entity Type Code, ...).")


def _header(lines: Iterator[tuple[int, bytes]]) -> tuple[str, ...] | None:
    for number, line in lines:
        cells = tuple(cell.strip() for cell in _cells(line) or ())
        if set(_NEEDED) <= set(cells) or _is_deactivations(cells):
            return cells
        if number == _HEADER_WITHIN:
            break
    return None


def _is_deactivations(cells: Sequence[str]) -> bool:
    return len(cells) >= 2 and cells[0] == _NPI and cells[1].casefold() in _ENDED_ALONE


def _cells(line: bytes) -> list[str] | None:
    """The cells of a line; None where its quotes do not fit together. A cell holds no line break; a NUL, which
    PostgreSQL takes in no text, is a space."""
    line = line.replace(b"\0", b" ")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = line.decode("cp1252", errors="replace")
    try:
        return next(csv.reader([text.rstrip("\r\n")], strict=True), [])
    except csv.Error:
        return None


class _Reader:
    """Rows into providers, one at a time."""

    def __init__(self, wanted: Wanted, ledger: Ledger, today: date, reject: Reject | None) -> None:
        self._wanted, self._ledger, self._today, self._reject = wanted, ledger, today.isoformat(), reject

    def row(self, header: tuple[str, ...], line: bytes, where: Where) -> Row | None:
        if not line.strip():
            return None
        if (quick := self._nobody(line, header)) is not None:
            return quick
        cells = _cells(line)
        if cells is None or len(cells) != len(header):
            return self._broken("bad_row", where, header, cells or [line.decode("utf-8", errors="replace")])
        fields = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        npi = fields[_NPI]
        where = Where(where.file, where.line, f"NPI/{npi}" if is_npi(npi) else "")
        if not is_npi(npi):
            return self._broken("npi_missing", where, header, cells)
        if not npi_checks(npi):
            self._ledger.note("npi_check_digit", where)
        self._ledger.read["NPPES row"] += 1
        if _is_deactivations(header):
            return self._ended(npi, fields[header[1]])
        ended = iso_day(fields.get(_ENDED, ""))
        if ended and ended > iso_day(fields.get(_BACK, "")):
            return self._ended(npi, ended)
        found = self._provider(npi, fields, where)
        return self._broken(found, where, header, cells) if isinstance(found, str) else found

    def _nobody(self, line: bytes, header: tuple[str, ...]) -> Provider | None:
        """A row that need not be taken apart: in the form of CMS, not deactivated, without a primary's taxonomy."""
        if line[11:12] != b'"' or line[12:17] not in (b',"1",', b',"2",') or _PRIMARY.search(line):
            return None
        start = line.split(_CUT, 42)
        at = header.index(_UPDATED) if _UPDATED in header else len(start)
        npi = line[1:11].decode("ascii", errors="replace")
        if len(start) < 42 or at >= len(start) or not is_npi(npi) or header.index(_ENTITY) != 1 or start[at + 2]:
            return None
        self._ledger.read["NPPES row"] += 1
        self._ledger.passed_over["not a primary provider"] += 1
        return Provider(npi, source="nppes", updated=iso_day(start[at].decode("ascii", errors="replace")))

    def _broken(self, rule: str, where: Where, header: Sequence[str], cells: Sequence[str]) -> Provider | None:
        """None, after noting why."""
        self._ledger.note(rule, where)
        if self._reject:
            self._reject(header, cells, rule)
        return None

    def _ended(self, npi: str, day: str) -> Ended | None:
        on = iso_day(day)
        if on > self._today:
            return None
        self._ledger.passed_over["deactivated"] += 1
        return Ended(npi, on)

    def _provider(self, npi: str, fields: Mapping[str, str], where: Where) -> Provider | str:
        """The provider, or the rule by which the row is broken."""
        nobody = Provider(npi, source="nppes", updated=iso_day(fields.get(_UPDATED, "")))
        codes = _taxonomies(fields)
        does = practice_of(codes)
        if fields[_ENTITY] != _INDIVIDUAL or does is None:
            self._ledger.passed_over["not a primary provider"] += 1
            return nobody
        name = person_name(
            [
                {
                    "family": fields[_FAMILY],
                    "given": [fields.get(_GIVEN, ""), _initial(fields.get(_MIDDLE, ""))],
                    "suffix": [fields.get(_SUFFIX, ""), fields.get(_CREDENTIAL, "")],
                }
            ]
        )
        if not name.shown:
            return "no_name"
        spot = self._spot(npi, fields, where)
        if spot is None:
            return "no_place"
        if self._wanted.states and spot.state not in self._wanted.states:
            self._ledger.passed_over["other State"] += 1
            return nobody
        phone = phone_number(fields.get(_PHONE, ""))
        if not phone and fields.get(_PHONE):
            self._ledger.note("phone_unreadable", where)
        gender = next((fields[column] for column in _GENDER if column in fields), "")
        return Provider(
            npi,
            npi,
            name.shown,
            name.family,
            name.credential,
            {"F": "female", "M": "male"}.get(gender, ""),
            does.kinds,
            codes,
            (),
            tuple(Site(network, spot, "", phone, "unknown", does) for network in self._wanted.networks),
            "nppes",
            nobody.updated,
        )

    def _spot(self, npi: str, fields: Mapping[str, str], where: Where) -> Spot | None:
        code, repair = zip_code(fields[_POSTAL])
        centre = place(code)
        if centre is None:
            return None
        if repair == "zip_lost_zero":
            self._ledger.note(repair, where)
        street = ", ".join(filter(None, (without_capitals(fields.get(_STREET, "")), fields.get(_SECOND, "").title())))
        state = fields[_STATE].upper() if len(fields[_STATE]) == 2 else centre.state
        city = without_capitals(fields.get(_CITY, "")) or centre.city
        return Spot(f"npi-{npi}", "", street, city, state, code, centre.latitude, centre.longitude, None)


def _initial(middle: str) -> str:
    return f"{middle[0]}." if middle else ""


def _taxonomies(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The codes, the primary one first."""
    numbered = [
        (fields.get(f"Healthcare Provider Primary Taxonomy Switch_{number}") != "Y", code)
        for number in TAXONOMIES
        if is_taxonomy_code(code := fields.get(f"Healthcare Provider Taxonomy Code_{number}", "").upper())
    ]
    return tuple(dict.fromkeys(code for _, code in sorted(numbered, key=lambda each: each[0])))


def iso_day(written: str) -> str:
    """A day as NPPES writes it (05/23/2007), as 2007-05-23; "" where it is none."""
    try:
        if "/" in written:
            return datetime.strptime(written, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007
        return date.fromisoformat(written[:10]).isoformat() if written else ""
    except ValueError:
        return ""


def is_nppes(files: Collection[FeedFile]) -> bool:
    """Whether these are tables, not FHIR resources."""
    return any(file.ending == ".csv" for file in files)
