"""Which language a text is in, when it leaves no doubt. Only a strong sign changes the language of a conversation.

Names, addresses and words that both languages have ("no", "doctor", "once", "son") are in none of the lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nlu.reading import Reading
from nlu.understanding import Language
from nlu.vocabulary import vocabulary

# One of these alone is Spanish: part of no usual name, and no word of English.
_STRONG_SPANISH = vocabulary(
    """
    hola buenas buenos gracias porfavor ayuda ayudeme ayudenme ayudame ayudar necesito nesecito nececito necesitamos
    necesita quiero kiero quiere queremos quisiera tengo tiene tenemos puedo puede pueden podria entiendo entendi
    entender hablo habla hablar ablar hablan espanol busco buscar encontrar escoger elegir cambiar medico medica cita
    tarjeta pregunta preguntas respuesta cuanto cuanta cuando donde adonde porque digame diganme mande llamame llameme
    llamar estoy estamos enfermo enferma duele embarazada urgencia olvide perdi recibi gustaria prefiero saltar atras
    regresar repita repite despues manana ahorita luego espere ocupado ocupada equivocado equivocada recompensa regalo
    pastillas receta recetas seguro cuesta gratis hijo hija hijos hijas esposo esposa correo mensaje mensajes telefono
    numero idioma persona alguien ninguno ninguna listo lista empezar adios cancelar ambulancia matarme morirme xq pq
    preguntan piden dotor dotora doctora alluda aiuda grasias llamada textos texto servicio ahi mandeme pues adelante
    bueno falta faltan eres manden cancele porfa decir cubren correcto acepto comenzar puse antes perdon significa
    trabajo temas gusta vale dale orale senor interesa cierto hace saludos vemos cuidese usar textearme texteen dejen
    molesten borre disculpe deshacer devuelvame volvamos hizo brincar pase sigue conteste cambielo ponga ke queda
    escribame sigamos seguimos reiniciar olvidelo tarea cuantas cuantos nomas linea marqueme nadie llamado pude cuentas
    cuentame bonito dime tienes pagan anoten apunten baja onda
    """
)
# Two of these are; one may be a slip, a name or a borrowing.
_SPANISH = vocabulary(
    """
    que como cual quien por para pero con sobre entre muy mucho mucha muchos todos todas todo nada algo este esta esto
    eso ese estos estas mi mis tu tus su sus yo ella ellos nosotros usted ustedes es era soy estan hay hago hacer ser
    estar tener ver ir voy vamos sabe saber dias tardes noches favor bien tambien ahora hoy ayer siempre nunca aqui mas
    menos otra otro unas unos se nino nina ninos ninas cerca llamo nombre le les lo nos cuales quienes si mandar recibir
    dice dijo sirve cambio pagar pago parece supuesto acuerdo verdad creo claro tal pronto amable explica funciona darme
    escriban dejenme representante comuniqueme agente vez escuche vuelva vuelvan anterior paso siento comoda comodo
    contestando contestar mejor siguiente primera segunda tercera tercero segundo estaba equivoque dejeme queria poner
    dos obligatorio confuso confunde tarde buen momento recuerdeme recuerde noche dia deme horas regrese volvi volver
    podemos seguir continuar desde principio cero empecemos iniciar comienzo repetir hagamos dejelo asi saqueme salir
    importa muestreme opciones opcion lleveme inicio termine pasos hice llevo acabe evaluacion encuesta fue fui ya dolor
    pecho respirar sangre bebe cambie renovar vence cobertura viaje transporte medicamento medicamentos medicina
    farmacia cirugia operacion operar enfermera queja premio ganar dinero sitio cuenta contrasena aplicacion folleto
    beneficios lentes dientes horario abren cierran direccion privacidad informacion datos compartir revisar chequeo
    vacunas examen anos edad semana meses mes ninguno quieren deben debo dar dan dieron mandan mandaron llego llega
    llegado sido estado vieja viejo llamada textos texto servicio ahi mandeme pues adelante bueno falta faltan eres
    manden cancele porfa decir cubren correcto acepto comenzar puse antes perdon significa trabajo temas gusta vale dale
    orale senor interesa cierto hace saludos vemos cuidese usar textearme texteen dejen molesten borre disculpe deshacer
    devuelvame volvamos hizo brincar pase sigue conteste cambielo ponga ke queda escribame sigamos seguimos reiniciar
    olvidelo tarea cuantas cuantos nomas linea marqueme nadie llamado pude cuentas cuentame bonito dime tienes pagan
    anoten apunten baja onda
    """
)
# These stand in names and addresses too: they only add to others.
_WEAK_SPANISH = vocabulary("de del la las los el al un una y en te")
_ENGLISH = vocabulary(
    """
    the and you your what when where who why how which this that these those with without about because but have has had
    do does did dont doesnt didnt is are was were am im ive my mine we us our they them their he she his her it its want
    wants need needs can cant could would should will wont get got going go know think not of to for from in on at by or
    if so just more most some any all one card question answer child kid daughter husband wife near i there been being
    be here now speak talk made mistake write hold hear options again never heard time close gift see put through
    somebody renew kids having website okay lets ahead covered give call send things until later people something
    anything nothing every day week old new right wrong phone mom dad already still only other another next last too
    also really tell told said says start take took someone find choose lost change pay many doctors whats thats up out
    account health messages insurance an off today finish like ask explain isnt youre make use forget book set say check
    myself after keep instead better show free bill everything
    """
)
# What people say in English within any language: signs of it only where English is spoken already.
_POLITE_ENGLISH = vocabulary("hello good morning afternoon evening yes yeah thanks thank please help sorry bye")
_STRONG, _PLAIN, _WEAK = 4, 2, 1
_ENOUGH = 4


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language a text leaves no doubt of, if any, and the words that tell."""

    language: Language | None
    telling: Mapping[Language, tuple[str, ...]]


def language_of(reading: Reading, spoken: Language = "en") -> Language | None:
    """The language of the text only on a strong sign; None keeps the one that is spoken."""
    return tongue(reading, spoken).language


def tongue(reading: Reading, spoken: Language) -> Tongue:
    """As `language_of`, with the words that it was told by."""
    english = {word: _PLAIN for word in reading.words if word in _ENGLISH}
    if spoken == "en":
        english |= {word: _PLAIN for word in reading.words if word in _POLITE_ENGLISH}
    spanish = {word: weight for word in reading.words if (weight := _spanish(word))}
    marks = _PLAIN * any(mark in reading.text for mark in "¿¡")
    telling: dict[Language, tuple[str, ...]] = {"en": tuple(english), "es": tuple(spanish)}
    return Tongue(_clear(sum(english.values()), sum(spanish.values()) + marks), telling)


def _spanish(word: str) -> int:
    if word in _STRONG_SPANISH:
        return _STRONG
    return _PLAIN if word in _SPANISH else _WEAK if word in _WEAK_SPANISH else 0


def _clear(english: int, spanish: int) -> Language | None:
    """The language with enough signs, and at least twice those of the other: some mix both in one text."""
    if spanish >= _ENOUGH and spanish >= 2 * english:
        return "es"
    return "en" if english >= _ENOUGH and english >= 2 * spanish else None
