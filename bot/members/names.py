"""Whether a typed name is a person's name on file: forgiving about writing, strict about both names being there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rapidfuzz.distance import OSA

# Words that are no name of their own.
_PARTICLES = {
    "de",
    "del",
    "la",
    "las",
    "los",
    "da",
    "do",
    "dos",
    "das",
    "van",
    "von",
    "der",
    "den",
    "el",
    "al",
    "y",
    "e",
}
_TITLES = {"jr", "sr", "ii", "iii", "iv", "mr", "mrs", "ms", "sra", "don", "dona"}
_SMALL = frozenset(_PARTICLES | _TITLES)
# Below this many letters one changed letter makes another name (Ana Li, Ann Li).
_LONG_ENOUGH_FOR_A_TYPO = 7


def plain(text: str) -> str:
    """Lower case, no accents, punctuation or doubled spaces: how names are compared and indexed."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w\s-]|_", "", letters).replace("-", " ").split())


def name_distance(typed: str, first: str, last: str) -> int | None:
    """0 if `typed` names this person, 1 if but for one typo, None if it does not.

    Case, accents, order and middle initials do not matter. Both names must be there in full; of several first names or
    of two family names the first will do, as people introduce themselves (Maria Garcia for María José García López).
    """
    forms = set(_forms(first, last))
    distances = [_distance(words, forms) for words in _readings(typed)]
    return min((distance for distance in distances if distance is not None), default=None)


def _distance(words: list[str], forms: set[str]) -> int | None:
    whole = "".join(words)
    if len(words) < 2 or not forms:
        return None
    best = min(OSA.distance(whole, form, score_cutoff=1) for form in forms)
    return best if best <= (1 if len(whole) >= _LONG_ENOUGH_FOR_A_TYPO else 0) else None


def _readings(name: str) -> tuple[list[str], list[str]]:
    """All its words but initials; and the same without small words, unless they are all there is (Van Nguyen)."""
    words = [word for word in plain(name).split() if len(word) > 1]
    return words, [word for word in words if word not in _SMALL] or words


def _forms(first: str, last: str) -> Iterator[str]:
    (all_firsts, firsts), (all_lasts, lasts) = _readings(first), _readings(last)
    if not firsts or not lasts:
        return
    for one in ("".join(all_firsts), "".join(firsts), firsts[0]):
        for other in ("".join(all_lasts), "".join(lasts), lasts[0]):
            yield one + other
            yield other + one
