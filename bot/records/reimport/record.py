"""One line of a file, read: which kind it is and what it says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bot.records.export.fhir.parts import OURS
from bot.records.export.plain import Record
from bot.records.reimport import consent, response, reward, task
from bot.records.reimport.parts import Incoming, NotTaken, moment, name

_DEEPEST = 32  # levels; a screening has about 12
_Read = Callable[[str, float, Record], Incoming]

# resource type, kind in its identifier -> reader
_RESOURCES: Mapping[tuple[str, str], _Read] = {
    ("Consent", "preference"): consent.preference,
    ("Consent", "consent"): consent.consent,
    ("Task", "pmp-choice"): task.pmp_choice,
    ("Task", "referral"): task.referral,
    ("QuestionnaireResponse", "screening"): response.screening,
}


def read_line(line: bytes) -> tuple[Record, Incoming]:
    """The record as it stands, and what it says. Raises NotTaken."""
    try:
        record = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise NotTaken("is not JSON") from None
    except RecursionError:
        raise NotTaken("is nested too deep") from None
    if _is_deeper(record, _DEEPEST):
        raise NotTaken("is nested too deep")
    return record, _read(record)


def _is_deeper(record: Any, most: int) -> bool:
    """Whether anything stands inside more others than that: whoever writes it out again must not be exhausted."""
    inside = [record]
    for _ in range(most):
        nested = (one for one in inside if isinstance(one, dict | list))
        inside = [child for one in nested for child in (one.values() if isinstance(one, dict) else one)]
    return bool(inside)


def _read(record: Any) -> Incoming:
    if not isinstance(record, dict):
        raise NotTaken("is not a JSON object")
    if "resourceType" in record:
        return _read_resource(record)
    if "programme_year" in record:
        return reward.reward(name(record, "uid"), moment(record, "at"), record)
    raise NotTaken("is not of a kind that can be brought in")


def _read_resource(resource: Record) -> Incoming:
    given = resource.get("identifier")
    # Of a QuestionnaireResponse FHIR wants one identifier, of the others a list of them.
    where: tuple[str | int, ...] = ("identifier",) if isinstance(given, dict) else ("identifier", 0)
    identifier = given if isinstance(given, dict) else given[0] if isinstance(given, list) and given else None
    system = identifier.get("system") if isinstance(identifier, dict) else None
    kind = system.removeprefix(f"{OURS}:") if isinstance(system, str) else ""
    read = _RESOURCES.get((str(resource["resourceType"]), kind))
    if read is None or system == kind:
        raise NotTaken("is not a resource that CareStart exported")
    return read(name(resource, *where, "value"), moment(resource, "meta", "lastUpdated"), resource)
