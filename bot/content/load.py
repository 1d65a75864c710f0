"""The way from a folder to content: read, compile, hold against the rules, refuse or return."""

from __future__ import annotations

from pathlib import Path

from bot.content.documents import read_documents
from bot.content.draft import Draft, compile_draft
from bot.content.findings import Findings
from bot.content.problem import ContentRefused, Problem
from bot.content.rule import broken
from bot.content.structure import STRUCTURE
from bot.flow import Content, Source


def load_content(folder: Path) -> Content:
    """Read and compile everything under `folder` (flows/). Raises ContentRefused for what cannot be run."""
    draft, problems = draft_content(folder)
    if problems or draft is None:
        raise ContentRefused(problems)
    return draft.content


def draft_content(folder: Path) -> tuple[Draft | None, list[Problem]]:
    """The draft, and what keeps it from running. No draft where the files could not be read and compiled cleanly:
    rules over half of the content would blame the wrong places."""
    findings = Findings()
    documents = read_documents(folder, findings)
    for kind, file in (("domain", "domain.yml"), ("flows", "*.yml")):
        if not documents[kind]:
            findings.report("missing-file", Source(f"{folder.name}/{file}"), f"the folder has no {kind}")
    if findings.problems:
        return None, findings.problems
    draft = compile_draft(documents, findings)
    if findings.problems or draft is None:
        return None, findings.problems
    return draft, broken(STRUCTURE, draft)
