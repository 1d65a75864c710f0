"""Writes a golden transcript so that people like to read and edit it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString


def write_turns(file: Path, head: Mapping[str, object], turns: Sequence[Mapping[str, object]]) -> None:
    """Write what the conversation was (`head`) and each of its turns."""
    document = {**head, "turns": [{key: _block(value) for key, value in turn.items()} for turn in turns]}
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(document, out)


def _block(value: object) -> object:
    """Lines as lines, and what cannot be seen as escapes."""
    if not isinstance(value, str):
        return value
    if value != value.strip() or not all(line.isprintable() and line == line.rstrip() for line in value.split("\n")):
        return DoubleQuotedScalarString(value)
    return LiteralScalarString(value) if "\n" in value else value
