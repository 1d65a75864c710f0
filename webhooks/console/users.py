"""Accounts of staff, for administrators."""

from __future__ import annotations

from typing import NoReturn

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import accounts
from bot.accounts import AccountRefused
from bot.passwords import SHORTEST
from bot.records import staff as records
from bot.records.database import reading
from bot.records.staff import Account
from bot.staff import ROLES
from webhooks.console.frame import bot, console, page, permitted, staff

_DONE = {
    "added": "The account is there. Give the password to its owner in person; they cannot see it here.",
    "role": "The role is changed. Whoever has the account signs in again.",
    "active": "The account is changed.",
    "password": "The password is changed. Whoever has the account signs in again.",
}


@console.get("/users")
@permitted("manage_users")
def users() -> Response:
    return _page(done=_DONE.get(request.args.get("done", ""), ""))


@console.post("/users")
@permitted("manage_users")
def add_user() -> BaseResponse:
    b = bot()
    sign_in, name, role, password = (request.form.get(key, "") for key in ("sign_in", "name", "role", "password"))
    try:
        accounts.add(b.records, staff().by, sign_in, name, role, password, b.clock())
    except AccountRefused as refused:
        return _page(400, problem=str(refused), typed={"sign_in": sign_in, "name": name, "role": role})
    return _done("added")


@console.post("/users/<id>/role")
@permitted("manage_users")
def change_role(id: str) -> BaseResponse:
    b = bot()
    try:
        accounts.change_role(b.records, staff().by, _account(id), request.form.get("role", ""), b.clock())
    except AccountRefused as refused:
        return _page(400, problem=str(refused))
    return _done("role")


@console.post("/users/<id>/active")
@permitted("manage_users")
def change_active(id: str) -> BaseResponse:
    b, active = bot(), request.form.get("active") == "yes"
    try:
        accounts.change_active(b.records, staff().by, _account(id), active, b.clock())
    except AccountRefused as refused:
        return _page(400, problem=str(refused))
    return _done("active")


@console.post("/users/<id>/password")
@permitted("manage_users")
def change_password(id: str) -> BaseResponse:
    b = bot()
    try:
        accounts.change_password(b.records, staff().by, _account(id), request.form.get("password", ""), b.clock())
    except AccountRefused as refused:
        return _page(400, problem=str(refused))
    return _done("password")


def _page(status: int = 200, **shown: object) -> Response:
    with reading(bot().records) as conn:
        everyone = records.everyone(conn)
    return page("users.html", status, everyone=everyone, roles=ROLES, shortest=SHORTEST, **{"typed": {}, **shown})


def _done(what: str) -> BaseResponse:
    return redirect(url_for("console.users", done=what), 303)


def _account(id: str) -> Account:
    with reading(bot().records) as conn:
        return records.by_id(conn, id) or _nobody()


def _nobody() -> NoReturn:
    abort(404)
