"""The web server: granian, as many processes as the settings say, each taking one request at a time."""

from __future__ import annotations

import os
import signal
import socket

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from bot.config import Settings, pass_on

_KILL_SECONDS = 10  # more than a turn may take


def serve(settings: Settings, application: str = "webhooks.wsgi:app") -> None:
    """Serve a WSGI application, given as MODULE:NAME, until SIGINT or SIGTERM."""
    pass_on(settings)  # the workers load the module, which reads the settings again
    os.register_at_fork(after_in_child=_end_at_once_when_told)
    Granian(
        application,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=1,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_SECONDS,
    ).serve()


def _end_at_once_when_told() -> None:
    """A forked worker has its parent's handlers while it loads the application, and would miss being told to end."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def port_is_free(host: str, port: int) -> bool:
    """Whether nobody listens there yet."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
