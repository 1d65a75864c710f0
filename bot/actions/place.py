"""How far the speaker has come with a task in another conversation."""

from __future__ import annotations

from bot import actions
from bot.actions.lookup import Lookup, Slots
from bot.records.places import GOOD_FOR_S, load_places
from bot.session import speaker


class FindPlaces(Lookup):
    called = "action_find_places"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        who = speaker(slots["verified_member"], slots.get("verified_guardian"))
        with look.connection() as conn:
            return {"places": load_places(conn, look.vault, slots["person"], who, look.now(slots) - GOOD_FOR_S)}
