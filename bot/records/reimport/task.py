"""Tasks, read back: the PMP a member chose, and a screening that somebody should look at."""

from __future__ import annotations

import json

from bot.records.export.fhir.parts import OURS
from bot.records.export.fhir.task import NPI, PRIORITY, STATUS
from bot.records.export.plain import Record
from bot.records.referrals import OUTCOMES
from bot.records.reimport.parts import (
    Incoming,
    NotTaken,
    day,
    has,
    maybe_member,
    meaning,
    member,
    moment,
    name,
    part,
    speaker,
    staff,
    text,
    yes_or_no,
)

_PROVIDER = ("input", 0, "valueReference")
_STATES = {status: state for state, status in STATUS.items()}
_MOST_RULES = 200


def pmp_choice(uid: str, changed: float, resource: Record) -> Incoming:
    meaning({NPI: NPI, f"{OURS}:provider": ""}, resource, *_PROVIDER, "identifier", "system")
    return Incoming(
        kind="pmp-choices",
        name=uid,
        changed=changed,
        values={
            "provider": text(resource, *_PROVIDER, "identifier", "value"),
            "provider_name": text(resource, *_PROVIDER, "display", most=160),
            "effective": day(resource, "input", 1, "valueDate"),
            "kept": yes_or_no(resource, "input", 2, "valueBoolean"),
            "at": moment(resource, "authoredOn"),
        },
        about=member(resource, "for"),
        said_by=speaker(resource, "requester"),
        clinic=part(resource, *_PROVIDER, "type") == "Organization",
    )


def referral(uid: str, changed: float, resource: Record) -> Incoming:
    code = ("coding", 0, "code")
    outcomes: dict[str, str] = {outcome: outcome for outcome in OUTCOMES}
    return Incoming(
        kind="referrals",
        name=uid,
        changed=changed,
        values={
            "screening": name(resource, "focus", "identifier", "value"),
            "tier": meaning({tier: tier for tier in PRIORITY}, resource, "reasonCode", *code),
            "rules": json.dumps(_rules(resource)),
            "state": meaning(_STATES, resource, "status"),
            "at": moment(resource, "authoredOn"),
            "taken_at": _maybe(resource, "start"),
            "closed_at": _maybe(resource, "end"),
            "outcome": meaning(outcomes, resource, "businessStatus", *code) if "businessStatus" in resource else None,
        },
        about=maybe_member(resource, "for"),
        owner=staff(resource, "owner") if "owner" in resource else None,
    )


def _rules(resource: Record) -> list[str]:
    if "input" not in resource:
        return []
    fired = part(resource, "input")
    if not isinstance(fired, list) or len(fired) > _MOST_RULES:
        raise NotTaken("input is not a list of rules")
    return [text(one, "valueCoding", "code", most=24) for one in fired]


def _maybe(resource: Record, key: str) -> float | None:
    where = ("executionPeriod", key)
    return moment(resource, *where) if has(resource, *where) else None
