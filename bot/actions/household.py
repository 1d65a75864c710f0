"""Whom the speaker may speak for."""

from __future__ import annotations

from bot import actions
from bot.actions.lookup import Lookup, Slots
from bot.members.household import Person, household
from bot.records.accommodations import uses_relay
from bot.session import speaker


class LoadHousehold(Lookup):
    called = "action_load_household"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            people = household(
                conn, look.vault, slots["verified_member"], slots.get("verified_guardian"), look.today(slots)
            )
            relay = uses_relay(conn, speaker(slots["verified_member"], slots.get("verified_guardian")))
        items = [_item(who) for who in people]
        return {"household": items, "household_size": float(len(items)), "uses_relay": relay}


def _item(who: Person) -> Slots:
    until = who.until.isoformat() if who.until else None
    return {"value": who.id, "title": who.first, "age": who.age, "sex": who.sex, "self": who.self, "until": until}


class SinglePerson(Lookup):
    """A household of one needs no question."""

    called = "action_single_person"

    def find(self, slots: Slots) -> Slots:
        return {"person_choice": slots["household"][0]["value"]}
