"""All that staff need of one member at a glance, and a step that they did for a member by telephone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Connection, Engine, select

from bot.flow import Plan
from bot.members.household import Guardian, children_of, guardians_of, own_guardian_ids
from bot.members.roster import Member, member, phone_index
from bot.records import rewards
from bot.records import tables as t
from bot.records.accommodations import uses_relay
from bot.records.callbacks import Callback, booked_for
from bot.records.once import insert_once
from bot.records.referrals import Referral, referrals_of
from bot.records.rewards import RewardState
from bot.session import speaker
from bot.vault import Vault

STEPS = ("preference", "pmp", "screening")  # in the order in which members do them
_LONGEST_REFERENCE = 64

WhyNot = Literal["", "steps_left", "benefits_later", "benefits_ended", "no_benefits", "window_over"]


@dataclass(frozen=True, slots=True)
class StepDone:
    """The completion that counts this programme year. `said_by`: member:<id>, guardian:<id>, agent:<id>, or ""."""

    at: float
    source: str  # carestart, portal, phone
    reference: str
    said_by: str


@dataclass(frozen=True, slots=True)
class FindingOnFile:
    """A risk rule that fired on a screening."""

    rule: str
    tier: str
    topic: str
    at: float


@dataclass(frozen=True, slots=True)
class PreferenceOnFile:
    channel: str  # mail, email, text
    contact: str  # address, email or phone; "" where none is known
    language: str
    said_by: str
    at: float


@dataclass(frozen=True, slots=True)
class ConsentOnFile:
    """The last word on texts from the plan."""

    granted: bool
    said_by: str
    at: float


@dataclass(frozen=True, slots=True)
class Pmp:
    """A primary medical provider. `effective` and `kept` only of one chosen with us."""

    provider: str
    name: str  # "" where the directory does not know the provider
    effective: date | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class VerifiedPhone:
    """The conversations on a phone on which this member's keys were given, and the guardian who gave them."""

    conversations: tuple[str, ...]
    guardian: str | None
    at: float
    opted_out: bool


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member as staff see them. Times in UTC seconds."""

    member: Member
    guardians: tuple[Guardian, ...]  # who may speak for them today
    siblings: tuple[Member, ...]  # other children for whom one of the guardians may speak
    children: tuple[Member, ...]  # for whom the member may speak
    steps: Mapping[str, StepDone | None]  # of STEPS, in that order
    reward: RewardState
    why_not: WhyNot  # the reward is not earned; "" where it is
    findings: tuple[FindingOnFile, ...]  # newest first
    referrals: tuple[Referral, ...]
    preference: PreferenceOnFile | None
    text_consent: ConsentOnFile | None
    pmp_on_file: Pmp | None
    pmp_chosen: Pmp | None
    phones: tuple[VerifiedPhone, ...]
    opted_out: bool  # the phone on file, or one that is verified
    callbacks: tuple[Callback, ...]  # booked
    uses_relay: bool  # the member, or somebody who may speak for them


def member_view(
    conn: Connection, vault: Vault, plans: Mapping[str, Plan], member_id: str, now: float
) -> MemberView | None:
    """What is on file about the member with this id of ours; None where there is none, or not in these plans."""
    who = member(conn, vault, member_id)
    if who is None or who.plan not in plans:
        return None
    plan = plans[who.plan]
    today = rewards.local_date(plan, now)
    speakers = tuple(guardians_of(conn, vault, who.id, today))
    reward = rewards.peek(conn, who.id, plan, now)
    phones = _phones(conn, who.id)
    return MemberView(
        member=who,
        guardians=speakers,
        siblings=_children(conn, vault, [one.id for one in speakers], today, but=who.id),
        children=_children(conn, vault, own_guardian_ids(conn, who.id), today, but=who.id),
        steps=_steps(conn, who.id, plan, now),
        reward=reward,
        why_not=_why_not(reward, who, today),
        findings=findings_of(conn, who.id),
        referrals=tuple(referrals_of(conn, who.id)),
        preference=_preference(conn, vault, who.id),
        text_consent=_text_consent(conn, who.id),
        pmp_on_file=_pmp_on_file(conn, who.pmp_provider),
        pmp_chosen=_pmp_chosen(conn, who.id),
        phones=phones,
        opted_out=any(phone.opted_out for phone in phones) or _opted_out(conn, vault, who.details.phone),
        callbacks=tuple(booked_for(conn, vault, who.id)),
        uses_relay=any(uses_relay(conn, one) for one in _ways_to_speak(who.id, speakers)),
    )


def record_step(
    engine: Engine,
    vault: Vault,
    plans: Mapping[str, Plan],
    member_id: str,
    step: str,
    by: str,
    reference: str,
    now: float,
) -> bool:
    """`by` (agent:<id>) did this step with the member by telephone; `reference` (of the form) tells it from any other.
    The reward is granted where it is due now. False where it was recorded before. Raises ValueError for an unknown
    member or step, and a reference that is empty or too long."""
    if step not in STEPS:
        raise ValueError(f"no such step: {step}")
    if not 0 < len(reference) <= _LONGEST_REFERENCE:
        raise ValueError(f"a reference has 1 to {_LONGEST_REFERENCE} characters")
    with engine.begin() as conn:
        who = member(conn, vault, member_id)
        if who is None or who.plan not in plans:
            raise ValueError("no such member")
        row = {"member": who.id, "step": step, "source": "phone", "reference": reference, "said_by": by, "at": now}
        if not insert_once(conn, t.completions, row):
            return False
        rewards.evaluate(conn, who.id, plans[who.plan], now)
        return True


# --- people -----------------------------------------------------------------------------------------------------------


def _children(conn: Connection, vault: Vault, of: list[str], today: date, *, but: str) -> tuple[Member, ...]:
    found = {child.id: child for guardian in of for child in children_of(conn, vault, guardian, today)}
    return tuple(child for child in found.values() if child.id != but)


def _ways_to_speak(member_id: str, guardians: tuple[Guardian, ...]) -> set[str]:
    """The names under which an accommodation may be kept: a guardian who is a member, by their own keys too."""
    own = {speaker(one, None) for one in (member_id, *(guardian.member for guardian in guardians)) if one}
    return own | {speaker(None, guardian.id) for guardian in guardians}


# --- steps and reward -------------------------------------------------------------------------------------------------


def _steps(conn: Connection, member_id: str, plan: Plan, now: float) -> Mapping[str, StepDone | None]:
    c = t.completions.c
    ids = rewards.counted(conn, member_id, plan, now).values()
    rows = conn.execute(select(t.completions).where(c.id.in_(list(ids))))
    done = {row.step: StepDone(row.at, row.source, row.reference, row.said_by or "") for row in rows}
    return {step: done.get(step) for step in STEPS}


def _why_not(reward: RewardState, who: Member, today: date) -> WhyNot:
    """The first thing that is in the way."""
    if reward.state == "earned":
        return ""
    if who.benefits_begin is None:
        return "no_benefits"
    if reward.state == "inactive":
        return "benefits_ended"
    if not reward.cents:
        return "window_over"
    return "steps_left" if reward.state == "not_yet" else "benefits_later"


# --- what the screening found, and what was chosen --------------------------------------------------------------------


def findings_of(conn: Connection, member_id: str) -> tuple[FindingOnFile, ...]:
    c = t.findings.c
    rows = conn.execute(select(t.findings).where(c.member == member_id).order_by(c.at.desc(), c.id))
    return tuple(FindingOnFile(row.rule, row.tier, row.topic, row.at) for row in rows)


def _preference(conn: Connection, vault: Vault, member_id: str) -> PreferenceOnFile | None:
    c = t.preferences.c
    query = select(t.preferences).where(c.member == member_id)
    row = conn.execute(query.order_by(c.at.desc(), c.id.desc()).limit(1)).first()
    if row is None:
        return None
    sealed = row.contact_sealed
    contact = vault.open(sealed, "preferences.contact").decode() if sealed else ""
    return PreferenceOnFile(row.channel, contact, row.language, row.said_by, row.at)


def _text_consent(conn: Connection, member_id: str) -> ConsentOnFile | None:
    c = t.consents.c
    query = select(t.consents).where(c.member == member_id, c.kind == "text_messages")
    row = conn.execute(query.order_by(c.at.desc(), c.id.desc()).limit(1)).first()
    return None if row is None else ConsentOnFile(row.status == "granted", row.said_by, row.at)


def _pmp_on_file(conn: Connection, provider: str | None) -> Pmp | None:
    if not provider:
        return None
    name = conn.execute(select(t.providers.c.name).where(t.providers.c.id == provider)).scalar_one_or_none()
    return Pmp(provider, name or "")


def _pmp_chosen(conn: Connection, member_id: str) -> Pmp | None:
    c = t.pmp_choices.c
    query = select(t.pmp_choices).where(c.member == member_id)
    row = conn.execute(query.order_by(c.at.desc(), c.id.desc()).limit(1)).first()
    return None if row is None else Pmp(row.provider, row.provider_name, row.effective, row.kept)


# --- phones -----------------------------------------------------------------------------------------------------------


def _phones(conn: Connection, member_id: str) -> tuple[VerifiedPhone, ...]:
    """By when they verified, the last first."""
    p, c, o = t.phone_links.c, t.conversations.c, t.opt_outs.c
    rows = conn.execute(
        select(t.phone_links, o.since)
        .outerjoin(t.opt_outs, o.phone_index == p.phone_index)
        .where(p.member == member_id)
        .order_by(p.verified_at.desc())
    )
    return tuple(
        VerifiedPhone(
            tuple(conn.scalars(select(c.id).where(c.phone_index == row.phone_index).order_by(c.updated_at.desc()))),
            row.guardian,
            row.verified_at,
            row.since is not None,
        )
        for row in rows.all()
    )


def _opted_out(conn: Connection, vault: Vault, phone: str) -> bool:
    o = t.opt_outs.c
    on_file = phone_index(vault, phone) if phone else ""
    return conn.execute(select(o.since).where(o.phone_index == on_file)).first() is not None
