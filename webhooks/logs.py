"""One JSON line per request and per event on stderr: ids, counts and times; never a number, a text or a query."""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import UTC, datetime
from traceback import extract_tb
from types import TracebackType
from uuid import uuid4

from flask import Flask, Response, g, has_request_context, request

OURS = ("bot", "nlu", "webhooks")
_as_json = json.JSONEncoder(default=str).encode
_FRAMES = 8  # of a stack trace: enough to find the line

_access = logging.getLogger("webhooks.access")


def log_json_lines() -> None:
    """Send what our packages log from INFO on and what libraries log from WARNING on to stderr. Safe to call again."""
    root = logging.getLogger()
    if not any(isinstance(handler, StderrLines) for handler in root.handlers):
        root.addHandler(StderrLines())
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("werkzeug", "granian.access", "twilio.http_client", "urllib3"):  # they write addresses and queries
        logging.getLogger(name).setLevel(logging.ERROR)


_OFTEN = ("/simulator/", "/healthz", "/readyz")  # asked again and again; logged at debug only


def log_requests(app: Flask) -> None:
    """Give every request an id (X-Request-Id of the response) and an access line."""
    app.before_request(_begin)
    app.after_request(_end)


def note(**ids: str) -> None:
    """Add ids to this request's access line: `note(message=sid)`. Never anything a member said or is reached by."""
    g.ids.update(ids)


def _begin() -> None:
    g.request_id = uuid4().hex
    g.began = time.perf_counter()
    g.ids = {}


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    line = {
        "method": request.method,
        # The rule, not the path: a path is whatever a stranger typed.
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.began) * 1000, 1),
        **g.ids,
    }
    level = logging.DEBUG if request.method == "GET" and line["route"] in _OFTEN else logging.INFO
    _access.log(level, "request", extra={"ids": line})
    return response


class StderrLines(logging.Handler):
    """Writes to whatever sys.stderr is at that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLine())

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


class JsonLine(logging.Formatter):
    """A record as JSON. Of an exception only types and places: its message may quote a member."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        if has_request_context() and "request_id" in g:
            line["request"] = g.request_id
        line |= getattr(record, "ids", {})
        if record.exc_info and record.exc_info[1]:
            line |= {"error": _kinds(record.exc_info[1]), "where": _places(record.exc_info[2])}
        return _as_json(line)


def _event(record: logging.LogRecord) -> str:
    """What our own code says; of a library's message only the template, as its arguments may be anything."""
    ours = record.name.partition(".")[0] in OURS
    return record.getMessage() if ours else str(record.msg)


def _kinds(error: BaseException | None) -> str:
    kinds = []
    while error is not None:
        kinds.append(type(error).__qualname__)
        error = error.__cause__
    return " from ".join(kinds)


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(trace)[-_FRAMES:]]
