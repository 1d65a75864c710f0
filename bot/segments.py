"""How many SMS segments a text takes: GSM-7 where its alphabet suffices (3GPP TS 23.038), UCS-2 otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # two septets each, never parted between segments

_GSM_ALONE, _GSM_PART = 160, 153  # septets; parts lose seven to the header that joins them
_UCS_ALONE, _UCS_PART = 70, 67  # 16-bit units


@dataclass(frozen=True, slots=True)
class Parcel:
    """A text as a carrier parcels it up. `left` is what the last segment still holds, in characters of the alphabet;
    one of `€[]{}\\^~|` in GSM-7, or an emoji in UCS-2, takes two."""

    encoding: Literal["GSM-7", "UCS-2"]
    characters: int
    segments: int
    left: int
    forced_by: tuple[str, ...] = ()  # the characters that GSM-7 lacks, each once, in order


def parcel(text: str) -> Parcel:
    """How `text` would be sent; an empty text still takes one segment."""
    forced_by = tuple(dict.fromkeys(character for character in text if not is_gsm7(character)))
    if forced_by:
        count, left = _parts([2 if ord(character) > 0xFFFF else 1 for character in text], _UCS_ALONE, _UCS_PART)
        return Parcel("UCS-2", len(text), count, left, forced_by)
    count, left = _parts([2 if character in _EXTENDED else 1 for character in text], _GSM_ALONE, _GSM_PART)
    return Parcel("GSM-7", len(text), count, left)


def segments(text: str) -> int:
    """The number of segments a carrier bills for `text`; an empty text still takes one."""
    return parcel(text).segments


def is_gsm7(text: str) -> bool:
    """Whether every character of `text` is in the GSM-7 alphabet (é, ñ, ¿ and ¡ are; á, í, ó, ú are not)."""
    return all(character in _BASIC or character in _EXTENDED for character in text)


def _parts(widths: list[int], alone: int, part: int) -> tuple[int, int]:
    """How many segments, and the room that is left in the last."""
    if (total := sum(widths)) <= alone:
        return 1, alone - total
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return count, part - used
