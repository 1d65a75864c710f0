"""What identifies a person, as it is shown until somebody asks for it: enough to tell two apart."""

from __future__ import annotations

from typing import Literal

Kind = Literal["phone", "member_id", "birth_date", "name", "address", "email"]

_DOTS = "••••"


def masked(value: str, kind: Kind) -> str:
    """`value` with what identifies a person covered; empty where there is none."""
    if not value:
        return ""
    if kind == "phone":
        return f"(•••) •••-••{value[-2:]}"
    if kind == "member_id":
        return f"{_DOTS}{value[-2:]}" if len(value) > 4 else _DOTS
    if kind == "birth_date":
        return "••/••/••••"
    if kind == "name":
        return _first_and_initial(value)
    return _DOTS


def _first_and_initial(name: str) -> str:
    first, *more = name.split()
    return f"{first} {more[-1][0]}." if more else first
