"""The product's application in a process that kills itself at the seams of a turn."""

import random

from tests.faults import seams

seams._BORN = seams.time.monotonic()  # a web process is forked: its life begins here
random.seed()  # and so does its chance
seams.break_here()

from webhooks.wsgi import app  # noqa: E402

__all__ = ["app"]
