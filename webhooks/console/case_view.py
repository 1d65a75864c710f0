"""One conversation as the console shows it: who, where it stands, what was said, what can be done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.bootstrap import Bot
from bot.desk import IDENTITY, proves_identity
from bot.desk_turn import Standing, stands
from bot.engine import answers_in
from bot.events import Said
from bot.flow import Collect, Plan
from bot.members.household import guardians_of, household
from bot.members.member_view import findings_of
from bot.moves import counted, is_task
from bot.ownership import is_agent
from bot.records import rewards
from bot.records.case import Note, OwnerChange, notes, owner_changes
from bot.records.database import Connection, reading
from bot.records.queue import Waiting, handoffs_of
from bot.records.stored import load_address
from bot.records.transcript import Line, full_transcript
from bot.render import render, title
from bot.session import Person, language_of
from bot.speech import words_of
from bot.walk import Question
from webhooks.console.masking import masked
from webhooks.console.words import CHANNELS, LANGUAGES, MARKS, OWNER_CHANGES, STEPS, holder, reason

LINES = 200  # of a conversation are shown, the last ones
YES_OR_NO = (("yes", "Yes"), ("no", "No"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the course of a conversation, at a local time."""

    at: datetime
    kind: str  # member, bot, agent, note, change
    who: str
    text: str
    gloss: str = ""  # in English
    mark: str = ""  # what became of a text of ours
    trouble: bool = False  # it did not reach the member
    new_day: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The open question, for whoever fills it in."""

    key: str
    text: str  # in English, with its options
    options: Sequence[tuple[str, str]]  # (value, title in English)
    several: bool  # more than one of them may be chosen
    skippable: bool
    fillable: bool  # not one that proves who the member is
    place: str  # "question 3 of 24", or ""


@dataclass(frozen=True, slots=True)
class CaseView:
    """`version` changes whenever anything here does that the page must show anew."""

    conversation: str
    version: str
    owner: str
    holder: str
    reasons: Sequence[tuple[str, bool]]  # why a person is wanted, urgent or not
    call: bool
    opted_out: bool
    older: bool  # texts that are not shown: there are more than LINES
    phone: str  # masked
    waiting_since: float
    language: str
    channel: str
    plan: Plan
    language_code: str
    verified: str  # "member", "parent or guardian", or ""
    member: str | None  # whom it is about: our id
    first_name: str
    task: str
    asked: Asked | None
    progress: Sequence[tuple[str, bool]]
    people: Sequence[str]
    findings: Sequence[tuple[str, str]]
    answers: Sequence[tuple[str, str]]
    entries: Sequence[Entry]


def case_view(bot: Bot, conversation: str, names: Mapping[str, str], *, with_answers: bool) -> CaseView:
    """Raises bot.desk_turn.NoSuchConversation, bot.turn.RecordsAway. `names`: of staff, by agent:<id>."""
    here = stands(bot, conversation)
    session, plan = here.session, here.plan
    lines = full_transcript(bot.records, bot.vault, conversation, LINES + 1)
    person = _person(here)
    with reading(bot.records) as conn:
        waiting = handoffs_of(conn, conversation)
        address = load_address(conn, bot.vault, conversation)
        changes, written = owner_changes(conn, conversation), _notes(bot, conn, here)
        progress = _progress(bot, conn, here)
        people = _people(bot, conn, here)
        found = findings_of(conn, person.id) if person and with_answers else []
    older, shown = len(lines) > LINES, lines[-LINES:]
    if older:
        changes = [change for change in changes if change.at >= shown[0].at]
    call = session.call
    how = "voice" if call is not None else "sms"
    return CaseView(
        conversation=conversation,
        version=_version(here, lines, written, progress, waiting),
        owner=here.owner,
        holder=holder(here.owner, names),
        reasons=[(reason(one.reason), one.urgent) for one in waiting],
        call=call is not None,
        opted_out=session.opted_out,
        older=older,
        phone=masked(address[0] if address else "", "phone"),
        waiting_since=session.waiting_since,
        language=LANGUAGES[language_of(session)],
        language_code=language_of(session),
        channel=CHANNELS["relay" if call is not None and call.relay else how],
        plan=plan,
        verified=_verified(here),
        member=person.id if person else None,
        first_name=person.name if person else "",
        task=_task(here),
        asked=_asked(here, here.question) if here.question is not None else None,
        progress=progress,
        people=people,
        findings=[(one.tier, one.topic) for one in found],
        answers=list(_answers(here)) if with_answers else [],
        entries=list(_entries(shown, changes, written, names, here)),
    )


def current_version(bot: Bot, conversation: str) -> str:
    """What CaseView.version would be, read with less work."""
    here = stands(bot, conversation)
    lines = full_transcript(bot.records, bot.vault, conversation, LINES + 1)
    with reading(bot.records) as conn:
        return _version(
            here, lines, _notes(bot, conn, here), _progress(bot, conn, here), handoffs_of(conn, conversation)
        )


def _version(
    here: Standing,
    lines: Sequence[Line],
    written: Sequence[Note],
    progress: Sequence[tuple[str, bool]],
    waiting: Sequence[Waiting],
) -> str:
    """What changes without a turn is in it too: marks of delivery, notes, a verification that runs out, a step done by
    phone."""
    session = here.session
    seen = (
        session.version, bool(session.verified_until), session.opted_out, here.owner, len(written), progress,
        [one.id for one in waiting], [(line.at, line.state) for line in lines],
    )  # fmt: skip
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _person(here: Standing) -> Person | None:
    """Whom the conversation is about; nobody while no verification stands."""
    return here.session.person if here.session.verified_until else None


def _notes(bot: Bot, conn: Connection, here: Standing) -> list[Note]:
    person = _person(here)
    return notes(conn, bot.vault, conversation=here.session.conversation, member=person.id if person else None)


def _verified(here: Standing) -> str:
    if not here.session.verified_until:
        return ""
    return "parent or guardian" if here.session.verified_guardian else "member"


def _task(here: Standing) -> str:
    flows = (here.content.flows[run.flow] for run in reversed(here.session.runs) if is_task(here.content, run.flow))
    flow = next(flows, None)
    return str(flow.name.get("en", flow.id)) if flow else ""


def _asked(here: Standing, question: Question) -> Asked:
    said = Said(question.collect.utter, dict(question.slots), question.choices)
    kind = question.collect.kind
    number = ""
    if question.collect.progress:
        number = "question {} of {}".format(*counted(question))
    return Asked(
        key=question.key,
        text=render(here.content, here.plan, "en", "twilio", [said]),
        options=YES_OR_NO if kind == "bool" else [(choice.value, title(choice, "en")) for choice in question.choices],
        several=kind == "choices",
        skippable=question.collect.skippable,
        fillable=not proves_identity(question, here.content),
        place=number,
    )


def _progress(bot: Bot, conn: Connection, here: Standing) -> list[tuple[str, bool]]:
    person = _person(here)
    if person is None:
        return []
    done = rewards.progress(conn, person.id, here.plan, bot.clock())
    return [(name, step in done) for step, name in STEPS.items()]


def _people(bot: Bot, conn: Connection, here: Standing) -> list[str]:
    """Whom the speaker may talk about, and who may speak for them: first names and ages."""
    session = here.session
    if not session.verified_until:
        return []
    today = datetime.fromtimestamp(bot.clock(), ZoneInfo(here.plan.hours.zone)).date()
    speaks = household(conn, bot.vault, session.verified_member, session.verified_guardian or None, today)
    shown = [f"{one.first}, {one.age}" for one in speaks]
    return [*shown, *_guardians(bot, conn, session.verified_member, today)]


def _guardians(bot: Bot, conn: Connection, member: str, today: date) -> Iterator[str]:
    for guardian in guardians_of(conn, bot.vault, member, today):
        yield f"{guardian.details.first} ({guardian.relationship})"


def _answers(here: Standing) -> Iterator[tuple[str, str]]:
    """What has been answered in what is under way, in English."""
    for run in (*here.session.runs, *here.session.member_runs.values()):
        flow = here.content.flows.get(run.flow)
        if flow is None or flow.id == IDENTITY:
            continue
        recorded = answers_in(run, flow)
        for step in flow.steps:
            if isinstance(step, Collect) and step.slot in recorded and not step.sensitive:
                yield step.label.get("en") or step.slot.replace("_", " "), _answer(step, recorded[step.slot])


def _answer(step: Collect, value: object) -> str:
    if value == "declined":
        return "did not want to say"
    titles = {choice.value: title(choice, "en") for choice in step.options}
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join(
        titles.get(str(one), "yes" if one is True else "no" if one is False else str(one)) for one in values
    )


def _entries(
    lines: Sequence[Line],
    changes: Sequence[OwnerChange],
    written: Sequence[Note],
    names: Mapping[str, str],
    here: Standing,
) -> Iterator[Entry]:
    """Texts, notes and changes of owner in order, the days between them marked."""
    zone = ZoneInfo(here.plan.hours.zone)
    timed = [(line.at, _line(line, names, here)) for line in lines]
    timed += [
        (change.at, ("change", _who(change.by, names), _change(change, names), "", "", False)) for change in changes
    ]
    timed += [(note.at, ("note", _who(note.by, names), note.text, "", "", False)) for note in written]
    day: date | None = None
    for at, (kind, who, text, gloss, mark, trouble) in sorted(timed, key=lambda one: one[0]):
        local = datetime.fromtimestamp(at, zone)
        yield Entry(local, kind, who, text, gloss, mark, trouble, local.date() != day)
        day = local.date()


_Shown = tuple[str, str, str, str, str, bool]


def _line(line: Line, names: Mapping[str, str], here: Standing) -> _Shown:
    if line.who == "member":
        return "member", "Member", _heard(line), "", "", False
    who = _who(line.by, names) if line.who == "agent" else "CareStart"
    trouble = line.state in ("undelivered", "failed", "dropped", "unknown")
    spoken = here.session.call is not None and line.state in ("answered", "replied")
    text = words_of(line.text) if spoken else line.text
    return line.who, who, text, line.gloss, MARKS.get(line.state, line.state), trouble


def _heard(line: Line) -> str:
    if line.media and not line.text:
        return f"({line.media} picture{'s' if line.media > 1 else ''}, not shown)"
    if line.heard == "silence":
        return "(silence)"
    if line.heard == "began":
        return "(the call began)"
    if line.heard == "dialled":
        return f"(put through: {line.text})"
    return f"(keys) {line.text}" if line.heard == "keys" else line.text


def _who(by: str, names: Mapping[str, str]) -> str:
    return names.get(by, "CareStart" if not is_agent(by) else "somebody of staff")


def _change(change: OwnerChange, names: Mapping[str, str]) -> str:
    if change.after == "queue" and change.why not in OWNER_CHANGES:
        return f"put the conversation in line: {reason(change.why).lower()}"
    told = OWNER_CHANGES.get(change.why, change.why)
    return f"{told} to {holder(change.after, names)}" if change.why == "transferred" else told
