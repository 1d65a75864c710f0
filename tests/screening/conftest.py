"""The shipped forms and rules, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.flow import Flow, Slot, Variation
from bot.questionnaire import compile_questionnaire
from bot.scoring import Rule, load_rules

FLOWS = Path(__file__).parents[2] / "flows"
Compiled = tuple[Flow, dict[str, tuple[Variation, ...]], dict[str, Slot]]


def read_form_file(name: str) -> dict[str, Any]:
    doc: dict[str, Any] = json.loads((FLOWS / "questionnaires" / name).read_text("utf-8"))
    return doc


def read_yaml(path: Path) -> dict[str, Any]:
    doc: dict[str, Any] = YAML(typ="safe").load(path.read_text("utf-8"))
    return doc


@pytest.fixture(scope="session")
def forms() -> Mapping[str, dict[str, Any]]:
    return {name: read_form_file(f"hns-{name}.json") for name in ("adult", "child")}


@pytest.fixture(scope="session")
def compiled(forms: Mapping[str, dict[str, Any]]) -> Mapping[str, Compiled]:
    return {name: compile_questionnaire(doc, f"flows/questionnaires/hns-{name}.json") for name, doc in forms.items()}


@pytest.fixture(scope="session")
def rules() -> tuple[Rule, ...]:
    return load_rules(read_yaml(FLOWS / "rules" / "hns-risk.yml"), "flows/rules/hns-risk.yml")
