"""Writes what another installation recorded, and what follows from it. As it came from outside, it is delivered
nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, and_, delete, or_, select, update

from bot.records import audit
from bot.records import tables as t
from bot.records.export.kinds import KINDS
from bot.records.once import insert_once
from bot.records.reimport.parts import NotTaken, Speaker, Step
from bot.records.reimport.row import TABLES, Restored
from bot.vault import Vault

Outcome = Literal["added", "updated", "known"]
_STEP_OF = {"preferences": "preference", "pmp-choices": "pmp", "screenings": "screening"}
_STANDS_FOR = "record:"  # begins the reference of a step whose message is not known, with the record's name after it


def write(conn: Connection, vault: Vault, record: Restored, now: float) -> Outcome:
    """Write one record with what follows from it. What is on file stays, unless the record has come further. Raises
    NotTaken where it contradicts what is on file."""
    before = conn.execute(KINDS[record.incoming.kind].rows.named(record.incoming.name)).mappings().first()
    if before is not None:
        return _update(conn, record, before)
    if _without_answers(conn, record):  # a screening that has begun here
        raise NotTaken("is of a screening that is under way here")
    _add(conn, vault, record, now)
    _follow_up(conn, vault, record, now)
    return "added"


def _add(conn: Connection, vault: Vault, record: Restored, now: float) -> None:
    row = dict(record.row)
    if record.incoming.kind == "rewards":
        _refuse_second(conn, "a reward of this year is on file under another name", t.rewards,
                       {"member": row["member"], "programme_year": row["programme_year"]})  # fmt: skip
        row["completions"] = json.dumps([_cited(conn, row["member"], step) for step in record.incoming.steps])
    if record.incoming.kind == "referrals":
        _refuse_second(conn, "a referral of this screening is on file under another name", t.referrals,
                       {"screening": row["screening"]})  # fmt: skip
        _know_staff(conn, record.incoming.owner, now)
    _know_staff(conn, record.incoming.said_by, now)
    if not insert_once(conn, TABLES[record.incoming.kind], _for_the_driver(row)):
        raise NotTaken("is being brought in by somebody else at the same time")


def _for_the_driver(row: Mapping[str, Any]) -> dict[str, Any]:
    """A day as both databases take it."""
    return {column: value.isoformat() if isinstance(value, date) else value for column, value in row.items()}


def _without_answers(conn: Connection, record: Restored) -> bool:
    if record.incoming.kind != "screenings":
        return False
    c = t.screenings.c
    return conn.execute(select(c.run).where(c.run == record.incoming.name)).first() is not None


def _refuse_second(conn: Connection, why: str, table: Any, key: Mapping[str, Any]) -> None:
    same = [table.c[column] == value for column, value in key.items()]
    if conn.execute(select(table.c.uid).where(*same)).first() is not None:
        raise NotTaken(why)


# --- what has come further -------------------------------------------------------------------------------------------


def _update(conn: Connection, record: Restored, before: RowMapping) -> Outcome:
    """Only a referral and a screening that is under way ever change."""
    if before["member"] != record.member:
        raise NotTaken("is on file about another member")
    if int(before["changed_at"]) >= record.incoming.changed:
        return "known"
    if record.incoming.kind == "referrals":
        _set(conn, record, ("state", "taken_by", "taken_at", "closed_at", "outcome"))
        _know_staff(conn, record.incoming.owner, record.incoming.changed)
        return "updated"
    if record.incoming.kind == "screenings" and before["status"] == "in-progress":
        _set(conn, record, ("status", "response_sealed", "open_question", "said_by", "language", "completed_at",
                            "updated_at"))  # fmt: skip
        _know_staff(conn, record.incoming.said_by, record.incoming.changed)
        _complete_step(conn, record)
        return "updated"
    return "known"


def _set(conn: Connection, record: Restored, columns: tuple[str, ...]) -> None:
    table = TABLES[record.incoming.kind]
    name = table.c.run if record.incoming.kind == "screenings" else table.c.uid
    values = {column: record.row[column] for column in columns}
    conn.execute(update(table).where(name == record.incoming.name).values(values))


# --- what follows from a record --------------------------------------------------------------------------------------


def _follow_up(conn: Connection, vault: Vault, record: Restored, now: float) -> None:
    _complete_step(conn, record)
    if record.incoming.phone is not None:
        _settle_opt_out(conn, record.row["phone_index"])


def _complete_step(conn: Connection, record: Restored) -> None:
    """The step that the record finished counts for the reward, once."""
    step = _STEP_OF.get(record.incoming.kind)
    if step is None or record.row.get("status") == "in-progress":
        return
    at, member = record.incoming.changed, record.member
    if conn.execute(_completion_at(member, step, at)).first() is None:
        row = {"member": member, "step": step, "source": "carestart", "at": at, "said_by": record.said_by,
               "reference": _STANDS_FOR + record.incoming.name}  # fmt: skip
        insert_once(conn, t.completions, row)


def _completion_at(member: str | None, step: str, at: float) -> Any:
    """A step that was finished with us within this second."""
    c = t.completions.c
    ours = and_(c.member == member, c.step == step, c.source == "carestart")
    return select(c.id).where(ours, c.at >= at, c.at < at + 1).order_by(c.id)


def _cited(conn: Connection, member: str, step: Step) -> int:
    """The number of a step that a reward was earned by. One of ours that its own record brought is the same one, and
    now gets the reference of the message it was said in."""
    row = {"member": member, "step": step.step, "source": step.source, "reference": step.reference}
    same = select(t.completions.c.id).filter_by(**row)
    if conn.execute(same).first() is None and step.source == "carestart":
        c = t.completions.c
        stands_for = _completion_at(member, step.step, step.at).where(c.reference.startswith(_STANDS_FOR)).limit(1)
        found = conn.execute(stands_for).scalar_one_or_none()
        conn.execute(update(t.completions).where(c.id == found).values(reference=step.reference))
    insert_once(conn, t.completions, {**row, "said_by": None, "at": step.at})
    return int(conn.execute(same).scalar_one())


def _know_staff(conn: Connection, speaker: Speaker | None, now: float) -> None:
    """Somebody of staff who is named and has no account here gets one that nobody can sign in with, for the name."""
    if speaker is None or speaker.kind != "agent" or not speaker.name:
        return
    row = {"id": speaker.id, "sign_in": f"imported:{speaker.id}", "name": speaker.name, "password_hash": None,
           "role": "agent", "active": False, "at": now}  # fmt: skip
    if insert_once(conn, t.staff, row):
        audit.note(conn, now, "cli", "account_added", speaker.id, "imported: may not sign in")


def _settle_opt_out(conn: Connection, index: str) -> None:
    """STOP holds here as it did there, and so does a later START."""
    c, o = t.consents.c, t.opt_outs.c
    telling = or_(c.status == "revoked", c.kind == "opt_in")
    last = conn.execute(
        select(c.status, c.at).where(c.phone_index == index, telling).order_by(c.at.desc(), c.id.desc()).limit(1)
    ).first()
    if last is None:
        return
    if last.status == "revoked":
        insert_once(conn, t.opt_outs, {"phone_index": index, "since": last.at})
    else:
        conn.execute(delete(t.opt_outs).where(o.phone_index == index, o.since <= last.at))
