"""A member as a Patient, for a receiver that does not know them yet."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.flow import Plan
from bot.members import roster
from bot.records.export.fhir.parts import Resource, without_nothing
from bot.records.export.people import member_id_system
from bot.vault import Vault

_GENDERS = {"F": "female", "M": "male"}


def member_resource(conn: Connection, vault: Vault, plans: Mapping[str, Plan], id: str) -> Resource | None:
    """What US Core asks of a Patient (identifier, name, gender) and the birth date, from the roster; None where nobody
    on file has this id of ours."""
    who = roster.member(conn, vault, id)
    if who is None:
        return None
    details = who.details
    return without_nothing(
        {
            "resourceType": "Patient",
            "identifier": [{"system": member_id_system(plans, who.plan), "value": details.member_id}],
            "name": [{"family": details.last, "given": [details.first]}],
            "gender": _GENDERS.get(details.sex, "unknown"),
            "birthDate": details.birth_date,
        }
    )
