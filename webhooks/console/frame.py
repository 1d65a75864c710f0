"""What every page of the console has in common: who may open it, the frame around it, how it says no.

@console.get("/calls")
@permitted("callbacks")
def calls() -> Response:
    return page("calls.html", calls=calls_of(bot()))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from flask import Blueprint, Flask, Response, current_app, g, make_response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from bot.bootstrap import Bot
from bot.records.database import Away
from bot.staff import Permission, Staff
from bot.turn import RecordsAway

Needed = Permission | Literal["nothing", "signed_in"]  # nothing: strangers, too
View = TypeVar("View", bound=Callable[..., object])

STATIC = "console.static"  # Flask's own view; what it serves is no secret
_BOT = "carestart_console"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not no-referrer as elsewhere: browsers would then hide from us which site a form was sent from.
    "Referrer-Policy": "same-origin",
}
_NAVIGATION: tuple[tuple[str, str, Permission], ...] = (
    ("Queue", "console.queue", "read_queue"),
    ("Call-backs", "console.show_callbacks", "callbacks"),
    ("Referrals", "console.show_referrals", "see_answers"),
    ("Providers closed", "console.show_lost_providers", "lost_providers"),
    ("Search", "console.search", "search"),
    ("Deliveries", "console.show_deliveries", "deliveries"),
    ("Funnel", "console.funnel", "read_funnel"),
    ("Audit", "console.audit", "read_audit"),
    ("Users", "console.users", "manage_users"),
)
_SAID = {
    400: ("That did not work", "The form was not complete. Go back, and send it again."),
    403: (
        "Not allowed",
        "Your role does not allow this, or the form was too old: go back and reload the page.",
    ),
    404: ("Not found", "There is no such page, or what it was about is gone."),
    409: ("Somebody was faster", "This changed while you looked at it. Go back, and reload the page."),
    413: ("Too much", "That was more than the console takes at once."),
    429: ("Too many tries", "Wait a little, and try again."),
    503: ("Records are away", "The records cannot be reached at the moment. Nothing was saved. Try again in a minute."),
}

console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates", static_folder="static")


class Undeclared(Exception):
    """A route of the console does not say who may open it."""


def permitted(permission: Needed) -> Callable[[View], View]:
    """Declare what a page needs. `mount` refuses a route without."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return declare


def needed_for(app: Flask, endpoint: str) -> Needed:
    """What the view behind an endpoint of the console needs. Raises Undeclared."""
    if endpoint == STATIC:
        return "nothing"
    needed: Needed | None = getattr(app.view_functions[endpoint], "permission", None)
    if needed is None:
        raise Undeclared(f"{endpoint} needs @permitted")
    return needed


def mount(app: Flask, bot: Bot) -> None:
    """Serve the console's pages. Raises Undeclared."""
    app.extensions[_BOT] = bot
    app.register_blueprint(console)
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console."):
            needed_for(app, rule.endpoint)


def bot() -> Bot:
    """The bot whose console this is."""
    found: Bot = current_app.extensions[_BOT]
    return found


def staff() -> Staff:
    """Who asks. There is somebody wherever a page needs more than `nothing`."""
    found: Staff = g.staff
    return found


def page(template: str, status: int = 200, **shown: object) -> Response:
    """A page from templates/console/."""
    response = make_response(render_template(f"console/{template}", **shown), status)
    response.vary.add("HX-Request")
    return response


def is_fragment() -> bool:
    """Whether htmx asks, for a part of the page it is on."""
    return request.headers.get("HX-Request") == "true"


# --- around every page -----------------------------------------------------------------------------------------------


@console.after_request
def _harden(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


@console.context_processor
def _frame() -> dict[str, object]:
    return {"staff": g.get("staff"), "navigation": navigation()}


def navigation() -> list[tuple[str, str]]:
    """What this person may open, of what there is: (label, endpoint)."""
    who: Staff | None = g.get("staff")
    there = current_app.view_functions
    return [(label, to) for label, to, needed in _NAVIGATION if who and who.may(needed) and to in there]


@console.app_template_global()
def csrf_token() -> str:
    return str(g.get("csrf", ""))


@console.app_template_global()
def csrf_field() -> Markup:
    """What every form that posts must hold."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf_token())


# --- saying no -------------------------------------------------------------------------------------------------------


def refusal(status: int, title: str, says: str) -> Response:
    """A page that says no; where htmx asked, the sentence, into the page's status region."""
    if not is_fragment():
        return page("refusal.html", status, title=title, says=says)
    response = page("refusal_fragment.html", status, title=title, says=says)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#status", "innerHTML"
    return response


@console.errorhandler(HTTPException)
def _refused(error: HTTPException) -> Response:
    status = error.code or 500
    title, says = _SAID.get(status, (error.name, ""))
    response = refusal(status, title, says)
    allowed = error.get_response().headers.get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    return response


def _away(_: Exception) -> Response:
    return refusal(503, *_SAID[503])


for _kind in (*Away, RecordsAway):
    console.register_error_handler(_kind, _away)
