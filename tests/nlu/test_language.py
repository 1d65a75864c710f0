"""The language of a conversation changes on a strong sign only."""

from __future__ import annotations

import pytest

from nlu import language
from nlu.language import language_of
from nlu.reading import read
from nlu.understanding import Language


def switches(text: str, spoken: Language) -> bool:
    return language_of(read(text), spoken) not in (None, spoken)


@pytest.mark.parametrize(
    "text",
    [
        "ayuda", "necesito un doctor", "nesecito ablar con alguien", "hola", "gracias", "¿qué es esto?", "no entiendo",
        "busco pediatra", "cuánto cuesta", "tengo cita", "mi hija tiene asma", "donde esta mi tarjeta", "quiero ayuda",
        "xq me preguntan eso", "necesito un appointment para mi baby", "estoy ocupada", "español",
    ],
)  # fmt: skip
def test_short_spanish_switches_an_english_conversation(text: str) -> None:
    assert switches(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "no", "si", "doctor", "hospital", "me", "once", "son", "plan", "general", "maria de la cruz", "Juan Los Santos",
        "123 calle del sol", "Los Angeles", "El Paso", "Dr. Rosa Ortiz", "la porte", "San Juan", "ok", "1", "", "🙂",
        "San Luis de la Paz", "clinica de la paz", "Nueva Vista",
        "Dr. Del Rio", "clinica del sol", "rosario", "las flores", "asma", "no sin", "adobe", "taco bell",
    ],
)  # fmt: skip
def test_names_places_and_shared_words_switch_nothing(text: str) -> None:
    assert not switches(text, "en")
    assert not switches(text, "es")


@pytest.mark.parametrize(
    "text",
    ["ok", "text", "yes", "yes please", "thank you", "thanks", "help", "email", "stop", "mail", "hello", "good morning",
     "card", "sorry", "skip", "back", "the doctor", "mande mi card please", "ok thank you very much"],
)  # fmt: skip
def test_a_word_or_two_of_english_leave_a_spanish_conversation_spanish(text: str) -> None:
    assert not switches(text, "es")


@pytest.mark.parametrize(
    "text", ["i want to talk to someone", "what is this", "I need a new card", "hola i need a ride to the doctor"]
)
def test_a_sentence_in_english_switches_a_spanish_conversation(text: str) -> None:
    assert switches(text, "es")


def test_no_word_tells_both_languages() -> None:
    spanish = language._STRONG_SPANISH | language._SPANISH | language._WEAK_SPANISH
    assert not spanish & (language._ENGLISH | language._POLITE_ENGLISH)
