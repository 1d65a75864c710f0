"""When a person of Member Services could call back."""

from __future__ import annotations

from bot import actions
from bot.actions.lookup import Lookup, Slots
from bot.calendar import callback_times
from bot.spoken_dates import spoken_appointment


class CallbackSlots(Lookup):
    called = "action_callback_slots"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        zone = str(look.zone(slots))
        times = callback_times(look.plan(slots["plan"]).hours, look.now(slots))
        offers = [{"value": str(int(at)), "title": spoken_appointment(at, zone)} for at in times]
        return {"callback_slots": offers or None, "callback_zone": zone}


class CallbackTime(Lookup):
    """The time that was chosen; gone where the member took so long that it has passed."""

    called = "action_callback_time"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        at = float(slots["callback_slot"])
        return {
            "callback_at": at,
            "callback_time": spoken_appointment(at, str(look.zone(slots))),
            "callback_gone": at <= look.now(slots),
        }
