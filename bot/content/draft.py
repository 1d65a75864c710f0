"""Content as compiled, before it is trusted: what the rules of bot.content.structure and bot.check look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.content.documents import Documents
from bot.content.domain import Domain, compile_domain
from bot.content.findings import Findings, WrittenCondition
from bot.content.flows import compile_flows
from bot.content.questionnaires import compile_questionnaires
from bot.content.responses import compile_responses
from bot.content.risk_rules import compile_risk_rules
from bot.content.shapes import check_shapes
from bot.flow import Content, Plan
from bot.plans import PlanError, compile_plan

Sample = Mapping[str, str]  # per language


@dataclass(frozen=True, slots=True)
class Draft:
    """The compiled content, and what it was compiled from."""

    content: Content
    domain: Domain
    conditions: tuple[WrittenCondition, ...]
    samples: Mapping[str, Sample]  # of variables of responses
    documents: Documents


def compile_draft(documents: Documents, findings: Findings) -> Draft | None:
    """Compile everything, reporting what is wrong; None when a file's shape is, as nothing more can be said then."""
    check_shapes(documents, findings)
    if findings.problems:
        return None
    domain = compile_domain(documents["domain"], findings)
    responses = compile_responses(documents["domain"], findings)
    flows = compile_flows(documents["flows"], domain, responses, findings)
    forms = compile_questionnaires(documents["questionnaires"], findings)
    content = Content(
        flows=forms.flows | flows,
        responses=forms.responses | responses,
        slots={**forms.slots, **domain.slots},
        actions=domain.actions,
        plans=_plans(documents, findings),
        rules=compile_risk_rules(documents["rules"], findings),
        questionnaires=forms.read,
        digest=documents.digest,
    )
    _refuse_shadowing(forms.flows.keys() & flows.keys(), forms.responses.keys() & responses.keys(), content, findings)
    return Draft(content, domain, tuple(findings.conditions), _samples(documents), documents)


def _refuse_shadowing(flows: set[str], responses: set[str], content: Content, findings: Findings) -> None:
    for name in flows:
        findings.report("duplicate-id", content.flows[name].source, f"flow {name} is also a questionnaire's")
    for name in responses:
        findings.report("duplicate-id", content.responses[name][0].source, f"{name} is also a questionnaire's")


def _plans(documents: Documents, findings: Findings) -> dict[str, Plan]:
    plans: dict[str, Plan] = {}
    for document in documents["plans"]:
        try:
            plan = compile_plan(document.data, document.at())
        except PlanError as error:
            findings.report("plan", document.at(*error.path), str(error))
            continue
        if plan.id in plans:
            findings.report("duplicate-id", plan.source, f"plan {plan.id} already stands at {plans[plan.id].source}")
        plans[plan.id] = plan
    return plans


def _samples(documents: Documents) -> dict[str, Sample]:
    return {
        name: {"en": sample, "es": sample} if isinstance(sample, str) else sample
        for document in documents["samples"]
        for name, sample in document.data["variables"].items()
    }
