"""NPPES files for tests: one doctor, right in every way, with whatever a test spoils."""

from __future__ import annotations

import csv
from pathlib import Path

from bot.directory.nppes_columns import COLUMNS

PLACE = "Provider Business Practice Location Address "
CODE, SWITCH = "Healthcare Provider Taxonomy Code_{}", "Healthcare Provider Primary Taxonomy Switch_{}"

Row = dict[str, str]


def doctor(npi: str = "1000004105", **fields: str) -> Row:
    """`state`, `zip`, `code`, `updated`... are short for the columns' long names; any column may be given as it is."""
    short = {
        "family": "Provider Last Name (Legal Name)",
        "given": "Provider First Name",
        "middle": "Provider Middle Name",
        "credential": "Provider Credential Text",
        "gender": "Provider Gender Code",
        "entity": "Entity Type Code",
        "state": PLACE + "State Name",
        "city": PLACE + "City Name",
        "zip": PLACE + "Postal Code",
        "phone": PLACE + "Telephone Number",
        "code": CODE.format(1),
        "updated": "Last Update Date",
        "ended": "NPI Deactivation Date",
        "back": "NPI Reactivation Date",
    }
    right = {
        "NPI": npi,
        "entity": "1",
        "family": "RUIZ",
        "given": "ANA",
        "middle": "MARIA",
        "credential": "M.D.",
        "gender": "F",
        "Provider First Line Business Practice Location Address": "12 LANTERN ST",
        "city": "INDIANAPOLIS",
        "state": "IN",
        "zip": "462041234",
        "phone": "3175550100",
        "code": "207Q00000X",
        SWITCH.format(1): "Y",
        "updated": "03/01/2026",
    }
    return {short.get(name, name): value for name, value in (right | fields).items()}


def deactivated(npi: str, on: str) -> Row:
    """As the monthly file shows it: nothing but the number and the day."""
    return {"NPI": npi, "NPI Deactivation Date": on}


def written(file: Path, *rows: Row, columns: tuple[str, ...] = COLUMNS) -> Path:
    """The rows as CMS writes them: every cell in quotes."""
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, columns, restval="", quoting=csv.QUOTE_ALL)
        table.writeheader()
        table.writerows(rows)
    return file
