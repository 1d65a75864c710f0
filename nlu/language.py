"""Which language a text is in, when it leaves no doubt."""

from __future__ import annotations

from nlu.reading import Reading
from nlu.understanding import Language
from nlu.vocabulary import vocabulary

# Common words that are a word of only one of the two languages and part of no usual name.
_SPANISH = vocabulary(
    """
    que como cual cuando donde quien por para pero porque con sin sobre entre muy mucho mucha muchos todos todas
    todo nada algo alguien este esta esto esa eso ese estos estas mi mis tu tus su sus yo ella ellos nosotros usted
    ustedes es son era soy estoy estan tengo tiene tienen tenemos hay quiero quiere quisiera puedo puede necesito
    necesita hablo habla hablar hacer hago ser estar tener ver ir voy vamos sabe saber gracias hola buenos buenas
    dias tardes noches favor ayuda si bien tambien ahora hoy manana ayer siempre nunca aqui alli mas menos otra otro
    una unos unas los las del al lo le les me se te doctora medico cita tarjeta numero pregunta respuesta nino nina
    hijo hija esposo esposa cerca digame llamo nombre cuanto cuesta entiendo escoger elegir buscar busco empezar
    cambiar un
    """
)
_ENGLISH = vocabulary(
    """
    the and you your what when where who why how which this that these those with without about because but have has
    had do does did dont doesnt didnt is are was were am im ive my mine me we us our they them their he she his her
    it its want wants need needs can cant could would should will wont get got go going know think please thanks
    thank hello good morning afternoon evening yes yeah not of to for from in on at by or if so just more most some
    any all one help card question answer child kid daughter son husband wife near
    """
) - {"me"}
_GREETINGS = vocabulary("hola buenas buenos gracias")
_ENOUGH = 2


def language_of(reading: Reading) -> Language | None:
    """The language only on a strong signal: two telling words of one and none of the other, or a Spanish greeting."""
    spanish = sum(word in _SPANISH for word in reading.words)
    english = sum(word in _ENGLISH for word in reading.words)
    if any(mark in reading.text for mark in "¿¡"):
        spanish += 1
    if english == 0 and (spanish >= _ENOUGH or (reading.words and reading.words[0] in _GREETINGS)):
        return "es"
    return "en" if spanish == 0 and english >= _ENOUGH else None
