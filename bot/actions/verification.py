"""Is the speaker who they say? The same outcome whichever part failed; failures count by member and by phone."""

from __future__ import annotations

from bot import actions
from bot.actions.lookup import Lookup, Slots
from bot.lookups import Lookups
from bot.members.household import match_guardian
from bot.members.roster import Member, is_minor, member_id_index
from bot.members.verification import known_phone, most_failures, verify_birth_date, verify_keys
from bot.records.database import Connection


class RecognizePhone(Lookup):
    called = "action_recognize_phone"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            texts = slots["channel"] == "twilio"  # a caller's number can be made up
            known = texts and known_phone(conn, slots["phone_index"])
            return {"phone_known": known, "lockout": _tries_left(conn, look, slots, "") <= 0}


class VerifyMember(Lookup):
    called = "action_verify_member"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            suspect = _id_typed(look, slots["plan"], slots["member_id"])
            who = verify_keys(conn, look.vault, slots["plan"], slots["member_id"], slots["birth_date"], slots["zip"])
            if who is None or _tries_left(conn, look, slots, suspect) <= 0:
                return _refused(conn, look, slots, suspect)
            return _accepted(conn, look, slots, suspect, who, None)


class VerifyBirthDate(Lookup):
    called = "action_verify_birth_date"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            found = verify_birth_date(conn, look.vault, slots["phone_index"], slots["birth_date"], look.today(slots))
            suspect = _id_typed(look, found[0].plan, found[0].details.member_id) if found else ""
            if found is None or _tries_left(conn, look, slots, suspect) <= 0:
                return _refused(conn, look, slots, suspect)
            return _accepted(conn, look, slots, suspect, *found)


class VerifyGuardian(Lookup):
    called = "action_verify_guardian"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        child, suspect = slots["verified_member"], slots.get("verification_suspect") or ""
        with look.connection() as conn:
            guardian = match_guardian(conn, look.vault, child, slots["guardian_name"], look.today(slots))
            if guardian is None or _tries_left(conn, look, slots, suspect) <= 0:
                return _refused(conn, look, slots, suspect)
            failed = _failed(conn, look, slots, suspect)
            return {"verification": "ok", "verified_guardian": guardian, "verification_failures": failed}


def _accepted(conn: Connection, look: Lookups, slots: Slots, suspect: str, who: Member, guardian: str | None) -> Slots:
    return {
        "verification": "ok",
        "verified_member": who.id,
        "verified_minor": is_minor(who.details, look.today(slots)),
        "verified_guardian": guardian,
        "verification_suspect": suspect,
        "verification_failures": _failed(conn, look, slots, suspect),
    }


def _refused(conn: Connection, look: Lookups, slots: Slots, suspect: str) -> Slots:
    """This failure counts too: the last one locks."""
    nobody = {"verified_member": None, "verified_guardian": None}
    return {
        "verification": "locked" if _tries_left(conn, look, slots, suspect) <= 1 else "failed",
        "verification_suspect": suspect,
        "verification_failures": _failed(conn, look, slots, suspect),
        **nobody,
    }


def _id_typed(look: Lookups, plan: str, member_id: str) -> str:
    """Failures count against the ID as typed, whether anyone has it or not: a lock tells nothing."""
    return f"id:{member_id_index(look.vault, plan, member_id)}"


def _tries_left(conn: Connection, look: Lookups, slots: Slots, suspect: str) -> int:
    return look.settings.verification_tries - _failed(conn, look, slots, suspect)


def _failed(conn: Connection, look: Lookups, slots: Slots, suspect: str) -> int:
    """Failures within the lock-out time, of the phone or of the ID: whichever has more."""
    since = look.now(slots) - look.settings.lockout_hours * 3600
    return most_failures(conn, slots["line"], suspect, since)
