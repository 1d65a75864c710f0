"""The reserved words of every question, in both languages."""

from __future__ import annotations

import pytest

from nlu.commands import command
from nlu.corrections import counted_out, instead
from nlu.reading import read
from nlu.understanding import Command
from tests.nlu import questions as q

SAID: dict[Command, list[str]] = {
    "back": ["BACK", "back", "go back", "Go back please", "previous question", "ATRAS", "atrás", "regresar",
    "volver atrás", "can I go back"],
    "skip": [
        "SKIP", "skip this one", "saltar", "I don't want to say", "i'd rather not say", "prefer not to answer",
        "I prefer not to say",
        "prefiero no decir", "prefiero no contestar", "no quiero contestar", "none of your business", "pass", "omitir",
        "I do not want to answer",
        "not comfortable answering that",
    ],
    "menu": ["MENU", "menú", "main menu", "back to the menu", "menú principal", "what can you do"],
    "repeat": ["REPEAT", "repetir", "repite por favor", "say that again", "can you repeat that", "otra vez",
    "what was the question"],
    "person": [
        "AGENT", "agent please", "person", "human", "representative", "talk to someone", "I want to talk to a person",
        "can I speak with a real person", "let me talk to somebody", "PERSONA", "agente", "quiero hablar con alguien",
        "quiero hablar con una persona", "hablar con un representante", "customer service", "I need a human",
        "put me through to someone, talk to a supervisor",
    ],
    "why": ["WHY", "why?", "why do you ask", "Why do you need to know that?", "POR QUE", "¿por qué?",
    "por qué me preguntan eso", "what for", "para qué"],
    "change": [
        "CHANGE", "cambiar", "change my answer", "I made a mistake", "actually I meant email", "the 3rd one was wrong",
        "me equivoqué",
        "cambiar mi respuesta", "quise decir correo", "oops", "I picked the wrong one",
    ],
    "more": ["MORE", "more", "MÁS", "mas", "show me more", "more doctors", "ver más", "next", "siguiente", "others"],
    "restart": ["RESTART", "start over", "start all over again", "empezar de nuevo", "volver a empezar", "reiniciar",
    "reset"],
    "later": [
        "LATER", "later", "busy now", "I'm busy right now", "not now", "luego", "más tarde", "ahorita no",
        "estoy ocupada", "remind me later",
        "can't talk right now", "estoy manejando", "I'll finish it later",
    ],
    "english": ["ENGLISH", "english please", "INGLÉS", "en inglés", "in English", "switch to english",
    "I only speak English"],
    "spanish": ["ESPAÑOL", "espanol", "Spanish", "en español", "en español por favor", "hablo español",
    "no hablo inglés", "¿habla español?"],
    "wrong_number": ["wrong number", "you have the wrong number", "número equivocado", "I'm not her",
    "this isn't her phone", "no soy ella", "she doesn't live here"],
    "no_callback": ["cancel my call back", "cancel the call please", "don't call me back", "cancele mi llamada",
    "ya no quiero la llamada", "I don't need the call back anymore"],
    "to_text": ["text me that", "text me instead", "can we do this by text", "could you text it to me",
    "I would rather do this by text", "mándemelo por texto", "podemos seguir por texto", "quiero seguir por texto"],
    "no_relay": ["this is not a relay call", "no operator here",
    "no es una llamada de relevo", "I'm not using an operator"],
    "resume": ["continue", "I don't want to do this by text", "no puedo seguir por texto"],
}  # fmt: skip
NO_COMMAND = [
    "back pain", "my back hurts", "change my doctor", "cambiar de doctor", "I want to change my PMP", "help", "no",
    "yes", "1", "asthma",
    "more than half the days", "some days", "not sure", "nothing", "what does that mean?", "text", "a year ago",
    "my doctor is a woman",
    "I need a doctor who speaks Spanish near 46204", "tomo más de ocho", "every day", "otra", "other", "none",
    "I need a lot more",
    "un poco más", "do want to say something", "call my husband", "", "?", "change of life", "start",
    "later in life depression", "Dr. Person",
    "my address changed", "he lives with me", "by email", "texts", "by text", "switch to text",
    "text me the handbook", "text me this evening", "qué puedo hacer por texto", "don't send me a text",
    "text my daughter",
    "call me at noon", "cancel the appointment",
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SAID.items() for text in texts])
def test_a_reserved_word_is_recognised(name: Command, text: str) -> None:
    assert command(read(text), free_words=False) == name


@pytest.mark.parametrize("text", NO_COMMAND)
def test_other_texts_hold_no_command(text: str) -> None:
    assert command(read(text), free_words=False) is None


@pytest.mark.parametrize(
    "text",
    [
        "back pain",
        "I need to talk to someone about my depression",
        "I go back and forth",
        "busy mind, i am busy right now all the time",
    ],
)
def test_where_free_words_are_asked_for_only_a_lone_word_is_a_command(text: str) -> None:
    assert command(read(text), free_words=True) is None
    assert command(read("BACK"), free_words=True) == "back"


def test_only_more_and_its_like_are_both_an_option_and_a_command() -> None:
    labels = {label for question in q.ALL_WITH_OPTIONS for option in question.options for label in option.labels}
    assert {label for label in labels if command(read(label), free_words=False)} == {"More", "Más", "Next"}


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("change", "actually I meant 2", "2"),
        ("change", "me equivoque, quise decir 2", "2"),
        ("change", "correction: text", "text"),
        ("change", "change", "change"),
        ("later", "later, tomorrow", "tomorrow"),
        ("later", "luego, mañana", "manana"),
        ("later", "busy right now, tonight please", "tonight"),
        ("later", "tomorrow", "tomorrow"),
    ],
)
def test_what_a_text_says_beside_its_command(name: Command, text: str, left: str) -> None:
    assert left == instead(text, name)


@pytest.mark.parametrize(
    ("text", "counted"),
    [("the 3rd one was wrong", 3), ("question 12 is wrong", 12), ("la segunda pregunta estaba mal", 2), ("oops", 0)],
)
def test_which_question_is_counted_out(text: str, counted: int) -> None:
    assert counted == counted_out(read(text))
