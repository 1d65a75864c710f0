"""What a caller hears: short sentences, keys, and words to say that are understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from bot.check import check_content
from bot.check.spoken import heard_variations, spoken_sentences, spoken_words
from bot.content.draft import Draft
from bot.content.load import draft_content
from bot.content.references import variables
from bot.flow import Variation
from nlu.understand import understand
from nlu.understanding import Language

FLOWS = Path(__file__).parents[2] / "flows"
RULES = {"spoken-length", "spoken-command", "relay-keys", "reading-grade", "missing-translation", "missing-sample"}


@pytest.fixture(scope="module")
def draft() -> Draft:
    found, problems = draft_content(FLOWS)
    assert found is not None, problems
    return found


def heard(draft: Draft) -> Iterator[tuple[str, str, str]]:
    """Each text that a caller may hear, less what is prescribed word by word: its response, its language, itself."""
    for name, variation in heard_variations(draft):
        if "grade_exempt" not in variation.metadata:
            yield from ((name, language, text) for language, text in variation.text.items())


def without_relay(variations: Iterable[Variation]) -> list[Variation]:
    """The wordings that are not for relay calls alone."""
    return [one for one in variations if "slots.relay" not in one.condition]


def test_a_wording_for_relay_calls_stands_before_the_one_it_stands_for(draft: Draft) -> None:
    for name, variations in draft.content.responses.items():
        for relayed, following in zip(variations, [*variations[1:], None], strict=True):
            if "slots.relay" in relayed.condition:
                rest = relayed.condition.removeprefix("slots.relay").removeprefix(" and ")
                assert following is not None, name
                assert rest.strip("()") == following.condition, name
                assert () == relayed.buttons, name


def test_what_is_heard_is_short_and_plain() -> None:
    assert [] == [problem for problem in check_content(FLOWS) if problem.rule in RULES]


def test_nothing_that_can_only_be_read_is_heard(draft: Draft) -> None:
    only_read = re.compile(r"[()]|\bTel\.|\bej\.|\bMsg\b|\d/\d|\{plan_website}|https?:|@|\bclick\b|\bbelow\b")
    assert [] == [found for found in heard(draft) if only_read.search(found[2])]


def test_the_keys_are_the_ones_that_calls_have(draft: Draft) -> None:
    pressed = re.compile(r"\b(?:[Pp]ress|[Mm]arque)\s+(\d+)")
    keys = {key for _, _, text in heard(draft) for key in pressed.findall(text)}
    assert {"0", "1", "9"} == keys


TOLD = {"en": r"\b[Ss]ay (near me|\w+)", "es": r"\b(?:[Dd]iga|[Pp]uede decir) (por qué|más opciones|\w+)"}
COMMANDS = {
    "en": {"skip", "menu", "change", "why", "continue", "spanish", "more", "agent", "back", "later", "repeat", "spell"},
    "es": {
        "saltar",
        "menú",
        "cambiar",
        "por qué",
        "continuar",
        "inglés",
        "más opciones",
        "agente",
        "volver",
        "luego",
        "repetir",
        "deletrear",
    },
}
NO_COMMANDS = {  # an answer, or how to give one
    "en": {"a", "each", "how", "it", "one", "no", "none", "that", "the", "they", "yes"},
    "es": {"adelante", "algo", "cada", "cómo", "el", "la", "las", "más", "nada", "no", "que", "su", "sí", "un", "una"},
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_word_that_a_caller_is_told_to_say_is_a_command(draft: Draft, language: Language) -> None:
    told = re.compile(f"{TOLD['en']}|{TOLD['es']}")
    found = (match for _, lang, text in heard(draft) if lang == language for match in told.finditer(text))
    words = {(match[1] or match[2]).lower() for match in found}
    assert COMMANDS[language] == words - NO_COMMANDS[language]
    for word in COMMANDS[language]:
        assert understand(word, None, language).command is not None, word


def test_a_wording_for_calls_stands_right_before_the_general_one_of_its_condition(draft: Draft) -> None:
    for name, variations in draft.content.responses.items():
        voiced = without_relay(variations)
        for spoken, general in zip(voiced, [*voiced[1:], None], strict=True):
            if spoken.channel == "twilio_voice":
                assert general is not None and general.channel == "", name
                assert spoken.condition == general.condition, name
                assert () == spoken.buttons, f"{name}: the options are those of the general wording"


def test_a_wording_for_calls_needs_no_slot_that_the_text_beside_it_does_not_need(draft: Draft) -> None:
    always = {"plan_name", "plan_phone", "plan_hours", "member_id_hint", "reward_name"}
    for name, variations in draft.content.responses.items():
        for spoken, general in pairwise(without_relay(variations)):
            if spoken.channel == "twilio_voice":
                assert variables(spoken) <= variables(general) | always, name


def test_sentences_are_counted_as_they_are_said() -> None:
    assert ["Call Dr. Lee at 8 a.m. today", "Go", "On"] == spoken_sentences("Call Dr. Lee at 8 a.m. today. Go!\nOn")
    assert (5, 0) == (spoken_words("¿Su número es 1-844-607-2829, sí?"), spoken_words("... ?"))
