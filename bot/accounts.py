"""What may be done with accounts of staff, by an administrator or on the command line; each is in the audit."""

from __future__ import annotations

from bot import passwords
from bot.records import audit
from bot.records import staff as records
from bot.records.database import Database
from bot.records.staff import Account
from bot.staff import Role, Staff, name_of, role_of, sign_in_of


class AccountRefused(Exception):
    """It cannot be done; says why, for whoever asked."""


def add(database: Database, by: str, sign_in: str, name: str, role: str, password: str, now: float) -> str:
    """The id of a new account. Raises AccountRefused."""
    try:
        given = (sign_in_of(sign_in), name_of(name), role_of(role), passwords.hashed(password))
    except ValueError as error:
        raise AccountRefused(str(error)) from None
    with database.begin() as conn:
        id = records.add(conn, *given, now)
        if id is None:
            raise AccountRefused(f"there is an account {given[0]} already")
        audit.note(conn, now, by, "account_added", id, given[2])
    return id


def known_elsewhere(database: Database, key: str, name: str, role: Role, now: float) -> Staff | None:
    """Whom an identity provider vouches for, with the role that it gives them today; None where they are disabled here.

    `key` is theirs and stays: an account of ours has no such sign-in name, so that nobody becomes one by a name."""
    sign_in = f"oidc:{key}"
    with database.begin() as conn:
        account = records.by_sign_in(conn, sign_in)
        if account is None:
            id = records.add(conn, sign_in, name, role, None, now)
            if id is None:
                return None
            audit.note(conn, now, "provider", "account_added", id, role)
            return Staff(id, name, role)
        if not account.active:
            audit.note(conn, now, "nobody", "sign_in_refused", account.id)
            return None
        if account.role != role:
            records.set_role(conn, account.id, role)
            audit.note(conn, now, "provider", "role_changed", account.id, f"{account.role} to {role}")
    return Staff(account.id, account.name, role)


def change_role(database: Database, by: str, account: Account, role: str, now: float) -> Role:
    """They sign in anew. Raises AccountRefused."""
    _not_oneself(by, account)
    try:
        new = role_of(role)
    except ValueError as error:
        raise AccountRefused(str(error)) from None
    with database.begin() as conn:
        records.set_role(conn, account.id, new)
        audit.note(conn, now, by, "role_changed", account.id, f"{account.role} to {new}")
    return new


def change_active(database: Database, by: str, account: Account, active: bool, now: float) -> None:
    """Who is disabled is out at once; what they did stays theirs. Raises AccountRefused."""
    _not_oneself(by, account)
    with database.begin() as conn:
        records.set_active(conn, account.id, active)
        audit.note(conn, now, by, "account_enabled" if active else "account_disabled", account.id)


def change_password(database: Database, by: str, account: Account, password: str, now: float) -> None:
    """They sign in anew. Raises AccountRefused."""
    try:
        hashed = passwords.hashed(password)
    except ValueError as error:
        raise AccountRefused(str(error)) from None
    with database.begin() as conn:
        records.set_password(conn, account.id, hashed)
        audit.note(conn, now, by, "password_changed", account.id)


def _not_oneself(by: str, account: Account) -> None:
    """So that an administrator does not lock the last one out by mistake."""
    if by == account.staff.by:
        raise AccountRefused("another administrator has to do that to your own account")
