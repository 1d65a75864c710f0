"""A person's name as they write it."""

from __future__ import annotations

import re

from nlu.answers.yes_no import AGREEING, NO, YES
from nlu.reading import Reading, fold
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import either, vocabulary

_LEADS = either(
    """
    hi|hello|hola|ok|yes|si|sí|well|its|it's|it is|this is|i am|i'm|im|my name is|my name's|the name is|name is|name
    (?:her|his|their) name is|my (?:full|son's|daughter's|child's|kid's|baby's) name is
    me llamo|(?:mi|su) nombre(?: completo)? es|mi (?:hij[oa]|niñ[oa]|bebé) se llama|soy yo|soy|yo soy|el nombre es
    se llama|es|nombre
    """
)
_LEAD = re.compile(rf"^(?:{_LEADS}\b[\s:,]*)+", re.IGNORECASE)
_TAIL = re.compile(r"[\s,.]+(?:thanks|thank you|gracias|please|por favor)[\s.!]*$", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_]+(?:[ .,'-]{1,2}[^\W\d_]+){0,5}\.?")
_NOT_NAMES = (YES | NO | AGREEING) - {"na", "simon", "ya", "va", "y", "s", "n", "k"} | {"idk", "como", "huh", "mande"}
_MOST_CHARACTERS = 80
_SENTENCE = vocabulary(
    """
    i a an me my to in for of on it this that is can could do does did get got he she we they them with at when where
    who which how up out about again back now later today tomorrow text call phone card doctor plan reward help
    spanish english operator agent person message messages email address number question questions account app
    member members primary medical health program service services wrong see show switch prefer use start over
    mi mis tu su me un una unos unas el en con por para que como cuando donde cual cuanto hay es son esta esto este
    estoy tengo tiene tienen puede pueden podemos quisiera quise queria prefiero hablar habla llame llamar llamada
    recompensa evaluacion ingles espanol tarjeta cuenta numero respuesta preguntas pregunta miembros seguro medico
    enfermera correo mensajes textos salud ayuda otra otro vez todo nuevo mejor ya ahora manana tambien ver hacer
    cambiar seguir volver continuar cubren cuando gratis linea busco necesita
        dont know have want need cant what why no not is are was my the and you your please thanks gracias quiero tengo
    mine whose same nobody nadie dije already told tarjeta card file puedo necesito se entiendo
    """
)


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """One to six words of letters, without "my name is" in front."""
    name = _TAIL.sub("", _LEAD.sub("", reading.text)).strip(" .,!\"'")
    if reading.question or not 2 <= len(name) <= _MOST_CHARACTERS or _NAME.fullmatch(name) is None:
        return NotAnAnswer()
    words = fold(name).split()
    if not _NOT_NAMES.isdisjoint(words) or not _SENTENCE.isdisjoint(words):
        return NotAnAnswer()
    return Value(name)
