"""Repairs of single values, as they are found in real directories: ZIP codes, phones, NPIs, languages, capitals."""

from __future__ import annotations

import re

_ZIP = re.compile(r"([0-9]{3,5})(?:[- ]?([0-9]{4}))?")
_ZIP_AT_END = re.compile(r"\b([0-9]{5})(?:-?[0-9]{4})?\s*$")
_PHONE = re.compile(r"\+?1?[2-9][0-9]{9}")
_EXTENSION = re.compile(r"(.*?)\s*(?:x|ext\.?|extension|#)\s*([0-9]{1,7})\s*$", re.IGNORECASE)

_LANGUAGES = {
    "english": "en", "eng": "en",
    "spanish": "es", "espanol": "es", "español": "es", "spa": "es",
    "chinese": "zh", "mandarin": "zh", "cantonese": "zh", "chi": "zh", "zho": "zh", "cmn": "zh", "yue": "zh",
    "burmese": "my", "bur": "my", "mya": "my",
    "french": "fr", "fre": "fr", "fra": "fr",
    "arabic": "ar", "ara": "ar",
    "vietnamese": "vi", "vie": "vi",
    "portuguese": "pt", "por": "pt",
    "haitian": "ht", "haitian creole": "ht", "hat": "ht",
    "russian": "ru", "rus": "ru", "hindi": "hi", "hin": "hi", "korean": "ko", "kor": "ko",
    "tagalog": "tl", "tgl": "tl", "german": "de", "ger": "de", "deu": "de", "somali": "so", "som": "so",
    "punjabi": "pa", "pan": "pa", "swahili": "sw", "swa": "sw", "polish": "pl", "pol": "pl",
}  # fmt: skip


def zip_code(written: str, address_text: str = "") -> tuple[str, str]:
    """Five digits, and the repair made: "" for none, "zip_nine_digits", "zip_lost_zero", "zip_from_text".

    ("", "zip_unreadable") where there is no ZIP code to be had. A ZIP+4 as it should be is no repair."""
    found = _ZIP.fullmatch(written)
    if found is None:
        at_end = _ZIP_AT_END.search(address_text)
        return (at_end[1], "zip_from_text") if at_end else ("", "zip_unreadable")
    if "-" in written or " " in written:
        return found[1].zfill(5), "zip_lost_zero" if len(found[1]) < 5 else ""
    if len(written) == 5:
        return written, ""
    if len(written) == 9:
        return written[:5], "zip_nine_digits"
    return written.zfill(5 if len(written) < 5 else 9)[:5], "zip_lost_zero"


def phone_number(written: str) -> str:
    """A North American number as "317-555-0100" or "317-555-0100 x12"; empty when it is none."""
    split = _EXTENSION.fullmatch(written)
    body, extension = (split[1], split[2]) if split else (written, "")
    digits = re.sub(r"[^0-9+]", "", body)
    if not _PHONE.fullmatch(digits):
        return ""
    ten = digits[-10:]
    return f"{ten[:3]}-{ten[3:6]}-{ten[6:]}" + (f" x{extension}" if extension else "")


def is_npi(value: str) -> bool:
    """Whether it has the shape of a National Provider Identifier."""
    return re.fullmatch(r"[12][0-9]{9}", value) is not None


def npi_checks(npi: str) -> bool:
    """Whether an NPI's last digit is right (Luhn over 80840 and the NPI, 45 CFR 162.406)."""
    doubled = [int(d) * 2 if i % 2 else int(d) for i, d in enumerate(reversed("80840" + npi))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def language_code(written: str) -> str:
    """The two-letter code of a language written as a tag ("es-MX"), a three-letter code or an English name; else ""."""
    name = written.casefold().strip()
    tag = re.split(r"[-_]", name)[0]
    known = _LANGUAGES.get(name) or _LANGUAGES.get(tag)
    return known or (tag if re.fullmatch(r"[a-z]{2}", tag) else "")


_STAYS_CAPITAL = frozenset(
    ["NE", "NW", "SE", "SW", "N", "S", "E", "W", "II", "III", "IV", "PO", "LLC", "LLP", "PC", "PA", "MD", "DO", "USA"]
)
_STAYS_SMALL = frozenset(["de", "del", "la", "las", "los", "y", "of", "and", "the", "at", "for"])
_CAPITALS_WITHOUT_VOWEL = re.compile(r"[^AEIOUY\W\d]{2,4}")
_ROADS = ("ST", "RD", "DR", "LN", "CT", "BLVD", "PKWY", "HWY", "STE", "FL", "TR", "SQ", "PL")
_SHORT_WORDS = frozenset([*_ROADS, "JR", "SR", "MT", "FT", "MS", "MR", "MRS"])


def without_capitals(name: str) -> str:
    """A name written all in capitals (or all small) as people write it; any other unchanged."""
    if not name.isupper() and not name.islower():
        return name
    words = name.upper().split()
    return " ".join(_cased(word, first=i == 0) for i, word in enumerate(words))


def _cased(word: str, first: bool) -> str:
    bare = word.strip(".,;()")
    if bare in _STAYS_CAPITAL or (_CAPITALS_WITHOUT_VOWEL.fullmatch(bare) and bare not in _SHORT_WORDS):
        return word
    if bare.lower() in _STAYS_SMALL and not first:
        return word.lower()
    if bare[:1].isdigit():
        return word.lower()
    return re.sub(r"(^|[-'/(.])([^\W\d])", lambda m: m[1] + m[2].upper(), _scottish(word.lower()))


def _scottish(word: str) -> str:
    return "Mc" + word[2:3].upper() + word[3:] if word.startswith("mc") and len(word) > 4 else word


_GENERATIONS = {"jr": "Jr.", "sr": "Sr.", "ii": "II", "iii": "III", "iv": "IV"}


def generation(suffix: str) -> str:
    """ "Jr.", "III" for a suffix that belongs to the name; else ""."""
    return _GENERATIONS.get(suffix.casefold().strip(". ,"), "")


def credential(suffix: str) -> str:
    """A degree as it is usually printed: "M.D.1208" is "MD", "P.A.-C" is "PA-C"."""
    return " ".join(re.sub(r"[0-9.]", "", suffix).replace(",", ", ").split()).strip(" ,-")
