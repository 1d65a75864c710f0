"""When a reminder may come, and whether: where the member lives decides what is night."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot import actions
from bot.actions.lookup import Lookup, Slots
from bot.actions.progress import spoken_date
from bot.calendar import reminder_at
from bot.directory.zips import place
from bot.members.roster import member
from bot.records.reminders import reminders_since
from bot.spoken_dates import spoken_hour

DAY_S = 86_400.0
PERIOD_DAYS = 30


class ReminderAllowed(Lookup):
    """No more than a few reminders to a phone in a month, whoever asks for them; none to a caller who hides it."""

    called = "action_reminder_allowed"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            sent = reminders_since(conn, slots["phone_index"], look.now(slots) - PERIOD_DAYS * DAY_S)
        return {"reminder_allowed": slots["caller_known"] and sent < look.settings.reminders_a_month}


class ReminderTime(Lookup):
    called = "action_reminder_time"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        zone = self._zone(slots)
        at = reminder_at(slots["remind_when"], look.now(slots), zone)
        return {"reminder_at": at, "reminder_zone": zone, "reminder_time": spoken_time(at, zone)}

    def _zone(self, slots: Slots) -> str:
        """Where the member lives; where the plan is, while nobody is verified."""
        look = actions.lookups()
        if slots.get("person"):
            with look.connection() as conn:
                who = member(conn, look.vault, slots["person"])
            home = place(who.details.zip) if who else None
            if home is not None:
                return home.zone
        return str(look.zone(slots))


def spoken_time(at: float, zone: str) -> dict[str, str]:
    """A day and hour as they are read: 2/3/2027, 10 a.m."""
    local = datetime.fromtimestamp(at, ZoneInfo(zone))
    day = spoken_date(local.date().isoformat())
    hour = spoken_hour(local)
    return {language: f"{day[language]}, {hour[language]}" for language in day}
