"""What the flows look up, as rasa-sdk Actions: slots in, slots out. They send nothing and write nothing.

The web process runs them through `use`; under rasa-sdk's own server (`--actions bot.actions`) they open
their own look-ups."""

from __future__ import annotations

from functools import cache

from bot.lookups import Lookups

_in_use: list[Lookups] = []


def use(lookups: Lookups) -> None:
    """Have the actions of this process look things up here."""
    _in_use[:] = [lookups]


def lookups() -> Lookups:
    return _in_use[0] if _in_use else _own_lookups()


@cache
def _own_lookups() -> Lookups:
    import time

    from bot.bootstrap import open_records
    from bot.config import data_folder, load_settings, process_environ

    environ = process_environ()
    settings = load_settings(environ, data_folder(environ))
    records = open_records(settings)
    return Lookups(settings, records.engine, records.vault, records.content, time.time)


# The actions import `lookups` from here, so they come after it.
from bot.actions.callback import CallbackSlots, CallbackTime  # noqa: E402
from bot.actions.household import LoadHousehold, SinglePerson  # noqa: E402
from bot.actions.place import FindPlaces  # noqa: E402
from bot.actions.pmp import FindProviders, MoreProviders, PmpOnFile, ProviderDetails  # noqa: E402
from bot.actions.progress import CheckProgress, ContactOnFile  # noqa: E402
from bot.actions.reminder import ReminderAllowed, ReminderTime  # noqa: E402
from bot.actions.verification import RecognizePhone, VerifyBirthDate, VerifyGuardian, VerifyMember  # noqa: E402

ACTIONS = (
    RecognizePhone,
    VerifyMember,
    VerifyBirthDate,
    VerifyGuardian,
    LoadHousehold,
    SinglePerson,
    CheckProgress,
    ContactOnFile,
    FindPlaces,
    PmpOnFile,
    FindProviders,
    MoreProviders,
    ProviderDetails,
    ReminderAllowed,
    ReminderTime,
    CallbackSlots,
    CallbackTime,
)
