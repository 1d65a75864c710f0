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


# What Twilio gives for a caller who hides the number: ANONYMOUS, BLOCKED, PRIVATE, RESTRICTED, UNAVAILABLE and UNKNOWN
# on the keys of a telephone.
_HIDDEN = frozenset(("+266696687", "+2562533", "+7748483", "+7378742833", "+86282452253", "+8656696"))


def is_known(number: str) -> bool:
    """Whether a canonical number is one that can be called: E.164, and not what stands for a hidden one."""
    return re.fullmatch(r"\+\d{8,15}", number) is not None and number not in _HIDDEN
