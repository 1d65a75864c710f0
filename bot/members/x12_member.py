"""Reads one member's loop of an 834 file into the cells of a members file (docs/imports.md says which element is what).

From there on a member is read, checked and loaded like a row of CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.flow import Plan
from bot.members.names import plain
from bot.members.roster import ADULT_AGE, age, normal_member_id
from bot.members.x12_loops import Loop
from bot.members.x12_segments import Segment

Cells = dict[str, str]

# INS03, and what a change that it brings is called.
_EVENTS = {"021": "updated", "001": "updated", "030": "updated", "024": "terminated", "025": "reinstated"}
_OPEN_DATES = ("99991231", "00000000", "99999999")  # how files write "no last day"
_ENDED = ("002", "024")  # HD01
# HD03 of what is not the health plan itself: dental, vision, hearing, drugs alone, disability, long-term care.
_SIDE_LINES = frozenset({"DEN", "DCP", "VIS", "HE", "PDG", "STD", "LTD", "LTC", "UR"})
# NM101: whose loop begins. All others, and what follows them, are passed over.
_SECTIONS = {"IL": "member", "74": "member", "31": "mail", "S3": "custodial", "P3": "pcp"}
# 2100G: what a responsible person is to the child. Case managers, executors and former spouses speak for nobody.
_RESPONSIBLE = {
    "S1": "parent",
    "QD": "guardian",
    "GD": "guardian",
    "E1": "guardian",
    "LR": "representative",
    "J6": "representative",
}
# INS02: what the subscriber is to a dependent child. Spouses and the subscriber's elders are nobody's child.
_SUBSCRIBER_IS = {"09": "parent", "17": "parent", "19": "parent"}
_NOBODYS_CHILD = frozenset({"01", "03", "04", "06", "08", "11", "12", "13", "16", "18", "25", "53"})
_PHONES = ("CP", "HP", "TE", "WP", "AP")  # in the order in which a text is likely to arrive
_LANGUAGE_USES = ("7", "5", "6", "8", "")  # LUI04: speaks, reads, writes, native

ELEMENTS: Mapping[str, str] = {
    "member_id": "REF02",
    "first_name": "NM104",
    "last_name": "NM103",
    "birth_date": "DMG02",
    "sex": "DMG03",
    "zip": "N403",
    "address": "N3",
    "city": "N401",
    "state": "N402",
    "phone": "PER",
    "email": "PER",
    "language": "LUI",
    "benefits_begin": "DTP*348",
    "benefits_end": "DTP*349",
    "pmp_npi": "NM1*P3",
    "guardian_first_name": "NM104 of loop 2100F or G",
    "guardian_last_name": "NM103 of loop 2100F or G",
    "guardian_phone": "PER of loop 2100F or G",
    "guardian_member_id": "REF*0F",
}


class BadLoop(ValueError):
    """A loop of which not even the cells can be read."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """The subscriber whose dependents may follow: what they have in common with them."""

    number: str  # REF*0F
    member_id: str
    name: str  # plain
    home: Cells  # address, city, state, zip
    grown: bool  # or of an age not known
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberLoop:
    """`cells` without a guardian's, `guardians` the cells of each; `event` as in Taken."""

    cells: Cells
    guardians: tuple[Cells, ...]
    event: str
    subscriber: Subscriber | None  # this member, where they are one
    household: tuple[str, ...]  # the segments of the subscriber, where this is a dependent of theirs


def read_member(loop: Loop, plan: Plan, subscriber: Subscriber | None, today: date) -> MemberLoop:
    """`subscriber`: the last one of the same transaction. Raises BadLoop."""
    parts = _Parts.of(loop.segments)
    ins = loop.segments[0]
    event = _EVENTS.get(ins[3])
    if event is None:
        raise BadLoop("INS03 is no maintenance type of 834 (001, 021, 024, 025, 030)")
    dependent = ins[1] == "N"
    if len(parts.own("NM1")) > 1:
        raise BadLoop("two members (NM1*IL) stand in one loop (INS is missing)")
    head = _own_subscriber(parts, subscriber, plan) if dependent else None
    cells = {"plan": plan.id, "member_id": _member_id(parts, plan, head, dependent)}
    cells |= _person(parts) | _home(parts, head) | _reached(parts.own("PER")) | _language(parts)
    cells |= _benefits(parts, loop, event)
    if parts.coverage_ended and event == "updated":
        event = "terminated"
    return MemberLoop(
        cells=cells,
        guardians=tuple(_guardians(parts, cells, head)) if not _grown(cells, today) else (),
        event=event,
        subscriber=None if dependent else _as_subscriber(parts, cells, loop, today),
        household=head.segments if head else (),
    )


# --- the parts of a loop ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Coverage:
    """One HD with what follows it."""

    hd: Segment
    dates: dict[str, str] = field(default_factory=dict)  # DTP01 -> date
    pcp: str = ""  # NPI

    @property
    def ended(self) -> bool:
        return self.hd[1] in _ENDED

    @property
    def span(self) -> tuple[str, str]:
        """Its last day and its first, so that spans can be compared: an open one ends last."""
        end = self.dates.get("349", "")
        return end or ("0" if self.ended else "9" * 8), self.dates.get("348", "")


@dataclass(slots=True)
class _Parts:
    """A loop's segments by the section in which they stand."""

    ins: Segment
    refs: dict[str, str] = field(default_factory=dict)  # REF01 -> REF02, of the member
    dates: dict[str, str] = field(default_factory=dict)  # DTP01 -> date, of the member
    sections: dict[str, list[Segment]] = field(default_factory=dict)
    responsible: list[list[Segment]] = field(default_factory=list)
    coverages: list[_Coverage] = field(default_factory=list)

    @classmethod
    def of(cls, segments: tuple[Segment, ...]) -> _Parts:
        parts, section, reporting = cls(segments[0]), "ins", False
        for segment in segments[1:]:
            if segment.id in ("LS", "LE"):
                reporting = segment.id == "LS"
            elif not reporting:
                section = parts._begins(segment) or section
                parts._put(segment, section)
        return parts

    def _begins(self, segment: Segment) -> str | None:
        match segment.id:
            case "NM1" if segment[1] in _RESPONSIBLE:
                self.responsible.append([])
                return "responsible"
            case "NM1":
                return _SECTIONS.get(segment[1], "other")
            case "HD":
                self.coverages.append(_Coverage(segment))
                return "coverage"
            case "DSB" | "LX" | "COB":
                return "other"
        return None

    def _put(self, segment: Segment, section: str) -> None:
        match section, segment.id:
            case "ins", "REF":
                self.refs.setdefault(segment[1], segment[2])
            case "ins", "DTP":
                self.dates[segment[1]] = segment[3]
            case "coverage", "DTP":
                self.coverages[-1].dates |= _dates(segment)
            case "pcp", "NM1" if self.coverages and segment[8] == "XX":
                self.coverages[-1].pcp = segment[9]
            case "responsible", _:
                self.responsible[-1].append(segment)
            case _:
                self.sections.setdefault(section, []).append(segment)

    def own(self, name: str) -> list[Segment]:
        return [segment for segment in self.sections.get("member", ()) if segment.id == name]

    def mailed(self, name: str) -> list[Segment]:
        return [segment for segment in self.sections.get("mail", ()) if segment.id == name]

    @property
    def coverage(self) -> _Coverage | None:
        """Of the health plan; of several spans the one that ends last."""
        own = [one for one in self.coverages if one.hd[3] not in _SIDE_LINES]
        return max(own, key=lambda one: one.span, default=None)

    @property
    def coverage_ended(self) -> bool:
        return self.coverage is not None and self.coverage.ended


def _dates(dtp: Segment) -> dict[str, str]:
    """A period (RD8) of DTP*348 says both days."""
    if dtp[2] == "RD8" and "-" in dtp[3]:
        first, last = dtp[3].split("-", 1)
        return {dtp[1]: first, "349": last} if dtp[1] == "348" else {dtp[1]: first}
    return {dtp[1]: dtp[3]}


def _own_subscriber(parts: _Parts, last: Subscriber | None, plan: Plan) -> Subscriber | None:
    """The subscriber above a dependent, if it is theirs: a stranger must never become a child's guardian."""
    if last is None:
        return None
    number = _id(parts.refs.get("0F", ""))
    return last if number == _id(last.number) or plan.roster.dependents_follow else None


# --- who it is -------------------------------------------------------------------------------------------------------


def _member_id(parts: _Parts, plan: Plan, subscriber: Subscriber | None, dependent: bool) -> str:
    """The plan's ID of this member: of a dependent never the subscriber's."""
    given = [parts.refs[qualifier] for qualifier in plan.roster.member_id if parts.refs.get(qualifier)]
    own = [each for each in given if subscriber is None or _id(each) != _id(subscriber.member_id)]
    if not own:
        whose = "the dependent has no member ID of its own" if given and dependent else "there is no member ID"
        raise BadLoop(f"{whose} (REF)")
    if dependent:  # REF*0F is the subscriber's, by the standard: last
        own.sort(key=lambda each: each == parts.refs.get("0F"))
    return next((each for each in own if re.fullmatch(plan.member_id_pattern, _id(each))), own[0])


def _id(text: str) -> str:
    return normal_member_id(text)


def _person(parts: _Parts) -> Cells:
    cells: Cells = {}
    for nm1 in parts.own("NM1"):
        cells |= {"last_name": nm1[3], "first_name": nm1[4]}
    for dmg in parts.own("DMG"):
        cells |= {"birth_date": dmg[2], "sex": dmg[3]}
    return cells


def _home(parts: _Parts, subscriber: Subscriber | None) -> Cells:
    """Where they live; of who has no address there, where their mail goes; of a dependent without one, the
    subscriber's."""
    for read in (parts.own, parts.mailed):
        if read("N4"):
            n4 = read("N4")[0]
            lines = " ".join(line for n3 in read("N3")[:1] for line in (n3[1], n3[2]) if line)
            return {"address": lines, "city": n4[1], "state": n4[2], "zip": n4[3]}
    return dict(subscriber.home) if subscriber is not None else {}


def _reached(pers: list[Segment]) -> Cells:
    numbers: dict[str, str] = {}
    for per in pers:
        for place in (3, 5, 7):
            numbers.setdefault(per[place], per[place + 1])
    phone = next((numbers[kind] for kind in _PHONES if _is_meant(numbers.get(kind, ""))), "")
    return {name: text for name, text in (("phone", phone), ("email", numbers.get("EM", ""))) if text}


def _is_meant(phone: str) -> bool:
    """Not the zeros or nines of somebody who had to enter a number."""
    return len(set(phone.strip("-() "))) > 1


def _language(parts: _Parts) -> Cells:
    spoken = sorted(
        (lui for lui in parts.own("LUI") if (lui[2] or lui[3]) and lui[4] in _LANGUAGE_USES),
        key=lambda lui: _LANGUAGE_USES.index(lui[4]),
    )
    return {"language": spoken[0][2] or spoken[0][3]} if spoken else {}


# --- benefits --------------------------------------------------------------------------------------------------------


def _benefits(parts: _Parts, loop: Loop, event: str) -> Cells:
    coverage = parts.coverage
    dates = coverage.dates if coverage else {}
    begin = dates.get("348") or parts.dates.get("356", "")
    end = dates.get("349") or parts.dates.get("357", "")
    ended = event == "terminated" or parts.coverage_ended
    if ended and (not end or end in _OPEN_DATES):
        end = dates.get("303") or parts.dates.get("303") or loop.transaction.effective
    if died := parts.ins[12]:
        end = min(end, died) if end and end not in _OPEN_DATES else died
    cells = {"benefits_begin": begin} if begin and not (ended and end < begin) else {}
    if end:
        cells["benefits_end"] = "" if end in _OPEN_DATES else end
    elif event == "reinstated" or (coverage is not None and begin and parts.ins[3] != "001"):
        cells["benefits_end"] = ""
    if coverage is not None and coverage.pcp:
        cells["pmp_npi"] = coverage.pcp
    return cells


# --- household -------------------------------------------------------------------------------------------------------


def _grown(cells: Cells, today: date) -> bool:
    """Whether they are surely no child; of who has no birth date here, what is on file decides later."""
    try:
        born = date.fromisoformat(cells.get("birth_date", ""))
    except ValueError:
        return False
    return age(born.isoformat(), today) >= ADULT_AGE


def _guardians(parts: _Parts, cells: Cells, subscriber: Subscriber | None) -> Iterator[Cells]:
    """The subscriber, the custodial parent (2100F) and responsible persons (2100G); each person once."""
    told = {plain(f"{cells.get('first_name', '')} {cells.get('last_name', '')}")}
    relation = parts.ins[2]
    if parts.ins[1] == "N" and relation not in _NOBODYS_CHILD and (subscriber is None or subscriber.grown):
        guardian = subscriber.member_id if subscriber is not None else parts.refs.get("0F", "")
        if guardian and _id(guardian) != _id(cells["member_id"]):
            told |= {subscriber.name} if subscriber is not None else set()
            yield {"guardian_member_id": guardian, "relationship": _SUBSCRIBER_IS.get(relation, "guardian")}
    custodial = parts.sections.get("custodial", [])
    for segments, relationship in [(custodial, "parent"), *((each, "") for each in parts.responsible)]:
        nm1 = next((one for one in segments if one.id == "NM1" and one[2] == "1" and one[3] and one[4]), None)
        if nm1 is not None and (name := plain(f"{nm1[4]} {nm1[3]}")) not in told:
            told.add(name)
            phone = _reached([one for one in segments if one.id == "PER"]).get("phone", "")
            named = {"guardian_first_name": nm1[4], "guardian_last_name": nm1[3], "guardian_phone": phone}
            yield named | {"relationship": relationship or _RESPONSIBLE[nm1[1]]}


def _as_subscriber(parts: _Parts, cells: Cells, loop: Loop, today: date) -> Subscriber:
    home: Cells = {name: text for name, text in cells.items() if name in ("address", "city", "state", "zip")}
    return Subscriber(
        number=parts.refs.get("0F", ""),
        member_id=cells["member_id"],
        name=plain(f"{cells.get('first_name', '')} {cells.get('last_name', '')}"),
        home=home,
        grown="birth_date" not in cells or _grown(cells, today),
        segments=tuple(segment.raw for segment in loop.segments),
    )
