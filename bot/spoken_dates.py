"""Days and hours as they are said in each language. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS = {  # as lists of words, as people read them
    "en": "January February March April May June July August September October November December".split(),  # noqa: SIM905
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),  # noqa: SIM905
}


def spoken_hour(local: datetime) -> dict[str, str]:
    """10 a.m., 2:30 p.m."""
    minute = f":{local.minute:02d}" if local.minute else ""
    hour = f"{local.hour % 12 or 12}{minute}"
    en, es = ("a.m.", "a. m.") if local.hour < 12 else ("p.m.", "p. m.")
    return {"en": f"{hour} {en}", "es": f"{hour} {es}"}


def spoken_appointment(at: float, zone: str) -> dict[str, str]:
    """UTC seconds as they are said in `zone`: Tuesday, February 3 at 10 a.m."""
    local = datetime.fromtimestamp(at, ZoneInfo(zone))
    hour = spoken_hour(local)
    day = {language: names[local.weekday()] for language, names in _DAYS.items()}
    month = {language: names[local.month - 1] for language, names in _MONTHS.items()}
    before_hour = "a la" if local.hour % 12 == 1 else "a las"
    return {
        "en": f"{day['en']}, {month['en']} {local.day} at {hour['en']}",
        "es": f"{day['es']}, {local.day} de {month['es']} {before_hour} {hour['es']}",
    }
