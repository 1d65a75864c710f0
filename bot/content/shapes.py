"""Holds files against our JSON Schemas, and says in plain words what does not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from bot.content.documents import Document, Documents
from bot.content.findings import Findings

_SCHEMAS = Path(__file__).parent.parent / "schemas"
_SCHEMA_OF_KIND = {"flows": "flows.json", "domain": "domain.json", "plans": "plans.json", "samples": "samples.json"}


def check_shapes(documents: Documents, findings: Findings) -> None:
    """Report what is not as the schemas say: `unsupported` where Rasa knows it and we do not, `shape` otherwise."""
    for kind, schema in _SCHEMA_OF_KIND.items():
        for document in documents[kind]:
            for error in _validator(schema).iter_errors(document.data):
                _report(error, document, findings)


@lru_cache(maxsize=8)
def _validator(schema: str) -> Draft202012Validator:
    loaded = {path.name: json.loads(path.read_text("utf-8")) for path in _SCHEMAS.glob("*.json")}
    registry = Registry().with_resources((name, Resource.from_contents(body)) for name, body in loaded.items())
    return Draft202012Validator(loaded[schema], registry=registry)


def _report(error: ValidationError, document: Document, findings: Findings) -> None:
    path = tuple(error.absolute_path)
    name = str(path[-1]) if path else document.file
    if error.validator == "additionalProperties":
        for key in _unknown_keys(error):
            findings.report("shape", document.at(*path, key), f"{key!r} is not a key that {name!r} may have")
        return
    if error.validator in ("not", "pattern") and isinstance(error.instance, str) and _names_a_key(error):
        path = (*path, error.instance)
        name = error.instance
    if unsupported := error.schema.get("unsupported"):
        findings.report("unsupported", document.at(*path), f"{name}: {unsupported}")
        return
    findings.report("shape", document.at(*path), f"{name}: {_explained(error)}")


def _names_a_key(error: ValidationError) -> bool:
    return "propertyNames" in error.absolute_schema_path


def _unknown_keys(error: ValidationError) -> Iterator[str]:
    known = error.schema.get("properties", {})
    return (key for key in error.instance if key not in known)


def _explained(error: ValidationError) -> str:
    if error.validator in ("oneOf", "pattern", "not") and "explain" in error.schema:
        return str(error.schema["explain"])
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return "lacks " + ", ".join(missing)
    if error.validator == "dependentRequired":
        wrong = {key: need for key, need in error.validator_value.items() if key in error.instance}
        return "; ".join(
            f"{key} needs {need[0]} beside it" for key, need in wrong.items() if need[0] not in error.instance
        )
    if error.validator == "type":
        wanted = error.validator_value if isinstance(error.validator_value, str) else " or ".join(error.validator_value)
        return f"is not of type {wanted}"
    return str(error.message)
