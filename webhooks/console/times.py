"""Times as staff read them: in the zone of the first plan's Member Services."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from webhooks.console.frame import bot, console


def zone() -> ZoneInfo:
    return ZoneInfo(next(iter(bot().content.current.plans.values())).hours.zone)


@console.app_template_filter("when")
def when(at: float) -> Markup:
    """A moment (UTC seconds) as a `time` element: "Feb 2, 2027, 11:04 AM EST"."""
    local = datetime.fromtimestamp(at, zone())
    text = f"{local:%b} {local.day}, {local.year}, {local.hour % 12 or 12}:{local:%M} {local:%p} {local:%Z}"
    return Markup('<time datetime="{}">{}</time>').format(
        datetime.fromtimestamp(at, UTC).isoformat("T", "seconds"), text
    )
