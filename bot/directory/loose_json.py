"""Reading JSON that may not have the shape it should: what is not there or is not right reads as empty."""

from __future__ import annotations

from collections.abc import Iterator

Record = dict[str, object]


def record(value: object) -> Record:
    """The value if it is an object, or else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[object]:
    """The value if it is a list; a list of it if it stands where a list should; empty for null."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def records(value: object) -> list[Record]:
    """The objects of a list (or the one object)."""
    return [item for item in listed(value) if isinstance(item, dict)]


def text(value: object) -> str:
    """The value as trimmed text; whole numbers without a fraction; empty for everything else. A NUL, which PostgreSQL
    takes in no text, is a space."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).replace("\0", " ").split()) if isinstance(value, str | int | float) else ""


def number(value: object) -> float | None:
    """The value as a number, also where it is written as text."""
    try:
        return float(text(value))
    except ValueError:
        return None


def codes(concept: object) -> Iterator[str]:
    """The codes of a CodeableConcept or of a list of them."""
    for one in records(concept):
        for coding in records(one.get("coding")):
            if code := text(coding.get("code")):
                yield code
