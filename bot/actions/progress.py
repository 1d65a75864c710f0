"""How far a member is, and what is on file to reach them by."""

from __future__ import annotations

from bot import actions
from bot.actions.lookup import Lookup, Slots
from bot.members.roster import Details, member
from bot.records import rewards

STEPS = ("preference", "pmp", "screening")  # in the order they are offered


class CheckProgress(Lookup):
    called = "action_check_progress"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        plan = look.plan(slots["plan"])
        with look.connection() as conn:
            state = rewards.peek(conn, slots["person"], plan, look.now(slots), frozenset(slots.get("just_done") or ()))
            who = member(conn, look.vault, slots["person"])
        left = [step for step in STEPS if step not in state.steps_done]
        begin = who.benefits_begin if who else None
        return {
            **{f"done_{step}": step in state.steps_done for step in STEPS},
            "steps_left": float(len(left)),
            "next_step": left[0] if left else None,
            "reward_state": state.state,
            "reward_amount": f"${state.cents // 100}" if state.cents else None,
            "benefits_begin": spoken_date(begin.isoformat()) if begin else None,
        }


class ContactOnFile(Lookup):
    """Enough to recognise what is on file, not enough to tell it to someone else."""

    called = "action_contact_on_file"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            who = member(conn, look.vault, slots["person"])
        details = who.details if who else None
        return {
            "email_on_file": masked_email(details.email) if details and details.email else None,
            "address_on_file": masked_address(details) if details and details.address else None,
            "phone_is_cell": True,
        }


def masked_email(email: str) -> str:
    """maria@example.org -> m***@example.org"""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"


def masked_address(details: Details) -> str:
    """The end of the house number, the city and the ZIP: 210 E Ohio St -> **10, Indianapolis 46204"""
    number = details.address.split(" ", 1)[0]
    house = f"**{number[-2:]}, " if number[:1].isdigit() else ""
    return f"{house}{details.city} {details.zip}".strip()


def spoken_date(iso: str) -> dict[str, str]:
    """A date as it is read in each language: 1/15/2027 in both, month first, as the members' own cards have it."""
    year, month, day = iso.split("-")
    written = f"{int(month)}/{int(day)}/{year}"
    return {"en": written, "es": written}
