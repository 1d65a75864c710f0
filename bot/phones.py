"""One spelling per phone number. Pure."""

from __future__ import annotations

import re


def canonical(number: str) -> str:
    """E.164 for a North American number however it is typed; short codes and odd senders as they are, trimmed."""
    digits = re.sub(r"\D", "", number)
    if len(digits) == 10:
        return f"+1{digits}"
    if len(digits) == 11 and digits.startswith("1"):
        return f"+{digits}"
    return f"+{digits}" if number.strip().startswith("+") and digits else number.strip().casefold()
