"""Screenings: the QuestionnaireResponse as it was stored, with people named as the plan knows them."""

from __future__ import annotations

from sqlalchemy import RowMapping

from bot.records.export.fhir.parts import Resource, identifier, patient, speaker
from bot.records.export.people import People
from bot.records.export.plain import response
from bot.records.export.since import iso


def screening(people: People, row: RowMapping) -> Resource:
    """What is stored stays as it is, its id too; added are the identifier and when it last changed."""
    about = patient(people, row["member"])
    said = {"subject": about, "source": speaker(people, row["said_by"], row["member"])}
    return (
        response(people, row)
        | {"meta": {"lastUpdated": iso(row["changed_at"])}, "identifier": identifier("screening", row["run"])}
        | {key: value for key, value in said.items() if value is not None}
    )
