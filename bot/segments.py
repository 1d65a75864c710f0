"""How many SMS segments a text takes: GSM-7 where its alphabet suffices (3GPP TS 23.038), UCS-2 otherwise."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # two septets each, never parted between segments

_GSM_ALONE, _GSM_PART = 160, 153  # septets; parts lose seven to the header that joins them
_UCS_ALONE, _UCS_PART = 70, 67  # 16-bit units


def segments(text: str) -> int:
    """The number of segments a carrier bills for `text`; an empty text still takes one."""
    if is_gsm7(text):
        return _parts([2 if character in _EXTENDED else 1 for character in text], _GSM_ALONE, _GSM_PART)
    return _parts([2 if ord(character) > 0xFFFF else 1 for character in text], _UCS_ALONE, _UCS_PART)


def is_gsm7(text: str) -> bool:
    """Whether every character of `text` is in the GSM-7 alphabet (é, ñ, ¿ and ¡ are; á, í, ó, ú are not)."""
    return all(character in _BASIC or character in _EXTENDED for character in text)


def _parts(widths: list[int], alone: int, part: int) -> int:
    if sum(widths) <= alone:
        return 1
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return count
