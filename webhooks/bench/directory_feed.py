"""A made-up directory of any size: the same seed, the same providers, as Plan-Net NDJSON or as an NPPES file.

Names, practices and specialties are as unevenly spread as real ones: some family names are everywhere, and much of a
State works in a few ZIP codes, the most of it in 46204."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

import msgspec

from bot.directory.nppes_columns import COLUMNS
from bot.directory.repairs import npi_checks
from bot.directory.zips import codes_of, place

NETWORK = "bench-net"
STATE = "IN"
CENTRE = "46204"

_FAMILIES, _GIVEN = 30_000, 2_000
_PER_LOCATION = 8  # providers
_SPECIALTIES = (
    ("207Q00000X", 35),
    ("207R00000X", 20),
    ("363LF0000X", 20),
    ("208000000X", 12),
    ("207V00000X", 8),
    ("363A00000X", 5),
)
_ACCEPTING = (("newpt", 60), ("nopt", 20), ("existptonly", 8), ("existptfam", 2), ("", 10))
_SPOKEN = (("", 78), ("es", 12), ("zh", 4), ("my", 3), ("ar", 3))  # beside English

_EXTENSION = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/"


@dataclass(frozen=True, slots=True)
class Made:
    """One provider of the directory."""

    number: int
    npi: str
    given: str
    family: str
    gender: str
    taxonomy: str
    spoken: str
    accepting: str
    zip: str
    location: int


class Weighted:
    """Draws from values that are not equally likely."""

    def __init__(self, weighted: Sequence[tuple[str, float]]) -> None:
        self._values = [value for value, _ in weighted]
        self._sums = list(accumulate(weight for _, weight in weighted))

    def draw(self, random: Random) -> str:
        return random.choices(self._values, cum_weights=self._sums)[0]


def people(number: int, seed: int = 1) -> Iterator[Made]:
    """The providers, in order."""
    random = Random(seed)
    families, given = Weighted(_ranked(family_names(), 8, 0.8)), Weighted(_ranked(given_names(), 6, 0.9))
    places = Weighted(_ranked(zips_of(STATE), 10, 0.8))
    specialties, accepting, spoken = Weighted(_SPECIALTIES), Weighted(_ACCEPTING), Weighted(_SPOKEN)
    here = CENTRE
    for each in range(number):
        if each % _PER_LOCATION == 0:
            here = places.draw(random)
        yield Made(
            each,
            npi(each),
            given.draw(random),
            families.draw(random),
            random.choice(("female", "male")),
            specialties.draw(random),
            spoken.draw(random),
            accepting.draw(random),
            here,
            each // _PER_LOCATION,
        )


def _ranked(names: Sequence[str], flat: float, steep: float) -> list[tuple[str, float]]:
    return [(name, (rank + flat) ** -steep) for rank, name in enumerate(names)]


@cache
def npi(number: int) -> str:
    """A made-up NPI whose check digit is right."""
    stem = f"1{number:08}"
    return next(stem + digit for digit in "0123456789" if npi_checks(stem + digit))


@cache
def family_names() -> tuple[str, ...]:
    """Made up of syllables, the commonest first."""
    return _syllables(Random(11), _FAMILIES, ("", "son", "ez", "man", "er", "ski", "ley", "ton"), {20: "Ruiz"})


@cache
def given_names() -> tuple[str, ...]:
    return _syllables(Random(12), _GIVEN, ("", "a", "ie", "o", "in", "elle"), {15: "Ana"})


def _syllables(random: Random, number: int, ends: Sequence[str], known: dict[int, str]) -> tuple[str, ...]:
    onsets = ["B", "C", "D", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "T", "V", "W", "Br", "Gr", "Sh"]
    middles = ["l", "r", "n", "m", "s", "t", "d", "ll", "nd", "rt", "st", "v", "k", "b", "ck", "th"]
    names: dict[str, None] = {}
    while len(names) < number:
        if len(names) in known:
            names[known[len(names)]] = None
        first = random.choice(onsets) + random.choice("aeiou") + random.choice(middles)
        names[first + random.choice(("a", "e", "i", "o", "u", "er", "an")) + random.choice(ends)] = None
    return tuple(names)


@cache
def zips_of(state: str) -> tuple[str, ...]:
    """The State's ZIP codes in an order of our own, 46204 first."""
    there = sorted(codes_of(state))
    Random(13).shuffle(there)
    return tuple(sorted(there, key=lambda code: code != CENTRE))


def _middle(code: str) -> tuple[float, float, str]:
    there = place(code)
    if there is None:
        raise ValueError(f"{code} is no ZIP code")
    return there.latitude, there.longitude, there.city


def write_plan_net(file: Path, number: int, seed: int = 1) -> int:
    """Write the directory as NDJSON; how many resources it has."""
    random, written = Random(seed + 1), 1
    kind = {"coding": [{"code": "ntwk"}]}
    with file.open("wb") as out:
        out.write(_line({"resourceType": "Organization", "id": NETWORK, "type": [kind], "name": "The network"}))
        for made in people(number, seed):
            if made.number % _PER_LOCATION == 0:
                out.write(_line(_location(made, random)))
                written += 1
            out.write(_line(_practitioner(made)))
            out.write(_line(_role(made)))
            written += 2
    return written


def _line(resource: dict[str, object]) -> bytes:
    return msgspec.json.encode(resource | {"meta": {"lastUpdated": "2026-11-01T00:00:00Z"}}) + b"\n"


def _location(made: Made, random: Random) -> dict[str, object]:
    latitude, longitude, city = _middle(made.zip)
    return {
        "resourceType": "Location",
        "id": f"l{made.location}",
        "status": "active",
        "name": f"Practice {made.location}",
        "address": {
            "line": [f"{made.location % 9000 + 1} Main Street"],
            "city": city,
            "state": STATE,
            "postalCode": made.zip,
        },
        "position": {
            "latitude": latitude + random.gauss(0, 0.012),
            "longitude": longitude + random.gauss(0, 0.012),
        },
        "telecom": [{"system": "phone", "value": f"317-555-{made.location % 10000:04}"}],
    }


def _practitioner(made: Made) -> dict[str, object]:
    return {
        "resourceType": "Practitioner",
        "id": f"p{made.number}",
        "active": True,
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": made.npi}],
        "name": [{"family": made.family, "given": [made.given], "suffix": ["MD"]}],
        "gender": made.gender,
        "communication": [{"coding": [{"code": code}]} for code in ("en", made.spoken) if code],
    }


def _role(made: Made) -> dict[str, object]:
    extensions: list[object] = [
        {"url": _EXTENSION + "network-reference", "valueReference": {"reference": f"Organization/{NETWORK}"}}
    ]
    if made.accepting:
        word = {"url": "acceptingPatients", "valueCodeableConcept": {"coding": [{"code": made.accepting}]}}
        extensions.append({"url": _EXTENSION + "newpatients", "extension": [word]})
    return {
        "resourceType": "PractitionerRole",
        "id": f"r{made.number}",
        "active": True,
        "practitioner": {"reference": f"Practitioner/p{made.number}"},
        "location": [{"reference": f"Location/l{made.location}"}],
        "specialty": [{"coding": [{"code": made.taxonomy}]}],
        "extension": extensions,
    }


def write_nppes(file: Path, number: int, seed: int = 1) -> int:
    """Write the directory as an NPPES monthly file; how many rows it has."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.DictWriter(out, COLUMNS, restval="", quoting=csv.QUOTE_ALL)
        rows.writeheader()
        for made in people(number, seed):
            rows.writerow(_nppes_row(made))
    return number


def _nppes_row(made: Made) -> dict[str, str]:
    place = "Provider Business Practice Location Address "
    return {
        "NPI": made.npi,
        "Entity Type Code": "1",
        "Provider Last Name (Legal Name)": made.family.upper(),
        "Provider First Name": made.given.upper(),
        "Provider Credential Text": "M.D.",
        "Provider First Line Business Practice Location Address": f"{made.location % 9000 + 1} MAIN ST",
        place + "City Name": _middle(made.zip)[2].upper(),
        place + "State Name": STATE,
        place + "Postal Code": made.zip + "1234",
        place + "Country Code (If outside U.S.)": "US",
        place + "Telephone Number": f"317555{made.location % 10000:04}",
        "Last Update Date": "11/01/2026",
        "Provider Gender Code": made.gender[0].upper(),
        "Healthcare Provider Taxonomy Code_1": made.taxonomy,
        "Healthcare Provider Primary Taxonomy Switch_1": "Y",
    }
