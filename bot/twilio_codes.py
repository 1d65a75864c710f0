"""What Twilio's error codes mean for a text. Pure. Nothing else of an error is read: its words may change."""

from __future__ import annotations

from typing import Literal

Meaning = Literal["opted_out", "bad_number", "busy", "settings", "unreachable", "filtered", "other"]

_CODES: dict[Meaning, tuple[int, ...]] = {
    "opted_out": (21610,),
    # It cannot be texted: no number at all, a landline, unknown to its carrier, or closed to us there.
    "bad_number": (21211, 21217, 21614, 21635, 30004, 30005, 30006),
    "busy": (429, 20429, 21611, 30001),
    "settings": (401, 20003, 21408, 21606, 21612),  # at Twilio or here: the same text goes once they are right
    "unreachable": (30003,),  # the phone is off or out of reach
    "filtered": (30007, 30034),  # by carriers: what we are registered to send is to be looked at
}
_MEANINGS = {code: meaning for meaning, codes in _CODES.items() for code in codes}


def meaning_of(code: int) -> Meaning:
    """What this code says; `other` is permanent, and somebody should look at it."""
    return _MEANINGS.get(code, "other")
