"""The sample people can be imported, and typed as they are printed."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.members.household import household, match_guardian
from bot.members.import_csv import import_members
from bot.members.roster import find_by_member_id, is_minor
from bot.members.sample import SAMPLE_IDENTITIES, SAMPLE_ROSTER
from bot.members.verification import verify_keys
from bot.records.rewards import benefits_active
from tests.members.people import PLANS, VAULT

TODAY = date(2026, 11, 22)
ROOT = Path(__file__).parents[2]
PROVIDERS = ROOT / "bot" / "directory" / "sample" / "Practitioner.ndjson"


@pytest.fixture
def sample(engine: Engine) -> Engine:
    report = import_members(engine, VAULT, PLANS, SAMPLE_ROSTER)
    assert ((), ()) == (report.problems, report.ignored_columns)
    assert len(SAMPLE_IDENTITIES) == report.added
    return engine


def test_every_printed_identity_verifies_and_every_child_has_the_guardian_named(sample: Engine) -> None:
    with sample.begin() as conn:
        for one in SAMPLE_IDENTITIES:
            found = verify_keys(conn, VAULT, one.plan, one.member_id, one.birth_date, one.zip)
            assert found is not None, one.label
            guardian = match_guardian(conn, VAULT, found.id, one.guardian, TODAY)
            assert is_minor(found.details, TODAY) == (guardian is not None), one.label


def test_the_sample_has_every_kind_of_person_a_newcomer_wants_to_try(sample: Engine) -> None:
    with sample.begin() as conn:
        everyone = [find_by_member_id(conn, VAULT, one.plan, one.member_id) for one in SAMPLE_IDENTITIES]
        people = {member.details.first: member for member in everyone if member}
        homes = {
            name: [person.first for person in household(conn, VAULT, member.id, None, TODAY)]
            for name, member in people.items()
        }
    assert ["Noah", "Lily", "Angela"] == homes["Angela"]
    assert ["Tyler"] == homes["Tyler"]
    assert {"Carmen", "Mateo", "José Luis"} == {name for name, member in people.items() if member.language == "es"}
    active = {name: benefits_active(m.benefits_begin, m.benefits_end, TODAY) for name, m in people.items()}
    assert {"Helen", "Victor"} == {name for name, is_active in active.items() if not is_active}
    assert people["Marcus"].details.phone == people["Tanya"].details.phone
    assert {"indiana", "ohio"} == {member.plan for member in people.values()}


def test_the_sample_uses_numbers_and_ids_nobody_has() -> None:
    for one in SAMPLE_IDENTITIES:
        assert re.fullmatch(r"\+13175550[01]\d\d", one.phone), one.label
        assert one.member_id.startswith("9999"), one.label


def test_the_ids_have_the_form_of_the_shipped_plans() -> None:
    for one in SAMPLE_IDENTITIES:
        plan = (ROOT / "flows" / "plans" / f"{one.plan}.yml").read_text()
        pattern = re.search(r"^member_id_pattern: '(.+)'$", plan, re.MULTILINE)
        assert pattern is not None
        assert re.fullmatch(pattern[1], one.member_id), one.label


@pytest.mark.skipif(not PROVIDERS.exists(), reason="the sample directory is not there")
def test_the_doctor_on_file_is_in_the_sample_directory(sample: Engine) -> None:
    with sample.begin() as conn:
        daniel = find_by_member_id(conn, VAULT, "indiana", "999900000011")
    known = {
        identifier["value"]
        for line in PROVIDERS.read_text().splitlines()
        for identifier in json.loads(line)["identifier"]
    }
    assert daniel is not None
    assert daniel.pmp_provider in known
