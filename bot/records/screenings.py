"""The screening as a FHIR document and its findings, kept in step with the answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    bindparam,
    update,
)

from bot.engine import answers_in
from bot.events import (
    Marked,
    ScreeningSubmitted,
    Withdrawn,
)
from bot.findings import about, findings
from bot.flow import Collect
from bot.form import Form
from bot.questionnaire import enabled_questions, questionnaire_response
from bot.records import dispatches
from bot.records import tables as t
from bot.records.prepared import Prepared
from bot.records.taken import TurnTaken, Writing, insert_of
from bot.scoring import referral_tier
from bot.session import Run, speaker_of
from bot.walk import session_context

_STORE_RESPONSE = Prepared(
    update(t.screenings).where(t.screenings.c.run == bindparam("this")),
    ("status", "response_sealed", "open_question", "said_by", "language", "completed_at", "updated_at"),
)


def update_screenings(w: Writing) -> None:
    """Keep the QuestionnaireResponse in step with the answers while a screening is under way."""
    done = {event.run for event in w.turn.events if isinstance(event, ScreeningSubmitted)}
    changed = {e.run: e.member for e in w.turn.events if isinstance(e, Marked | Withdrawn) and e.member}
    for run in w.turn.after.member_runs.values():
        if run.id in changed and run.id not in done and run.flow in w.turn.content.questionnaires:
            store_response(w, changed[run.id], run, "in-progress")


def store_response(w: Writing, member: str, run: Run, status: str) -> None:
    turn = w.turn
    form = turn.content.questionnaires[run.flow]
    response = questionnaire_response(
        form,
        _by_link(form, run, turn),
        run=run.id,
        member=member,
        source=speaker_of(turn.after),
        language=w.language,
        authored=datetime.fromtimestamp(turn.now, UTC).isoformat(timespec="seconds"),
        status=status,
        spoken=session_context(turn.after),
    )
    values = {
        "status": status,
        "response_sealed": w.vault.seal(msgspec.json.encode(response), "screenings.response"),
        "open_question": None if status == "completed" else _open_question(run, turn),
        "said_by": speaker_of(turn.after),
        "language": w.language,
        "completed_at": turn.now if status == "completed" else None,
        "updated_at": turn.now,
    }
    if _STORE_RESPONSE.run(w.conn, {**values, "this": run.id}) == 0:
        row = {**values, "run": run.id, "member": member, "questionnaire": form.canonical, "started_at": turn.now}
        w.conn.execute(insert_of(t.screenings), row)


def _open_question(run: Run, turn: TurnTaken) -> str:
    """The first question that has no answer yet, by its step; empty where all have one."""
    flow = turn.content.flows[run.flow]
    recorded = answers_in(run, flow)
    facts = {slot: (None if value == "declined" else value) for slot, value in recorded.items()}
    asked = enabled_questions(flow, {**facts, **about(turn.after.person)})
    step_of = {step.slot: step.id for step in flow.steps if isinstance(step, Collect)}
    return next((step_of[slot] for slot in asked if slot not in recorded), "")


def store_findings(w: Writing, event: ScreeningSubmitted, run: Run) -> None:
    found = findings(w.turn.content, run, w.turn.after.person)
    rows = [
        {"screening": run.id, "member": event.member, "rule": f.rule, "rule_version": f.version, "tier": f.tier,
         "topic": f.topic, "at": w.turn.now}
        for f in found
    ]  # fmt: skip
    if rows:
        w.conn.execute(insert_of(t.findings), rows)
    tier = referral_tier(found)
    if tier is not None:
        row = {"screening": run.id, "member": event.member, "tier": tier, "state": "open", "at": w.turn.now,
               "rules": json.dumps([f.rule for f in found])}  # fmt: skip
        dispatches.write(w.conn, "referrals", row)


def _by_link(form: Form, run: Run, turn: TurnTaken) -> dict[str, Any]:
    """linkId -> what was recorded, as bot.questionnaire wants it, with whom it is about."""
    recorded = {**answers_in(run, turn.content.flows[run.flow]), **about(turn.after.person)}
    return {link: recorded[q.slot] for link, q in form.questions.items() if q.slot in recorded}
