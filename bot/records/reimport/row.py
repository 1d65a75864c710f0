"""A record that was read as a row of its table, and the proof that it would be exported again as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import msgspec
from sqlalchemy import Connection, RowMapping

from bot.phones import canonical, is_known
from bot.questionnaire import reference_to
from bot.records.export.kinds import KINDS
from bot.records.export.people import People
from bot.records.export.plain import Record
from bot.records.reimport.on_file import OnFile
from bot.records.reimport.parts import NOBODY, Incoming, NotTaken
from bot.records.tables import consents, pmp_choices, preferences, referrals, rewards, screenings
from bot.vault import Vault

TABLES = MappingProxyType({
    "preferences": preferences,
    "consents": consents,
    "pmp-choices": pmp_choices,
    "screenings": screenings,
    "referrals": referrals,
    "rewards": rewards,
})  # fmt: skip
IMPORTED = "imported"  # stands where the message that said it would be named


@dataclass(frozen=True, slots=True)
class Restored:
    """A record as it will be on file here."""

    incoming: Incoming
    row: Mapping[str, Any]  # of a reward but for the numbers of its steps
    member: str | None  # our id
    said_by: str


def restored(vault: Vault, known: OnFile, incoming: Incoming) -> Restored:
    """The row of a record. Raises NotTaken where somebody it names is not on file."""
    member = known.member(incoming.about) if incoming.about else None
    said_by = known.said_by(incoming.said_by, member)
    row = {
        **incoming.values,
        "member": member,
        **_sealed(vault, incoming),
        **_OWN[incoming.kind](vault, incoming, member, said_by),
    }
    return Restored(incoming, row, member, said_by)


def _sealed(vault: Vault, incoming: Incoming) -> dict[str, bytes]:
    table = TABLES[incoming.kind].name
    return {f"{name}_sealed": vault.seal(said.encode(), f"{table}.{name}") for name, said in incoming.sealed.items()}


def _said(vault: Vault, incoming: Incoming, member: str | None, said_by: str) -> dict[str, Any]:
    return {"uid": incoming.name, "said_by": said_by, "message_id": IMPORTED}


def _preference(vault: Vault, incoming: Incoming, member: str | None, said_by: str) -> dict[str, Any]:
    without = {} if "contact" in incoming.sealed else {"contact_sealed": None}
    return _said(vault, incoming, member, said_by) | without


def _consent(vault: Vault, incoming: Incoming, member: str | None, said_by: str) -> dict[str, Any]:
    sealed = vault.seal(incoming.phone.encode(), "consents.phone") if incoming.phone else None
    phone = {"phone_index": phone_index(vault, incoming), "phone_sealed": sealed}
    return _said(vault, incoming, member, said_by) | phone


def phone_index(vault: Vault, incoming: Incoming) -> str | None:
    """Whose phone a consent is about. A number that was hidden is of this consent alone."""
    if incoming.phone is None:
        return None
    number = canonical(incoming.phone)
    return vault.index("phone", number if is_known(number) else incoming.name)


def _screening(vault: Vault, incoming: Incoming, member: str | None, said_by: str) -> dict[str, Any]:
    response = {**(incoming.response or {}), "subject": {"reference": f"Patient/{member}"}}
    if said_by != NOBODY:
        response["source"] = {"reference": reference_to(said_by)}
    sealed = vault.seal(msgspec.json.encode(response), "screenings.response")
    return {"run": incoming.name, "said_by": said_by, "response_sealed": sealed}


def _referral(vault: Vault, incoming: Incoming, member: str | None, said_by: str) -> dict[str, Any]:
    owner = incoming.owner
    return {"uid": incoming.name, "taken_by": f"agent:{owner.id}" if owner else None}


def _reward(vault: Vault, incoming: Incoming, member: str | None, said_by: str) -> dict[str, Any]:
    return {"uid": incoming.name}


_OWN = {
    "preferences": _preference,
    "consents": _consent,
    "pmp-choices": _said,
    "screenings": _screening,
    "referrals": _referral,
    "rewards": _reward,
}


# --- the proof -------------------------------------------------------------------------------------------------------


def exported_again(conn: Connection, vault: Vault, known: OnFile, row: Restored) -> Record:
    """What an export would write of it, with everybody under the names that the record itself has."""
    steps = dict(enumerate(row.incoming.steps))
    told = {**row.row, "changed_at": row.incoming.changed, "completions": str(list(steps))}
    record = KINDS[row.incoming.kind].record(_people(conn, vault, known, row, steps), cast("RowMapping", told))
    assert record is not None  # these kinds always have something to tell
    return record


def _people(conn: Connection, vault: Vault, known: OnFile, row: Restored, steps: Mapping[int, Any]) -> People:
    incoming = row.incoming
    speakers = [one for one in (incoming.said_by, incoming.owner) if one is not None]
    names = [incoming.about, *(one.member for one in speakers)]
    return People(
        conn,
        vault,
        known.plans,
        _members=dict(known.as_named(name) for name in names if name is not None),
        _guardians={row.said_by.partition(":")[2]: one.name for one in speakers if one.kind == "guardian"},
        _staff={one.id: one.name for one in speakers if one.kind == "agent"},
        _clinics={row.row.get("provider", ""): incoming.clinic},
        _completions=dict(steps),
    )


def prove(conn: Connection, vault: Vault, known: OnFile, row: Restored, record: Record) -> None:
    """Nothing of the record would be lost here. Raises NotTaken naming the parts that would."""
    again = exported_again(conn, vault, known, row)
    if again == record:
        return
    different = sorted(key for key in again if again[key] != record.get(key))
    raise NotTaken(f"says what would be lost here: {', '.join(different) or 'more than there is a place for'}")
