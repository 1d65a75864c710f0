"""A text as a thumb in a hurry would have written it. Only training uses this; the same text gets the same slips."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from random import Random

from nlu.understanding import Language

SEED = 7
_SLIP = 0.3  # share of the longer words that get one slip of the thumb
_SHORTEN = 0.5  # share of the words with a usual abbreviation that get it
_LONG = 5  # letters: shorter words are seldom mistyped

_SHORT: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "you": "u", "your": "ur", "you're": "ur", "are": "r", "to": "2", "for": "4", "please": "pls", "thanks": "thx",
        "because": "bc", "doctor": "dr", "appointment": "appt", "with": "w", "what": "wat", "before": "b4",
        "tomorrow": "tmrw", "i'm": "im", "don't": "dont", "can't": "cant", "want to": "wanna", "message": "msg",
        "people": "ppl", "about": "abt", "know": "kno", "the": "da", "and": "n", "why": "y", "okay": "k", "see": "c",
        "something": "smth", "medicine": "meds", "insurance": "ins", "number": "num", "phone": "fone", "that": "dat",
    },
    "es": {
        "que": "q", "qué": "q", "porque": "xq", "por": "x", "para": "pa", "también": "tmb", "estoy": "toy",
        "quiero": "kiero", "quién": "kien", "aquí": "aki", "doctor": "dr", "doctora": "dra", "mensaje": "msj",
        "favor": "fa", "gracias": "grax", "necesito": "nesecito", "hacer": "aser", "hola": "ola", "ahora": "aora",
        "hablar": "ablar", "cuándo": "cuando", "mucho": "muxo", "cita": "sita", "médico": "medico", "ustedes": "uds",
        "usted": "ud", "está": "ta", "bien": "bn", "haber": "aber", "número": "num", "información": "info", "con": "cn",
    },
}  # fmt: skip
_SOUNDS_ALIKE: Mapping[Language, tuple[tuple[str, str], ...]] = {
    "en": (("ee", "e"), ("ie", "ei"), ("ck", "k"), ("ph", "f"), ("tion", "shun"), ("ough", "uf"), ("ea", "ee")),
    "es": (("h", ""), ("v", "b"), ("b", "v"), ("c", "s"), ("z", "s"), ("s", "z"), ("ll", "y"), ("y", "ll"), ("g", "j")),
}
_NEIGHBOURS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        "sq vn xv sf wr dg fh gj uo hk jl k nk bm ip ol wa et ad ry yi cb qe zc tu xs".split(),  # noqa: SIM905
        strict=True,
    )
)


def noisy(text: str, language: Language) -> str:
    """The text in lower case without accents, with usual abbreviations and slips of the thumb; never empty if it was
    not."""
    chance = Random(f"{SEED} {text}")
    words = [_abbreviated(word, language, chance) for word in text.lower().split()]
    return _plain(" ".join(_mistyped(word, language, chance) for word in words))


def _abbreviated(word: str, language: Language, chance: Random) -> str:
    core = word.strip(".,!?¿¡")
    short = _SHORT[language].get(core)
    return word.replace(core, short) if short is not None and chance.random() < _SHORTEN else word


def _mistyped(word: str, language: Language, chance: Random) -> str:
    if len(word) < _LONG or chance.random() >= _SLIP:
        return word
    return chance.choice(_SLIPS)(word, language, chance)


def _doubled(word: str, _: Language, chance: Random) -> str:
    place = chance.randrange(len(word))
    return word[:place] + word[place] + word[place:]


def _dropped(word: str, _: Language, chance: Random) -> str:
    place = chance.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def _swapped(word: str, _: Language, chance: Random) -> str:
    place = chance.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _missed(word: str, _: Language, chance: Random) -> str:
    """A key beside the right one."""
    place = chance.randrange(len(word))
    return word[:place] + chance.choice(_NEIGHBOURS.get(word[place], word[place])) + word[place + 1 :]


def _without_vowels(word: str, _: Language, chance: Random) -> str:
    """One vowel inside the word is left out."""
    vowels = [place for place, letter in enumerate(word[1:-1], 1) if letter in "aeiou"]
    if not vowels:
        return word
    place = chance.choice(vowels)
    return word[:place] + word[place + 1 :]


def _as_heard(word: str, language: Language, chance: Random) -> str:
    heard = [pair for pair in _SOUNDS_ALIKE[language] if pair[0] in word[1:]]
    if not heard:
        return word
    right, wrong = chance.choice(heard)
    return word[0] + word[1:].replace(right, wrong, 1)


_SLIPS: tuple[Callable[[str, Language, Random], str], ...] = (
    _doubled,
    _dropped,
    _swapped,
    _missed,
    _without_vowels,
    _as_heard,
)


def _plain(text: str) -> str:
    """Without accents; ñ too is typed as n."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
