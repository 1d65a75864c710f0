"""Makes the sample provider directory: Plan-Net FHIR over real ZIP codes, everything else made up.

python scripts/make_sample_directory.py writes bot/directory/sample again; the same every time."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.directory.repairs import npi_checks  # noqa: E402
from bot.directory.zips import place  # noqa: E402

PLAN_NET = "http://hl7.org/fhir/us/davinci-pdex-plan-net"
UPDATED = "2026-11-01T06:00:00Z"

NETWORKS = {
    "net-in-hhw": "Indiana Medicaid Network (sample)",
    "net-in-mkt": "Indiana Marketplace Network (sample)",
    "net-oh-a": "Ohio Medicaid Network (sample)",
}


@dataclass(frozen=True)
class Area:
    """Where practices lie: ZIP codes, the area code of their phones, how many practices and practitioners."""

    city: str
    state: str
    phone: str
    zips: tuple[str, ...]
    practices: int
    practitioners: int
    full: bool = False  # nobody here takes new patients


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


INDIANAPOLIS = words(
    "46201 46202 46203 46204 46205 46208 46214 46217 46218 46219 46220 46221 46222 46224 46225 46226 46227 46228 46229 "
    "46231 46234 46235 46236 46237 46239 46240 46241 46250 46254 46256 46260"
)
FORT_WAYNE = words("46802 46803 46805 46806 46807 46808 46815 46825 46835")
LAKE_COUNTY = words("46402 46404 46407 46408 46409 46320 46323 46410 46307")
EVANSVILLE = words("47708 47710 47711 47714 47715 47720")
SOUTH_BEND = words("46601 46613 46614 46616 46628 46635 46637")
COLUMBUS_OHIO = words("43201 43203 43204 43205 43206 43207 43211 43213 43223 43229")
DAYTON = words("45402 45403 45405 45406 45414 45420 45424")
AREAS = (
    Area("Indianapolis", "IN", "317", INDIANAPOLIS, 46, 160),
    Area("Fort Wayne", "IN", "260", FORT_WAYNE, 11, 36),
    Area("Gary", "IN", "219", LAKE_COUNTY, 11, 36),
    Area("Evansville", "IN", "812", EVANSVILLE, 8, 26),
    Area("South Bend", "IN", "574", SOUTH_BEND, 8, 26),
    Area("Terre Haute", "IN", "812", ("47802", "47803"), 2, 7),
    Area("Bloomington", "IN", "812", ("47401", "47403"), 3, 9),
    Area("Lafayette", "IN", "765", ("47904", "47905"), 3, 9),
    Area("Muncie", "IN", "765", ("47302", "47304"), 2, 7),
    Area("Kokomo", "IN", "765", ("46901",), 2, 5),
    Area("Columbus", "IN", "812", ("47201",), 2, 5),
    Area("Greencastle", "IN", "765", ("46135",), 1, 2),
    Area("Jasper", "IN", "812", ("47546",), 1, 3),
    Area("Madison", "IN", "812", ("47250",), 1, 3, full=True),
    Area("Columbus", "OH", "614", COLUMBUS_OHIO, 12, 38),
    Area("Dayton", "OH", "937", DAYTON, 7, 22),
)


@dataclass(frozen=True)
class Origin:
    """Names as they go together, and the language spoken besides English."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    language: str = ""


HISPANIC = Origin(
    words("Lucia Marisol Elena Carmen Rosario Ximena Perla Beatriz Yolanda Araceli Noemi Graciela"),
    words("Matias Joaquin Hector Ramiro Esteban Ignacio Evaristo Anselmo Efrain Leandro Tomas Gilberto"),
    words("Morales Castaneda Villanueva Escobedo Navarrete Pacheco Salgado Ibarra Quintero Zamora Hernandez Garcia")
    + words("Arredondo Cisneros Montalvo"),
    "es",
)
CHINESE = Origin(
    words("Meiling Xiaoyan Huiwen Yuting Lihua"),
    words("Jianguo Weimin Haoran Zhiyuan Guoqiang"),
    words("Chen Huang Zhou Liang Tang Guo Deng Feng"),
    "zh",
)
BURMESE = Origin(
    words("Thandar Khin-Mya Nilar Ei-Phyu Hnin"),
    words("Zaw-Min Kyaw-Thu Thet-Naing Myo-Aung Htin"),
    words("Htun Lwin Oo Thein Maung Hlaing Naing Sann"),
    "my",
)
ARAB = Origin(
    words("Layla Samira Rasha Dunya Huda"),
    words("Tariq Bassam Nabil Khaled Ziad"),
    words("Haddadin Al-Masri Khoury Nasser Barakat Sabbagh Qasim"),
    "ar",
)
WEST_AFRICAN = Origin(
    words("Aminata Fatou Mariam Clarisse Solange"),
    words("Kossi Amadou Thierry Bakary Emmanuel"),
    words("Diallo Mensah Traore Kabongo Nkemelu Tshibanda Sow"),
    "fr",
)
OTHERS = Origin(
    words("Ngozi Hannah Meredith Tamika Priya Colleen Latoya Ingrid Deborah Anjali Keisha Abigail Linh Wanda Heather")
    + words("Moira Danielle Sunita Ebony Grace Nadia Philippa Rosalind Chidinma Yewande"),
    words("Warren Dominic Curtis Rajesh Terrence Oluwaseun Gregory Duc Vernon Calvin Marcus Stanley Vikram Leonard")
    + words("Darnell Everett Chukwuma Nathaniel Walter Roland Femi Alistair Silas Bernard Owen"),
    words("Okafor Whitcomb Brandt Kowalczyk Abernathy Nguyen Patel Lee Leigh Thornbury Washburn Adeyemi Schroeder Pham")
    + words(
        "Iyer Gallagher Odom Hollis Stubblefield Nakamura Venkataraman McAllister Obi Fairweather Tolliver Lindqvist"
    )
    + words("O'Rourke Dawkins Ramanathan Eze Vandermeer Pruitt Kim Osei Bellweather Haskins Truong Mbeki-Jones"),
)
ORIGINS = (HISPANIC,) * 22 + (CHINESE,) * 4 + (BURMESE,) * 6 + (ARAB,) * 4 + (WEST_AFRICAN,) * 5 + (OTHERS,) * 59

# taxonomy code, display, degrees, share in a hundred
SPECIALTIES = (
    ("207Q00000X", "Family Medicine", ("MD", "DO"), 32),
    ("207R00000X", "Internal Medicine", ("MD", "DO"), 17),
    ("208000000X", "Pediatrics", ("MD", "DO"), 16),
    ("207V00000X", "Obstetrics & Gynecology", ("MD", "DO"), 8),
    ("363LF0000X", "Nurse Practitioner, Family", ("FNP", "APRN"), 8),
    ("363LP0200X", "Nurse Practitioner, Pediatrics", ("PNP",), 3),
    ("363LA2200X", "Nurse Practitioner, Adult Health", ("NP",), 3),
    ("363LW0102X", "Nurse Practitioner, Women's Health", ("WHNP",), 2),
    ("363AM0700X", "Physician Assistant, Medical", ("PA-C",), 4),
    ("367A00000X", "Advanced Practice Midwife", ("CNM",), 3),
    ("207QG0300X", "Family Medicine, Geriatric", ("MD",), 1),
    ("2080A0000X", "Pediatrics, Adolescent Medicine", ("MD",), 1),
    ("208D00000X", "General Practice", ("MD",), 1),
    ("207RC0000X", "Cardiovascular Disease", ("MD",), 1),  # not for choosing: the importer leaves it out
)
CLINIC = ("261QF0400X", "Federally Qualified Health Center (FQHC)")
STREETS = [
    "Lantern",
    "Copperleaf",
    "Quillwood",
    "Marigold",
    "Thistledown",
    "Brindle",
    "Hearthstone",
    "Juniper-Bend",
    "Larkfield",
    "Pebble-Mill",
]
ROADS = ("Street", "Avenue", "Road", "Lane", "Drive", "Way")
PRACTICES = (
    "Lantern Hill", "Copperleaf", "Three Herons", "Quillwood", "Brightwater", "Amber Gate", "Thistledown", "Far Meadow",
    "Stonebridge", "Two Oaks", "Morning Bell", "Pebble Creek", "Kestrel", "Hearthstone", "Blue Door", "Larkfield",
)  # fmt: skip
PRACTICE_KINDS = ("Family Practice", "Medical Group", "Primary Care", "Health Associates", "Medical Center")
ACCEPTING = ("newpt",) * 62 + ("nopt",) * 20 + ("existptonly",) * 9 + ("existptfam",) * 7 + ("",) * 2
LANGUAGES = {"en": "English", "es": "Spanish", "zh": "Chinese", "my": "Burmese", "fr": "French", "ar": "Arabic"}

Resource = dict[str, object]


@dataclass
class Sample:
    """Resources by type, as they are made."""

    random: Random
    npis: Iterator[str]
    made: dict[str, list[Resource]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def add(self, kind: str, number: str, **fields: object) -> dict[str, str]:
        """Add a resource; the reference to it."""
        shown = {name: value for name, value in fields.items() if value not in (None, [], {})}
        resource = {"resourceType": kind, "id": number, "meta": {"lastUpdated": UPDATED}, **shown}
        self.made.setdefault(kind, []).append(resource)
        return {"reference": f"{kind}/{number}"}


@dataclass(frozen=True)
class Practice:
    """A made-up practice: references to its organization, place and service, and the networks it is in."""

    area: Area
    organization: dict[str, str]
    location: dict[str, str]
    service: dict[str, str]
    networks: tuple[str, ...]
    affiliated: bool  # networks by OrganizationAffiliation rather than on each role
    says: str  # which resource says whether new patients are taken: role, service, location


def make(seed: int = 834) -> dict[str, list[Resource]]:
    """All resources by type."""
    sample = Sample(Random(seed), made_up_npis())
    for network, name in NETWORKS.items():
        sample.add("Organization", network, active=True, type=[_coded("OrgTypeCS", "ntwk")], name=name)
    numbers = iter(range(1, 10_000))
    for area in AREAS:
        practices = [_practice(sample, area, next(numbers)) for _ in range(area.practices)]
        for number in range(area.practitioners):
            _practitioner(sample, practices[number % len(practices)], practices)
    _people_of_the_manual(sample)
    return sample.made


def made_up_npis() -> Iterator[str]:
    """NPIs below the first one ever issued, with a right check digit."""
    for number in range(1, 10_000):
        candidates = (f"10000{number:04}{digit}" for digit in range(10))
        yield next(npi for npi in candidates if npi_checks(npi))


def _practice(sample: Sample, area: Area, number: int, at_zip: str = "") -> Practice:
    random = sample.random
    clinic = number % 8 == 0 and not area.full
    name = f"{random.choice(PRACTICES)} {'Community Health Center' if clinic else random.choice(PRACTICE_KINDS)}"
    networks = _networks_of(area, random)
    says = random.choice(("role", "role", "service", "location"))
    accepting = "nopt" if area.full else random.choice(ACCEPTING)
    organization = sample.add(
        "Organization",
        f"org-{number}",
        active=True,
        identifier=[_npi(next(sample.npis))] if clinic else [],
        type=[_coded("OrgTypeCS", "prvgrp")],
        name=name,
    )
    location = _location(sample, area, number, name, at_zip, accepting if says == "location" else "")
    word = "newpt" if clinic else accepting if says == "service" else ""
    service = sample.add(
        "HealthcareService",
        f"svc-{number}",
        active=True,
        providedBy=organization,
        location=[location],
        name=name,
        specialty=[_nucc(*CLINIC)] if clinic else [],
        communication=_spoken(("en", "es")) if clinic else [],
        extension=[_newpatients(word)] if word else [],
    )
    affiliated = clinic or random.random() < 0.15
    if affiliated:
        sample.add(
            "OrganizationAffiliation",
            f"aff-{number}",
            active=True,
            participatingOrganization=organization,
            network=[_network(n) for n in networks],
            location=[location],
            healthcareService=[service],
        )
    return Practice(area, organization, location, service, networks, affiliated, says)


def _networks_of(area: Area, random: Random) -> tuple[str, ...]:
    if area.state == "OH":
        return ("net-oh-a",)
    both = ("net-in-hhw", "net-in-mkt")
    return both if area.full else random.choice((("net-in-hhw",), both, both, ("net-in-mkt",)))


def _location(sample: Sample, area: Area, number: int, name: str, at_zip: str, accepting: str) -> dict[str, str]:
    random = sample.random
    chosen = at_zip or area.zips[number % len(area.zips)]
    centre = place(chosen)
    assert centre is not None, chosen
    spread = 0.001 if at_zip else 0.015
    longitude = centre.longitude + random.uniform(-spread, spread)
    latitude = centre.latitude + random.uniform(-spread, spread)
    street = f"{random.randrange(100, 9900)} {random.choice(STREETS).replace('-', ' ')} {random.choice(ROADS)}"
    written = random.choice((chosen, chosen, f"{chosen}-{random.randrange(1000, 9999)}"))
    return sample.add(
        "Location",
        f"loc-{number}",
        status="active",
        name=name,
        telecom=[{"system": "phone", "value": f"{area.phone}-555-01{random.randrange(100):02}", "use": "work"}],
        address={"line": [street], "city": centre.city, "state": area.state, "postalCode": written},
        position={"longitude": round(longitude, 5), "latitude": round(latitude, 5)},
        extension=[_newpatients(accepting)] if accepting else [],
    )


def _practitioner(sample: Sample, home: Practice, practices: list[Practice]) -> None:
    random = sample.random
    origin = random.choice(ORIGINS)
    code, display, degrees, _ = random.choices(SPECIALTIES, [s[3] for s in SPECIALTIES])[0]
    female = random.random() < (0.9 if code in ("367A00000X", "363LW0102X") else 0.52)
    name = _new_name(sample, origin.women if female else origin.men, origin.families)
    spoken = ["en"] + ([origin.language] if origin.language and random.random() < 0.8 else [])
    if "es" not in spoken and random.random() < 0.07:
        spoken.append("es")
    others = [p for p in practices if p is not home]
    places = [home] + ([random.choice(others)] if others and random.random() < 0.18 else [])
    person = _person(sample, name, female, random.choice(degrees), tuple(spoken))
    for at in places:
        word = "nopt" if at.area.full else random.choice(ACCEPTING)
        both = len(at.networks) == 2 and not at.area.full and random.random() < 0.1
        said = {"net-in-hhw": "nopt", "net-in-mkt": "newpt"} if both else {"": word}
        _role(sample, person, at, (code, display), said)


def _new_name(sample: Sample, given: tuple[str, ...], families: tuple[str, ...]) -> tuple[str, str]:
    while True:
        first, family = sample.random.choice(given).replace("-", " "), sample.random.choice(families)
        if f"{first} {family}" not in sample.names:
            sample.names.add(f"{first} {family}")
            return first, family


def _person(
    sample: Sample, name: tuple[str, str], female: bool, degree: str, spoken: tuple[str, ...]
) -> dict[str, str]:
    npi = next(sample.npis)
    title = ["Dr."] if degree in ("MD", "DO") else []
    return sample.add(
        "Practitioner",
        f"pr-{npi[5:9]}",
        active=True,
        identifier=[_npi(npi)],
        name=[{"family": name[1], "given": name[0].split(), "prefix": title, "suffix": [degree]}],
        gender="female" if female else "male",
        communication=_spoken(spoken),
    )


def _role(
    sample: Sample, person: dict[str, str], at: Practice, specialty: tuple[str, str], said: dict[str, str]
) -> None:
    number = len(sample.made.get("PractitionerRole", ())) + 1
    own = () if at.affiliated else at.networks
    extensions = [_extension("network-reference", valueReference=_network(network)) for network in own]
    if at.says == "role":
        extensions += [_newpatients(word, network) for network, word in said.items() if word]
    sample.add(
        "PractitionerRole",
        f"role-{number}",
        active=True,
        practitioner=person,
        organization=at.organization,
        location=[at.location],
        healthcareService=[at.service],
        specialty=[_nucc(*specialty)],
        extension=extensions,
    )


def _people_of_the_manual(sample: Sample) -> None:
    """Those that the README, the tests and the golden transcripts call by name."""
    indianapolis = AREAS[0]
    downtown = _known_practice(sample, indianapolis, 9001, "46204")
    northside = _known_practice(sample, indianapolis, 9002, "46220")
    ana = _person(sample, ("Ana", "Ruiz"), True, "MD", ("en", "es"))
    for at in (downtown, northside):
        _role(sample, ana, at, ("207Q00000X", "Family Medicine"), {"": "newpt"})
    naomi = _person(sample, ("Naomi", "Whitfield-Osei"), True, "MD", ("en",))
    _role(sample, naomi, downtown, ("208000000X", "Pediatrics"), {"": "nopt"})
    for first, female, code, display, accepting in (
        ("Soo Jin", True, "208000000X", "Pediatrics", "newpt"),
        ("Gideon", False, "207R00000X", "Internal Medicine", "newpt"),
        ("Winifred", True, "207Q00000X", "Family Medicine", "newpt"),
        ("Tobias", False, "207Q00000X", "Family Medicine", "existptfam"),
    ):
        lee = _person(sample, (first, "Lee"), female, "MD", ("en",))
        _role(sample, lee, northside, (code, display), {"": accepting})


def _known_practice(sample: Sample, area: Area, number: int, at_zip: str) -> Practice:
    made = _practice(sample, area, number, at_zip)
    return Practice(area, made.organization, made.location, made.service, ("net-in-hhw", "net-in-mkt"), False, "role")


# --- FHIR ------------------------------------------------------------------------------------------------------------


def _extension(name: str, **fields: object) -> Resource:
    return {"url": f"{PLAN_NET}/StructureDefinition/{name}", **fields}


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": f"{PLAN_NET}/CodeSystem/{system}", "code": code}]}


def _nucc(code: str, display: str) -> Resource:
    return {"coding": [{"system": "http://nucc.org/provider-taxonomy", "code": code, "display": display}]}


def _npi(npi: str) -> Resource:
    return {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}


def _spoken(codes: tuple[str, ...]) -> list[Resource]:
    return [{"coding": [{"system": "urn:ietf:bcp:47", "code": code, "display": LANGUAGES[code]}]} for code in codes]


def _network(network: str) -> Resource:
    return {"reference": f"Organization/{network}"}


def _newpatients(word: str, network: str = "") -> Resource:
    parts: list[Resource] = [{"url": "acceptingPatients", "valueCodeableConcept": _coded("AcceptingPatientsCS", word)}]
    if network:
        parts.append({"url": "fromNetwork", "valueReference": _network(network)})
    return _extension("newpatients", extension=parts)


def write(folder: Path) -> None:
    """Write every resource, one NDJSON file for each type."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, resources in make().items():
        lines = (json.dumps(resource, ensure_ascii=False, separators=(",", ":")) for resource in resources)
        (folder / f"{kind}.ndjson").write_text("".join(chain.from_iterable((line, "\n") for line in lines)), "utf-8")


if __name__ == "__main__":
    write(ROOT / "bot" / "directory" / "sample")
