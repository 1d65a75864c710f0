"""STOP in any wording opts out; words that only contain one do not."""

from __future__ import annotations

import pytest

from nlu.opt_words import is_per_se, opt_word
from nlu.phrases import DATA
from nlu.reading import read
from nlu.train_hashed import OPT_OUT, read_batches
from tests.nlu import questions as q

OUT = [
    "STOP", "stop", "Stop.", "STOP!!!", "ｓｔｏｐ", "“Stop”", "stopall", "STOP ALL", "unsubscribe", "cancel", "end",
    "quit", "revoke", "optout",
    "opt out", "opt-out", "please stop", "stop please", "ok stop", "stop stop stop", "stop texting me",
    "please stop texting me",
    "stop sending me messages", "stop sending me these texts", "no more texts", "No more messages please",
    "don't text me", "do not text me",
    "dont text me anymore", "do not contact me again", "I don't want any more texts", "i do not want these messages",
    "take me off your list",
    "remove me from this list", "unsubscribe me", "I want to unsubscribe", "i want to opt out", "opt me out",
    "leave me alone",
    "I revoke my consent", "stop the messages", "quit texting me", "stop messaging this number",
    "i no longer wish to receive texts",
    "never text me again", "stop it", "lose my number",
    "how do I stop these texts", "¿cómo cancelo los mensajes?",  # who asks how to stop wants them to stop
    "ALTO", "alto por favor", "PARAR", "pare", "paren", "BASTA", "basta ya", "ya basta", "CANCELAR", "cancela",
    "terminar", "darme de baja",
    "denme de baja", "no más", "dejen de mandarme mensajes", "deje de escribirme", "ya no me escriban",
    "no me manden más mensajes",
    "no quiero recibir más mensajes", "ya no quiero mensajes", "quítenme de la lista", "borren mi número",
    "no más mensajes", "basta de mensajes",
    "cancelar los mensajes", "paren los mensajes", "déjenme en paz", "no me envíen textos", "quiero darme de baja",
]  # fmt: skip
IN = [
    "START",
    "start",
    "unstop",
    "Start please",
    "COMENZAR",
    "iniciar",
    "opt in",
    "opt me back in",
    "subscribe",
    "start texting me again",
]
HELP = [
    "HELP", "help", "help!", "help please", "INFO", "ayuda", "AYUDA por favor", "necesito ayuda", "i need help",
    "help me", "ayúdame",

]  # fmt: skip
NEITHER = [
    "stop smoking", "I can't stop worrying", "when does it end", "help me choose a doctor",
    "no puedo parar de preocuparme",
    "stop taking my pills", "I need help with my ID card", "Not being able to stop or control worrying",
    "parar o controlar su preocupación",
    "end of the month", "the end", "cancel my appointment", "cancel my surgery", "I quit smoking", "quit my job",
    "I want to quit smoking",
    "stop by the clinic", "bus stop", "start over", "start the screening", "let's start", "text me", "do text me",
    "yes text me",
    "do send me texts", "I want texts", "text", "texts please", "do you stop texting at night", "dejé de fumar",
    "para mi hija",
    "presión alta", "alta", "mi hijo es alto", "cancelé mi cita", "end stage kidney disease", "no", "no more pain",
    "no tengo más",
    "remove me as her doctor", "take me off my medicine", "yes", "si", "can you help me find a doctor",
    "ayuda con mi tarjeta",
    "quiero mensajes de texto", "mensajes", "stopped", "info about my card", "my cancer came back",
    "I don't want mail", "do not resuscitate",
    "no quiero correo", "cancer", "revoke my license", "unstoppable",
]  # fmt: skip


@pytest.mark.parametrize("text", OUT)
def test_a_wish_for_silence_opts_out(text: str) -> None:
    assert opt_word(read(text)) == "out"


@pytest.mark.parametrize("text", IN)
def test_start_opts_in(text: str) -> None:
    assert opt_word(read(text)) == "in"


@pytest.mark.parametrize("text", HELP)
def test_a_lone_cry_for_help_is_help(text: str) -> None:
    assert opt_word(read(text)) == "help"


@pytest.mark.parametrize("text", NEITHER)
def test_a_sentence_that_only_contains_such_a_word_changes_nothing(text: str) -> None:
    assert opt_word(read(text)) is None


@pytest.mark.parametrize(
    "text", ["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "Stop please", "STOPALL", "optout"]
)
def test_the_words_of_the_law_are_per_se(text: str) -> None:
    assert is_per_se(read(text))


def test_no_option_of_any_question_opts_out() -> None:
    labels = [label for question in q.ALL_WITH_OPTIONS for option in question.options for label in option.labels]
    assert [label for label in labels if opt_word(read(label)) is not None] == []


MENDED_BY = [each for each in read_batches(OPT_OUT, DATA) if each.batch in ("first", "second", "third", "fourth")]
WISHES = [each.text for each in MENDED_BY if each.kind is not None]
LIKENESSES = [each.text for each in MENDED_BY if each.kind is None]


def test_a_wish_for_silence_in_any_wording_opts_out() -> None:
    assert len(WISHES) >= 200
    assert [text for text in WISHES if opt_word(read(text)) != "out"] == []


def test_a_text_that_only_sounds_like_it_opts_nobody_out() -> None:
    assert len(LIKENESSES) >= 200
    assert [text for text in LIKENESSES if opt_word(read(text)) == "out"] == []


@pytest.mark.parametrize("text", ["STOP.", "quit!", " End ", "Cancel", "UNSUBSCRIBE", "revoke", "opt-out", "stopall"])
def test_a_word_of_the_law_alone_always_revokes(text: str) -> None:
    assert is_per_se(read(text)) and opt_word(read(text)) == "out"
