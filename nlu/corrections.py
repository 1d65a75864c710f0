"""What a text that changes an answer says beside that: the answer instead, and which question is counted out."""

from __future__ import annotations

from nlu.answers.number_words import ordinal
from nlu.commands import without_phrase
from nlu.phrases import Words
from nlu.reading import Reading, read
from nlu.understanding import Command

_COUNTED = frozenset({"one", "question", "answer", "number", "pregunta", "respuesta", "numero"})
_LAST = 60  # questions; no form is longer


def instead(text: str, command: Command) -> str:
    """The text without the words that made it this command: "actually I meant 2" -> "2"; often nothing is left."""
    return without_phrase(read(text), command)


def counted_out(reading: Reading) -> int:
    """Which question, from 1: "the 3rd one was wrong", "question 3", "la tercera pregunta"; 0 where none is."""
    words = reading.words
    for place, word in enumerate(words):
        if word in _COUNTED:
            number = _number(words[place - 1 : place]) or _number(words[place + 1 : place + 2])
            if number:
                return number
    return next((number for word in words if not word.isdigit() and (number := _ordinal(word))), 0)


def _number(words: Words) -> int:
    if words and words[0].isdigit():
        return int(words[0]) if 0 < int(words[0][:3]) <= _LAST else 0
    return _ordinal(words[0]) if words else 0


def _ordinal(word: str) -> int:
    found = ordinal((word,))
    return found if found and found <= _LAST else 0
