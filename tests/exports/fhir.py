"""What makes a resource valid, in one place: every test of a resource calls `assert_valid`."""

from __future__ import annotations

import json
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

Resource = dict[str, Any]


def assert_valid(resource: Resource) -> None:
    """It is FHIR R4 that says all it says within the standard, and what it holds is named and referred to.

    `fhir.resources` knows elements, types, cardinalities and required codes, but no invariants; the few that our
    resources could break are checked here. A validator that knows them all is to be called here too.
    """
    model = get_fhir_model_class(resource["resourceType"])
    written = json.dumps(resource).replace("+00:00", "Z")
    read = model.model_validate_json(written)
    assert json.loads(written) == json.loads(read.model_dump_json(exclude_none=True)), (
        "something was understood otherwise"
    )
    _assert_contained_is_used(resource)
    for reference in _references(resource):
        assert reference.keys() & {"reference", "identifier", "display"}, reference
    assert "" not in list(_leaves(resource))


def assert_as_profiled(response: Resource) -> None:
    """What SDC's and US Core's QuestionnaireResponse require, as far as it can be seen in the resource itself."""
    url, _, version = response["questionnaire"].partition("|")
    assert url.startswith("https://") and version
    assert response["status"] in ("in-progress", "completed")
    assert {"system", "value"} == response["subject"]["identifier"].keys()
    assert response["authored"] and response["author"]


def _assert_contained_is_used(resource: Resource) -> None:
    """dom-2 to dom-5: what is contained is referred to, and has neither versions nor contents of its own."""
    referred = {one["reference"] for one in _references(resource) if "reference" in one}
    for one in resource.get("contained", ()):
        assert f"#{one['id']}" in referred
        assert not one.keys() & {"contained", "meta"}


def _references(value: Any) -> list[Resource]:
    """Every Reference, wherever it stands: it has a type, or begins with "#"."""
    if isinstance(value, list):
        return [found for one in value for found in _references(one)]
    if not isinstance(value, dict):
        return []
    here = [value] if _is_reference(value) else []
    return here + [found for one in value.values() for found in _references(one)]


def _is_reference(value: Resource) -> bool:
    return ("reference" in value and isinstance(value["reference"], str)) or (
        isinstance(value.get("type"), str) and (value["type"][:1].isupper())
    )


def _leaves(value: Any) -> Any:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    else:
        yield value
