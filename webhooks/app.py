"""The web application: which doors there are, and what every answer has in common."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from bot.bootstrap import Bot
from bot.turn import RecordsAway
from webhooks.console import mount_console
from webhooks.health import health_blueprint
from webhooks.logs import log_json_lines, log_requests
from webhooks.simulator import mount_simulator
from webhooks.sms import sms_blueprint
from webhooks.voice import voice_blueprint

MAX_BODY_BYTES = 64 * 1024  # Twilio's longest form is a tenth of it

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def create_app(bot: Bot) -> Flask:
    """The WSGI application over these collaborators."""
    app = Flask("webhooks", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    log_json_lines()
    log_requests(app)
    app.after_request(_harden)
    app.register_error_handler(HTTPException, _without_detail)
    app.register_error_handler(RecordsAway, _come_again)
    app.register_blueprint(sms_blueprint(bot))
    app.register_blueprint(voice_blueprint(bot))
    app.register_blueprint(health_blueprint(bot))
    mount_console(app, bot)
    if bot.settings.simulator:
        mount_simulator(app, bot)
    return app


def _harden(response: Response) -> Response:
    given = {name.lower() for name, _ in response.headers}
    response.headers.extend([(name, value) for name, value in _HEADERS.items() if name.lower() not in given])
    return response


def _without_detail(error: HTTPException) -> Response:
    """The status with its headers (which methods, where to), and none of Werkzeug's page."""
    headers = error.get_response().headers
    kept = {name: headers[name] for name in ("Allow", "Location") if name in headers}
    return Response(f"{error.name}\n", error.code, kept, content_type="text/plain; charset=utf-8")


def _come_again(_: RecordsAway) -> Response:
    """Not 200, so that Twilio's retry or fallback brings the message again."""
    return _without_detail(ServiceUnavailable())
