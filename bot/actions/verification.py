"""Is the speaker who they say? The same outcome whichever part failed; failures count by member and by phone."""

from __future__ import annotations

from bot import actions
from bot.actions.lookup import Lookup, Slots
from bot.lookups import Lookups
from bot.members.household import match_guardian
from bot.members.roster import Member, find_by_member_id, is_minor
from bot.members.verification import failures, known_phone, verify_birth_date, verify_keys
from bot.records.database import Connection


class RecognizePhone(Lookup):
    called = "action_recognize_phone"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            known = known_phone(conn, slots["phone_index"])
            return {"phone_known": known, "lockout": _tries_left(conn, look, slots, "") <= 0}


class VerifyMember(Lookup):
    called = "action_verify_member"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            named = find_by_member_id(conn, look.vault, slots["plan"], slots["member_id"])
            suspect = named.id if named else ""
            who = verify_keys(conn, look.vault, slots["plan"], slots["member_id"], slots["birth_date"], slots["zip"])
            if who is None or _tries_left(conn, look, slots, suspect) <= 0:
                return _refused(conn, look, slots, suspect)
            return _accepted(look, slots, who, None)


class VerifyBirthDate(Lookup):
    called = "action_verify_birth_date"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            found = verify_birth_date(conn, look.vault, slots["phone_index"], slots["birth_date"], look.today(slots))
            if found is None or _tries_left(conn, look, slots, found[0].id) <= 0:
                return _refused(conn, look, slots, "")
            return _accepted(look, slots, *found)


class VerifyGuardian(Lookup):
    called = "action_verify_guardian"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        child = slots["verified_member"]
        with look.connection() as conn:
            guardian = match_guardian(conn, look.vault, child, slots["guardian_name"], look.today(slots))
            if guardian is None or _tries_left(conn, look, slots, child) <= 0:
                return _refused(conn, look, slots, child)
            return {"verification": "ok", "verified_guardian": guardian}


def _accepted(look: Lookups, slots: Slots, who: Member, guardian: str | None) -> Slots:
    minor = is_minor(who.details, look.today(slots))
    return {
        "verification": "ok",
        "verified_member": who.id,
        "verified_minor": minor,
        "verified_guardian": guardian,
        "verification_suspect": who.id,
    }


def _refused(conn: Connection, look: Lookups, slots: Slots, suspect: str) -> Slots:
    """This failure counts too: the last one locks."""
    outcome = "locked" if _tries_left(conn, look, slots, suspect) <= 1 else "failed"
    return {
        "verification": outcome,
        "verified_member": None,
        "verified_guardian": None,
        "verification_suspect": suspect,
    }


def _tries_left(conn: Connection, look: Lookups, slots: Slots, suspect: str) -> int:
    since = look.now(slots) - look.settings.lockout_hours * 3600
    subjects = [f"phone:{slots['phone_index']}", *([f"member:{suspect}"] if suspect else [])]
    return look.settings.verification_tries - max(failures(conn, subject, since) for subject in subjects)
