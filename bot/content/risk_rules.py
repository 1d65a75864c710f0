"""Loads the risk rules of a content folder."""

from __future__ import annotations

from bot.content.documents import Document
from bot.content.findings import Findings
from bot.scoring import Rule, load_rules


def compile_risk_rules(documents: tuple[Document, ...], findings: Findings) -> tuple[Rule, ...]:
    """Every rule of every file; a file that cannot be run is reported."""
    rules: list[Rule] = []
    for document in documents:
        try:
            rules += load_rules(document.data, document.file)
        except ValueError as error:
            findings.report("risk-rules", document.at(), str(error).removeprefix(f"{document.file}: "))
    return tuple(rules)
