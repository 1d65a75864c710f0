"""The floor that the product is measured against, served by the same process, and a look at that process.

The floor is the least any signed webhook on this stack can cost: the product's own check of the signature, one trip to
Redis, fixed TwiML."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify

from bot.bootstrap import Bot
from webhooks.bench.texts import FLOOR, WORKER
from webhooks.signature import require_twilio
from webhooks.sms import TWIML, render_sms

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FIXED = render_sms("Thank you. Do you smoke or use tobacco? Reply YES or NO.")


def floor_app(bot: Bot) -> Flask:
    """The floor and the worker's own figures."""
    app = Flask("webhooks.bench.floor", static_folder=None)
    refuse_forged = require_twilio(bot.settings)

    @app.post(FLOOR)
    def floor() -> Response:
        refuse_forged()
        bot.sessions.ping()
        return Response(FIXED, content_type=TWIML)

    @app.get(WORKER)
    def worker() -> Response:
        return jsonify(pid=os.getpid(), cpu_s=time.process_time(), rss_bytes=resident_bytes())

    return app


def resident_bytes() -> int:
    """Memory this process holds now; where the system does not say, the most it ever held."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def beside(product: WSGIApplication, floor: WSGIApplication) -> WSGIApplication:
    """One application of two: the product is not touched by what it is measured against."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        chosen = floor if environ["PATH_INFO"].startswith("/bench/") else product
        return chosen(environ, start_response)

    return app
