"""Proving who is on the phone: the plan's keys, the birth date on a phone that verified, and the count of failures."""

from __future__ import annotations

import hmac
from datetime import date

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from bot.members.household import children_of, own_guardian_ids
from bot.members.roster import Details, Member, find_by_member_id, open_details, read_member, seal_details
from bot.records.once import insert_once
from bot.records.tables import members, phone_links, verification_failures
from bot.vault import Vault

Match = tuple[Member, str | None]  # whose birth date it is, and the guardian who speaks (None: the member)


def verify_keys(
    conn: Connection, vault: Vault, plan: str, member_id: str, birth_date: str, zip_code: str
) -> Member | None:
    """The member of `plan` whose ID, birth date (ISO) and ZIP these are; None whichever part is wrong.

    An unknown ID does the same work as a known one, and every part is compared, so that time tells nothing.
    """
    found = find_by_member_id(conn, vault, plan, member_id)
    details = found.details if found else open_details(vault, seal_details(vault, Details("", "", "", "")))
    same = _same(details.birth_date, birth_date) & _same(details.zip, zip_code.strip()[:5]) & bool(details.zip)
    return found if same else None


def _same(on_file: str, given: str) -> bool:
    return hmac.compare_digest(on_file.encode(), given.encode())


def verify_birth_date(conn: Connection, vault: Vault, phone_index: str, birth_date: str, today: date) -> Match | None:
    """Who is on a phone that has verified before, picked by the birth date (ISO); None if nobody or not one person.

    Those whose keys were given on this phone come first, then the other children of whoever gave them. A guardian
    whose link has ended, or whose child is 18, is nobody. Twins have one birth date: if one guardian speaks for both,
    either is the answer (the household lists both); otherwise it cannot choose and the full keys are needed.
    """
    direct = [match for match in _verified_on(conn, vault, phone_index, today) if _born(match, birth_date)]
    return _only(direct) if direct else _only(_siblings(conn, vault, phone_index, birth_date, today))


def _verified_on(conn: Connection, vault: Vault, phone_index: str, today: date) -> list[Match]:
    rows = conn.execute(
        select(members, phone_links.c.guardian)
        .join(phone_links, phone_links.c.member == members.c.id)
        .where(phone_links.c.phone_index == phone_index)
    )
    matches: list[Match] = [(read_member(vault, row), row.guardian) for row in rows]
    return [match for match in matches if _may_still_speak(conn, vault, match, today)]


def _may_still_speak(conn: Connection, vault: Vault, match: Match, today: date) -> bool:
    who, guardian = match
    return guardian is None or any(child.id == who.id for child in children_of(conn, vault, guardian, today))


def _siblings(conn: Connection, vault: Vault, phone_index: str, birth_date: str, today: date) -> list[Match]:
    speakers: set[str] = set()
    for who, guardian in _verified_on(conn, vault, phone_index, today):
        speakers.update([guardian] if guardian else own_guardian_ids(conn, who.id))
    found: list[Match] = [(child, g) for g in speakers for child in children_of(conn, vault, g, today)]
    return [match for match in found if _born(match, birth_date)]


def _born(match: Match, birth_date: str) -> bool:
    return _same(match[0].details.birth_date, birth_date)


def _only(matches: list[Match]) -> Match | None:
    """The one match, or the first of several that one guardian speaks for."""
    speakers = {guardian for _, guardian in matches}
    if not matches or len(speakers) > 1 or (speakers == {None} and len(matches) > 1):
        return None
    return min(matches, key=lambda match: match[0].id)


def failures(conn: Connection, subject: str, since: float) -> int:
    """Failed verifications of "id:<index>" or "phone:<index>" since that time (UTC seconds)."""
    return conn.scalar(_FAILURES, {"of": subject, "since": since}) or 0


_FAILURES = select(func.count()).where(
    verification_failures.c.subject == bindparam("of"), verification_failures.c.at >= bindparam("since")
)


def most_failures(conn: Connection, phone_index: str, suspect: str, since: float) -> int:
    """Failures of the phone, or of the ID typed ("id:<hash>"): whichever has more."""
    return max(failures(conn, subject, since) for subject in subjects(phone_index, suspect))


def subjects(phone_index: str, suspect: str) -> list[str]:
    """What a failure counts against: the phone, and the ID typed where there is one."""
    return [f"phone:{phone_index}", *([suspect] if suspect else [])]


def add_failure(conn: Connection, subject: str, at: float) -> None:
    conn.execute(insert(verification_failures).values(subject=subject, at=at))


def known_phone(conn: Connection, phone_index: str) -> bool:
    """Whether anyone has verified on this phone before."""
    return (
        conn.scalar(select(phone_links.c.member).where(phone_links.c.phone_index == phone_index).limit(1)) is not None
    )


def link_phone(conn: Connection, phone_index: str, member: str, guardian: str | None, at: float) -> None:
    """Remember that these keys were given on this phone, and by whom; the last to give them counts."""
    link = {"phone_index": phone_index, "member": member, "guardian": guardian, "verified_at": at}
    if not insert_once(conn, phone_links, link):
        same = and_(phone_links.c.phone_index == phone_index, phone_links.c.member == member)
        conn.execute(update(phone_links).where(same).values(guardian=guardian, verified_at=at))
