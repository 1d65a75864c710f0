"""What `carestart run` prints once it serves: where to go and whom to be."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table

from bot.config import Settings
from bot.members.sample import SampleIdentity
from bot.staff import SAMPLE_STAFF

_SHOWN = 6  # sample people; the rest stand in bot/members/sample.csv


def announcement(
    settings: Settings, people: Sequence[SampleIdentity] = (), staff_password: str | None = None
) -> RenderableType:
    """A panel of addresses; the sample people where they are loaded, the sample staff where there is a password."""
    parts: list[RenderableType] = [_addresses(settings, staff_password)]
    if people:
        parts += ["", "Who you can be, when the line asks:", _people(people)]
    parts += ["", f"Data stays in {settings.data}", "Ctrl-C ends it."]
    return Panel(Group(*parts), title="CareStart is ready", expand=False, padding=(1, 2))


def _addresses(settings: Settings, staff_password: str | None) -> Table:
    here = settings.public_base_url or f"http://{settings.host}:{settings.port}"
    table = Table.grid(padding=(0, 2))
    if settings.simulator:
        table.add_row("A phone in the browser", f"http://{settings.host}:{settings.port}/simulator/")
        table.add_row("A phone in the terminal", ".venv/bin/carestart chat")
    table.add_row("Member Services console", f"http://{settings.host}:{settings.port}/console/")
    if staff_password:
        table.add_row("", f"sign in as {', '.join(SAMPLE_STAFF)}; password {staff_password}")
    if settings.twilio_auth_token:
        table.add_row("Twilio: a message comes in", f"{here}/webhooks/sms")
    table.add_row("Is it well?", f"http://{settings.host}:{settings.port}/readyz, carestart doctor")
    return table


def _people(people: Sequence[SampleIdentity]) -> Table:
    table = Table.grid(padding=(0, 2))
    for person in people[:_SHOWN]:
        table.add_row(person.label, f"text from {person.phone}", person.note)
        speaks = f", parent or guardian {person.guardian}" if person.guardian else ""
        table.add_row("", f"ID {person.member_id}", f"born {person.birth_date}, ZIP {person.zip}{speaks}")
    return table
