"""Accounts of staff, their sessions, and sign-ins that failed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from bot.records import tables as t
from bot.records.once import insert_once
from bot.staff import Role, Staff

_s, _k, _f = t.staff.c, t.staff_sessions.c, t.sign_in_failures.c
_KEEP_FAILURES = 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is on file."""

    id: str
    sign_in: str
    name: str
    role: Role
    active: bool
    password_hash: str | None
    at: float  # UTC seconds, since when there is one

    @property
    def staff(self) -> Staff:
        return Staff(self.id, self.name, self.role)


@dataclass(frozen=True, slots=True)
class StaffSession:
    """Somebody signed in. Times in UTC seconds."""

    staff: Staff
    csrf: str
    started_at: float
    seen_at: float


# --- accounts --------------------------------------------------------------------------------------------------------


def add(conn: Connection, sign_in: str, name: str, role: Role, password_hash: str | None, now: float) -> str | None:
    """The id of the new account; None where the sign-in name is taken."""
    row = {
        "id": secrets.token_hex(6),
        "sign_in": sign_in,
        "name": name,
        "password_hash": password_hash,
        "role": role,
        "active": True,
        "at": now,
    }
    return str(row["id"]) if insert_once(conn, t.staff, row) else None


def everyone(conn: Connection) -> list[Account]:
    """Every account there ever was, by name."""
    return [_account(row) for row in conn.execute(select(t.staff).order_by(func.lower(_s.name), _s.id))]


def by_id(conn: Connection, id: str) -> Account | None:
    return _one(conn.execute(select(t.staff).where(_s.id == id)).first())


def by_sign_in(conn: Connection, sign_in: str) -> Account | None:
    return _one(conn.execute(select(t.staff).where(_s.sign_in == sign_in)).first())


def set_role(conn: Connection, id: str, role: Role) -> None:
    """Whoever's role changes signs in anew."""
    conn.execute(update(t.staff).where(_s.id == id).values(role=role))
    end_sessions(conn, id)


def set_active(conn: Connection, id: str, active: bool) -> None:
    conn.execute(update(t.staff).where(_s.id == id).values(active=active))
    end_sessions(conn, id)


def set_password(conn: Connection, id: str, password_hash: str) -> None:
    conn.execute(update(t.staff).where(_s.id == id).values(password_hash=password_hash))
    end_sessions(conn, id)


def rehash(conn: Connection, id: str, before: str, after: str) -> None:
    """The same password under stronger parameters, unless it was changed meanwhile."""
    conn.execute(update(t.staff).where(_s.id == id, _s.password_hash == before).values(password_hash=after))


def _one(row: Row[tuple[object, ...]] | None) -> Account | None:
    return None if row is None else _account(row)


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(row.id, row.sign_in, row.name, row.role, row.active, row.password_hash, row.at)


# --- sessions --------------------------------------------------------------------------------------------------------


def start_session(conn: Connection, token_index: str, staff: str, csrf: str, now: float, gone_before: float) -> None:
    """Begin one, and forget those that began before `gone_before`."""
    conn.execute(delete(t.staff_sessions).where(_k.started_at < gone_before))
    row = {"token_index": token_index, "staff": staff, "csrf": csrf, "started_at": now, "seen_at": now}
    conn.execute(insert(t.staff_sessions).values(row))


def session_of(conn: Connection, token_index: str) -> StaffSession | None:
    """Whose session it is, while the account is active; whether it has expired is not looked at."""
    row = conn.execute(_SESSION, {"token": token_index}).first()
    return row and StaffSession(Staff(row.id, row.name, row.role), row.csrf, row.started_at, row.seen_at)


_SESSION = (
    select(_s.id, _s.name, _s.role, _k.csrf, _k.started_at, _k.seen_at)
    .join_from(t.staff_sessions, t.staff, _k.staff == _s.id)
    .where(_k.token_index == bindparam("token"), _s.active)
)


def seen(conn: Connection, token_index: str, now: float) -> None:
    conn.execute(update(t.staff_sessions).where(_k.token_index == token_index).values(seen_at=now))


def end_session(conn: Connection, token_index: str) -> None:
    conn.execute(delete(t.staff_sessions).where(_k.token_index == token_index))


def end_sessions(conn: Connection, staff: str) -> None:
    """All of one person's."""
    conn.execute(delete(t.staff_sessions).where(_k.staff == staff))


# --- sign-ins that failed --------------------------------------------------------------------------------------------


def attempt(conn: Connection, subjects: tuple[str, ...], now: float, since: float, most: int) -> float | None:
    """Count a sign-in as failed, before it is looked at, so that many at once are not more than `most`.

    Returns None, or where there were `most` since `since` already: when the first of those was."""
    conn.execute(delete(t.sign_in_failures).where(_f.at < now - _KEEP_FAILURES))
    for subject in subjects:
        query = select(_f.at).where(_f.subject == subject, _f.at > since).order_by(_f.at.desc()).limit(most)
        times: list[float] = list(conn.execute(query).scalars())
        if len(times) >= most:
            return times[-1]
    conn.execute(insert(t.sign_in_failures), [{"subject": subject, "at": now} for subject in subjects])
    return None


def succeeded(conn: Connection, account: str, others: tuple[str, ...], at: float) -> None:
    """That one was none: forget all of the account's, and of the others only the attempt at that moment."""
    conn.execute(delete(t.sign_in_failures).where(_f.subject == account))
    conn.execute(delete(t.sign_in_failures).where(_f.subject.in_(others), _f.at == at))
