"""What a member asks for in a doctor: a name, a place, a language, a gender, a kind of practice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nlu.answers.small_words import FILLER
from nlu.answers.yes_no import yes_or_no
from nlu.answers.zip_code import codes_in
from nlu.reading import Reading, read
from nlu.understanding import Answer, Expecting, Language, NotAnAnswer, Value
from nlu.vocabulary import either, vocabulary

ProviderKind = Literal["family", "pediatrics", "internal", "obgyn", "nurse_practitioner", "clinic"]


@dataclass(frozen=True, slots=True)
class ProviderSearch:
    """What was asked for; what was not stays empty."""

    name: str = ""  # folded, without "Dr."
    zip: str = ""  # five digits
    near_me: bool = False
    languages: tuple[str, ...] = ()  # ISO 639-1
    gender: Literal["F", "M", ""] = ""
    kinds: tuple[ProviderKind, ...] = ()

    @property
    def asks_nothing(self) -> bool:
        """True when no word of the text was a wish."""
        return self == ProviderSearch()


_KINDS: Mapping[ProviderKind, str] = {
    "nurse_practitioner": """
        nurse practitioners?|nurse|np|fnp|enfermer[ao](?: profesional| practicante| especializad[ao])?
        """,
    "pediatrics": """
        pediatrics?|pediatricians?|peds|paediatrician|pedatrician|pediatric[ao]|pediatria|pediatra
        (?:kids?|child|childrens|babys?|infant) (?:doctor|dr)|for (?:my )?(?:kids?|child|children|baby|son|daughter)
        (?:doctora?|medic[oa]) (?:de|para) (?:mis? )?(?:nin[oa]s?|hij[oa]s?|bebes?)
        para (?:mis? )?(?:nin[oa]s?|hij[oa]s?|bebe)
        """,
    "obgyn": """
        obgyn|ob ?gyn|obstetrician|obstetrics|gynecologist|gynecology|gyno|womens (?:doctor|health)|midwife
        ginecolog[oa]|ginecologia|obstetra|obstetricia|salud de la mujer|partera
        """,
    "internal": """
        internal(?: medicine| med)?|internist|adult(?: medicine| doctor)|(?:medic[oa] )?internista|medicina interna
        """,
    "family": """
        family(?: medicine| practice| practitioner| doctor| dr| med)?|general practice|general practitioner|gp
        (?:medicina |doctora? |medic[oa] )?(?:familiar|de (?:la )?familia|familia|general)
        """,
    "clinic": """
        clinics?|health center|community health|fqhc|clinicas?|centro de salud|consultorio
        """,
}
_LANGUAGES: Mapping[str, str] = {
    "es": r"spanish|espanol|hispanic|latin[oa]|hispan[oa]",
    "en": r"english|ingles",
    "pt": r"portuguese|portugues",
    "zh": r"chinese|mandarin|cantonese|chino|mandarin",
    "vi": r"vietnamese|vietnamita",
    "ht": r"haitian(?: creole)?|creole|kreyol|criollo",
    "ar": r"arabic|arabe",
    "fr": r"french|frances",
    "my": r"burmese|birmano",
    "hi": r"hindi",
    "pa": r"punjabi",
    "ru": r"russian|ruso",
    "ko": r"korean|coreano",
    "tl": r"tagalog|filipino",
    "so": r"somali",
    "sw": r"swahili",
    "de": r"german|aleman",
}
_FEMALE = r"female|woman|women|lady|ladies|mujer|mujeres|femenina|doctora|dra|she"
_MALE = r"male|man|guy|hombre|masculino|varon"
_NEAR = """
    near(?:by)?(?: to)?(?: me| my (?:home|house|place)| here| us| home)?|close(?: to (?:me|home|my house)| by)
    closest|nearest|around (?:here|me)|in my (?:area|town|neighborhood)|local
    mas cercan[oa]|aqui cerca|por aqui|en mi (?:area|zona|barrio)
    cerca(?:no|na|nos|nas)?(?: de (?:mi casa|mi|aqui|casa|nosotros|donde vivo))?
    """
_AROUND_NAME = vocabulary(
    """
    dr dra drs doctor doctora doctors doctores doc docs md do physician physicians medico medica medicos provider
    providers pmp pcp primary care someone anyone anybody somebody alguien alguno person find search look looking
    show see help any which speaks speak speaking spoken talks talk fluent bilingual language hable hablen habla
    hablan hablar que idioma bilingue who whos whose knows can could able be my me in zip code zipcode area called
    named name last first llamado llamada llamarse llama apellido nombre accepting accepts accept new patients
    patient pacientes nuevos taking takes good best nice bueno buena buen mejor busco buscar busca necesito need
    want quiero otro otra another different office practice over cual sea cualquiera whoever whichever ver tengo
    have your list lista if possible posible
    """
)
_LETTERS = 2


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b{either(pattern)}\b")


_KIND_WORDS = {kind: _whole_words(pattern) for kind, pattern in _KINDS.items()}
_LANGUAGE_WORDS = {code: _whole_words(pattern) for code, pattern in _LANGUAGES.items()}
_ANY_KIND = _whole_words("|".join(_KINDS.values()))
_ANY_LANGUAGE = _whole_words("|".join(_LANGUAGES.values()))
_FEMALE_WORDS, _MALE_WORDS, _NEAR_WORDS = _whole_words(_FEMALE), _whole_words(_MALE), _whole_words(_NEAR)
_TITLE = _whole_words("dr|dra|doctor|doctora")


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The text itself, when it asks for any doctor at all. "Who is near me?" is a search though it is a question."""
    search = parse_provider_search(reading.text)
    if search.asks_nothing or yes_or_no(reading, agreeing=True) is not None:
        return NotAnAnswer()
    if reading.question and search == ProviderSearch(name=search.name) and not _TITLE.search(reading.plain):
        return NotAnAnswer()
    return Value(reading.text)


def parse_provider_search(text: str, language: Language = "en") -> ProviderSearch:
    """Read both languages at once; `language` is where the text came from and changes nothing yet."""
    reading = read(text)
    plain = reading.plain
    name = _name(plain)
    zips = codes_in(reading.text)
    kinds = tuple(kind for kind in _KIND_WORDS if _KIND_WORDS[kind].search(_without_health_names(plain)))
    return ProviderSearch(
        name=name,
        zip=zips[0] if zips else "",
        near_me=_NEAR_WORDS.search(plain) is not None and not zips,
        languages=tuple(code for code, pattern in _LANGUAGE_WORDS.items() if pattern.search(plain)),
        gender=_gender(plain, named=name != ""),
        kinds=kinds,
    )


def _without_health_names(plain: str) -> str:
    """ "family nurse practitioner" is a nurse practitioner, not family medicine; "women's health" is no woman."""
    return re.sub(r"\b(?:family|adult|pediatric) (?=nurse)", "", plain)


def _gender(plain: str, *, named: bool) -> Literal["F", "M", ""]:
    plain = re.sub(r"\b(?:womens health|womens doctor|salud de la mujer)\b", " ", plain)
    if named:  # "Dra. Cruz": her title goes with her name
        plain = _TITLE.sub(" ", plain)
    female, male = _FEMALE_WORDS.search(plain), _MALE_WORDS.search(plain)
    if (female is None) == (male is None):
        return ""
    return "F" if female else "M"


def _name(plain: str) -> str:
    """What is left when every other wish and every padding word is gone."""
    rest = plain
    for pattern in (_ANY_KIND, _NEAR_WORDS, _ANY_LANGUAGE, _FEMALE_WORDS, _MALE_WORDS):
        rest = pattern.sub(" ", rest)
    words = [word for word in rest.split() if word not in _AROUND_NAME and word not in _PADDING and word.isalpha()]
    return " ".join(words) if sum(map(len, words)) >= _LETTERS else ""


# Surnames that are small words elsewhere stay names.
_PADDING = FILLER - {"will", "may", "de", "la", "del", "los", "las"}
