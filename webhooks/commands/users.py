"""`carestart users`: who may sign in to the console."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from bot.passwords import SHORTEST
from bot.staff import ROLES

if TYPE_CHECKING:
    from bot.records.database import Database
    from bot.records.staff import Account

_BY = "cli"
_EXAMPLES = """
\b
Examples:
  carestart users add ana --name "Ana Ruiz" --role agent
  carestart users add auditor1 --role auditor --password-stdin < password.txt
  carestart users role ana lead
  carestart users password ana
  carestart users disable ana
  carestart users list

\b
Roles: agent (answers members), lead (also takes over from agents, reads the funnel), auditor (reads audit and funnel,
no conversation), admin (everything).
"""


@click.group("users", epilog=_EXAMPLES)
def users() -> None:
    """Who may sign in to the console at /console/."""


def _with_data(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.")(command)


def _with_password(command: Callable[..., Any]) -> Callable[..., Any]:
    says = "Read the password from standard input instead of asking."
    return click.option("--password-stdin", "from_stdin", is_flag=True, help=says)(command)


@users.command("add", epilog=_EXAMPLES)
@click.argument("sign_in", metavar="NAME")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may do.")
@click.option("--name", "shown", help="Their name as it is shown.  [default: NAME]")
@_with_password
@_with_data
def add(sign_in: str, role: str, shown: str | None, from_stdin: bool, data: Path | None) -> None:
    """Add an account with the sign-in name NAME."""
    from bot import accounts

    with _records(data) as database:
        password = _password(from_stdin)
        accounts.add(database, _BY, sign_in, shown or sign_in.strip().title(), role, password, time.time())
    click.echo(f"{sign_in.strip().lower()} may sign in as {role}")


@users.command("list")
@_with_data
def everyone(data: Path | None) -> None:
    """List all accounts."""
    from bot.records import staff
    from bot.records.database import reading

    table = Table("sign-in name", "name", "role", "active")
    with _records(data) as database, reading(database) as conn:
        for account in staff.everyone(conn):
            table.add_row(account.sign_in, account.name, account.role, "yes" if account.active else "no")
    Console(markup=False, highlight=False).print(table)


@users.command("disable")
@click.argument("sign_in", metavar="NAME")
@_with_data
def disable(sign_in: str, data: Path | None) -> None:
    """Disable an account: whoever is signed in with it is out at once."""
    _change_active(sign_in, data, active=False)


@users.command("enable")
@click.argument("sign_in", metavar="NAME")
@_with_data
def enable(sign_in: str, data: Path | None) -> None:
    """Enable an account again."""
    _change_active(sign_in, data, active=True)


@users.command("role")
@click.argument("sign_in", metavar="NAME")
@click.argument("role", type=click.Choice(ROLES))
@_with_data
def role(sign_in: str, role: str, data: Path | None) -> None:
    """Change what somebody may do; they sign in anew."""
    from bot import accounts

    with _records(data) as database:
        accounts.change_role(database, _BY, _account(database, sign_in), role, time.time())
    click.echo(f"{sign_in.strip().lower()} may sign in as {role}")


@users.command("password")
@click.argument("sign_in", metavar="NAME")
@_with_password
@_with_data
def password(sign_in: str, from_stdin: bool, data: Path | None) -> None:
    """Change somebody's password; they sign in anew."""
    from bot import accounts

    with _records(data) as database:
        account = _account(database, sign_in)
        accounts.change_password(database, _BY, account, _password(from_stdin), time.time())
    click.echo(f"{account.sign_in} has another password")


def _change_active(sign_in: str, data: Path | None, *, active: bool) -> None:
    from bot import accounts

    with _records(data) as database:
        accounts.change_active(database, _BY, _account(database, sign_in), active, time.time())
    click.echo(f"{sign_in.strip().lower()} may {'' if active else 'no longer '}sign in")


@contextmanager
def _records(data: Path | None) -> Iterator[Database]:
    """The database at the newest schema; what is refused ends the command with a sentence."""
    from bot.accounts import AccountRefused  # not before it is needed: --help stays quick
    from webhooks.commands.import_report import open_ready_records

    database = open_ready_records(data).engine
    try:
        yield database
    except AccountRefused as refused:
        raise click.ClickException(str(refused)) from None
    finally:
        database.dispose()


def _account(database: Database, sign_in: str) -> Account:
    from bot.records import staff
    from bot.records.database import reading

    with reading(database) as conn:
        found = staff.by_sign_in(conn, sign_in.strip().lower())
    if found is None:
        raise click.ClickException(f"there is no account {sign_in}: see `carestart users list`")
    return found


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt(f"Password, {SHORTEST} characters or more", hide_input=True, confirmation_prompt=True)
    return asked
