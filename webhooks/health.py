"""Is it alive, can it serve: for load balancers, without detail."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from bot.bootstrap import Bot
from bot.readiness import readiness


def health_blueprint(bot: Bot) -> Blueprint:
    """`GET /healthz`: this process answers. `GET /readyz`: Redis, SQL and content are there (200) or not (503)."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def alive() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    @health.get("/readyz")
    def ready() -> Response:
        parts = readiness(bot)
        response = jsonify(parts)
        response.status_code = 200 if all(parts.values()) else 503
        return response

    return health
