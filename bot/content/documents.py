"""Reads the files of a content folder: YAML with the line of every key, JSON as it is. Only this file knows ruamel."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from bot.content.findings import Findings
from bot.flow import Source

Key = tuple[str | int, ...]

# Where each kind of file stands, relative to the content folder; the first pattern that fits counts.
KINDS = (
    ("samples", "check.yml"),
    ("domain", "domain.yml"),
    ("domain", "domain/*.yml"),
    ("domain", "responses/*.yml"),
    ("plans", "plans/*.yml"),
    ("rules", "rules/*.yml"),
    ("questionnaires", "questionnaires/*.json"),
    ("flows", "*.yml"),
)
_CONTENT_SUFFIXES = {".yml", ".yaml", ".json"}
_MAX_INTEGER_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Document:
    """One file. `lines` gives the line of every key and list item by its path in `data`."""

    file: str
    data: Any
    text: str = ""
    lines: Mapping[Key, int] = field(default_factory=dict)

    def at(self, *path: str | int) -> Source:
        """Where the thing at `path` stands, or the nearest thing around it that has a place."""
        while path and path not in self.lines:
            path = path[:-1]
        return Source(self.file, self.lines.get(path, 1))

    def quoting(self, value: str) -> Source:
        """Where the text `value` first stands in quotes: places within JSON."""
        before, found, _ = self.text.partition(json.dumps(value, ensure_ascii=False))
        return Source(self.file, before.count("\n") + 1 if found else 1)


@dataclass(frozen=True, slots=True)
class Documents:
    """All files of a folder by kind (KINDS), each kind in order of name; `digest` changes when any of them does."""

    by_kind: Mapping[str, tuple[Document, ...]]
    digest: str

    def __getitem__(self, kind: str) -> tuple[Document, ...]:
        return self.by_kind.get(kind, ())


def content_files(folder: Path) -> list[Path]:
    """Every file of the folder that could be content, those at the top first."""
    found = (path for path in folder.rglob("*") if path.suffix in _CONTENT_SUFFIXES and path.is_file())
    return sorted(found, key=lambda path: (len(path.parts), path))


def read_documents(folder: Path, findings: Findings) -> Documents:
    """Read every content file below `folder`; what cannot be read is reported and left out."""
    by_kind: dict[str, list[Document]] = {}
    digest = hashlib.sha256()
    for path in content_files(folder):
        place = path.relative_to(folder)
        name = f"{folder.resolve().name}/{place.as_posix()}"
        raw = path.read_bytes()
        digest.update(f"{place.as_posix()}\0{len(raw)}\0".encode() + raw)
        kind = _kind_of(place)
        if not kind:
            findings.report("stray-file", Source(name), "no kind of content stands here, so it would never be read")
        elif (document := _read(raw, name, findings)) is not None:
            by_kind.setdefault(kind, []).append(document)
    return Documents({kind: tuple(found) for kind, found in by_kind.items()}, digest.hexdigest())


def _kind_of(place: Path) -> str:
    depth = len(place.parts)
    return next((kind for kind, pattern in KINDS if place.match(pattern) and depth == pattern.count("/") + 1), "")


def _read(raw: bytes, name: str, findings: Findings) -> Document | None:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.report("unreadable", Source(name, raw[: error.start].count(b"\n") + 1), "the file is not UTF-8")
        return None
    return _read_json(text, name, findings) if name.endswith(".json") else _read_yaml(text, name, findings)


def _read_json(text: str, name: str, findings: Findings) -> Document | None:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        for twice in sorted({key for key in keys if keys.count(key) > 1}):
            findings.report("duplicate-key", Source(name), f"{twice!r} stands twice in one object")
        return dict(pairs)

    try:
        return Document(name, json.loads(text, object_pairs_hook=unique), text)
    except json.JSONDecodeError as error:
        findings.report("unreadable", Source(name, error.lineno), error.msg)
        return None


def _read_yaml(text: str, name: str, findings: Findings) -> Document | None:
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        findings.report("unreadable", Source(name, mark.line + 1 if mark else 1), str(error.problem or error.context))
        return None
    lines: dict[Key, int] = {}
    data = _build(root, (), lines, name, findings) if root is not None else {}
    return Document(name, data, text, lines)


def _build(node: Node, path: Key, lines: dict[Key, int], name: str, findings: Findings) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return _mapping(node, path, lines, name, findings)
    if isinstance(node, SequenceNode):
        return [_build(item, (*path, place), lines, name, findings) for place, item in enumerate(node.value)]
    return _scalar(str(node.tag), node.value)


def _mapping(node: MappingNode, path: Key, lines: dict[Key, int], name: str, findings: Findings) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in built:
            findings.report("duplicate-key", Source(name, line), f"{key!r} already stands above")
        lines[(*path, key)] = line
        built[key] = _build(value_node, (*path, key), lines, name, findings)
    return built


def _scalar(tag: str, text: str) -> str | int | float | bool | None:
    """YAML 1.2's plain values. Dates stay text, and so do numbers with a leading nought: ZIP codes, IDs."""
    kind = tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    digits = text.lstrip("-")
    if kind == "int" and digits.isdecimal() and len(digits) <= _MAX_INTEGER_DIGITS and str(int(text)) == text:
        return int(text)
    if kind == "float" and digits.replace(".", "", 1).isdecimal():
        return float(text)
    return text
