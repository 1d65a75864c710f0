"""Yes and no in every common wording of both languages; anything that wavers is not an answer."""

from __future__ import annotations

import re

from nlu.answers.small_words import DOUBT, ELSEWHERE, FILLER
from nlu.reading import Reading
from nlu.vocabulary import either, vocabulary

YES = vocabulary(
    """
    yes yeah yea yep yup ya yah yass yess yesss y ye yas yis yez definitely absolutely certainly indeed affirmative
    correct true si sii siii sip sipi simon s claro cierto correcto exacto exactamente efectivamente afirmativo
    verdad thumbsup aye yesm
    """
)
NO = vocabulary(
    """
    no nope nop nah naw na n nay noo nooo noup negative never not dont nel nanai nunca jamas negativo tampoco false
    falso incorrect incorrecto thumbsdown
    """
)
# Consent to a proposal ("is this right?"), too weak for a fact about somebody's health.
AGREEING = vocabulary(
    """
    ok okay okey okie dokey dokie k kk sure right alright fine perfect perfecto dale va vale bueno sale orale okis oki
    """
)

_YES_PHRASES = either(
    """
    of course|for sure|go for it|asi mero|sure do|i agree|looks right|no problem|no worries|you bet|sounds good
    thats right|that is right
    thats correct
    i think so|i believe so|thats me|that is me|sure thing|its me|mhm|i guess so|yes please|uh huh
    mm hmm|no doubt|thats fine|looks good
    por supuesto|claro que si|como no|desde luego|asi es|eso es|no hay problema|sin problema|de acuerdo|esta bien
    esta bueno|soy yo|supongo que si|me parece que si|andale|creo que si|pienso que si|sin duda
    """
)
_NO_PHRASES = either(
    """
    of course not|not really|not yet|not at all|no way|not true|i dont think so|i do not think so|dont have any
    no thank you|no thanks|thats not right|thats wrong|its wrong|no for sure|no im good|no im fine|not right
    (?:thats|that is|its|it is) not me|not me|no really|(?:no )?it isnt|(?:no )?it is not|uh uh|nuh uh|hell no
    (?:is|thats) (?:wrong|incorrect)|not correct|(?:ya )?dije que no|no me interesa
    no estoy de acuerdo|no todavia|mejor no|no soy yo|no senora?|claro que no|por supuesto que no|para nada|todavia no
    aun no|creo que no|pienso que no|no creo|no gracias
    en absoluto|de ninguna manera|no es cierto|no es verdad|no es correcto|esta mal
    """
)
_WAVERING = either(
    r"""
    not (?:right )?now|not today|hoy no|no puedo (?:ahora|ahorita|hablar|hoy)|cant (?:right now|now|talk|today)
    (?:ahora|ahorita|por ahora|todavia) no (?:se|puedo)|no (?:ahora|ahorita|por ahora|por el momento)
    ahora no|ahorita no|por ahora no|por el momento no|no (?:lo )?se|no (?:le )?entiendo|no (?:lo )?comprendo
    no (?:me )?(?:recuerdo|acuerdo)|no tengo idea|quien sabe
    no est(?:oy|amos) segur[oa]s?|no quiero (?:decir|contestar|responder)|nadie|a veces|mas o menos|tal vez|a lo mejor
    puede ser|si y no|no mas|(?:do not|dont|didnt|did not|cant|cannot) (?:know|understand|get|remember|recall|want to)
    dunno|idk|not sure|not certain|no idea|no clue|no one|nobody|who knows|sometimes|kind of|kinda|sort of|sorta
    ^n a$|yes and no|not a good time|let me (?:correct|check|see|think|look)|never ?mind|perhaps|possibly|no more
    """
)
# What repeats the question's verb agrees only where it is all that is said: "I have a question" does not.
_AGREES = re.compile(r"\b(?:i do|i am|i have|i did|i would|i can|i will|it is|we do|we are|he does|she does)\b")
_DENIES = re.compile(
    r"\b(?:i dont|i do not|i am not|im not|i have not|i havent|i did not|i didnt|i would not|i wouldnt)\b"
)
_YES_RUNS = re.compile(rf"\b{_YES_PHRASES}\b")
_NO_RUNS = re.compile(rf"\b{_NO_PHRASES}\b")
_WAVERS = re.compile(rf"\b{_WAVERING}\b")
_TELLING = 6  # words that may follow a clear first word: "no, I stopped in May"


def wavers(plain: str) -> str:
    """The words that say neither yes nor no ("no se", "not sure"), or nothing."""
    match = _WAVERS.search(plain)
    return match[0] if match else ""


def yes_or_no(reading: Reading, *, agreeing: bool) -> bool | None:
    """True, False, or None when the text is neither or both. `agreeing`: "ok" and "sure" count as yes."""
    if not reading.words or reading.question or wavers(reading.plain):
        return None
    plain = _NO_RUNS.sub(" nope ", reading.plain)
    # At a question of fact "I don't smoke" denies; a proposal is not refused by "I don't have my card".
    plain = _echoed(plain, _DENIES, " nope ") if agreeing else _DENIES.sub(" nope ", plain)
    plain = _echoed(plain, _AGREES, " yep ")
    words = _YES_RUNS.sub(" yep ", plain).split()
    positive = YES | AGREEING if agreeing else YES
    negative = NO if agreeing else NO - {"not"}
    said = {word in positive for word in words if word in positive or word in negative}
    rest = [word for word in words if word not in positive and word not in NO and word not in FILLER]
    if len(said) != 1:
        return None
    if not rest:
        return said.pop()
    return (
        said.pop() if _leads(reading, words) and len(words) <= _TELLING + 1 and not DOUBT.intersection(words) else None
    )


def _echoed(plain: str, echo: re.Pattern[str], said: str) -> str:
    """The text with `said` for the echo, where nothing else is told."""
    told = echo.sub(said, plain)
    return (
        told if all(word in YES or word in NO or word in AGREEING or word in FILLER for word in told.split()) else plain
    )


def _leads(reading: Reading, words: list[str]) -> bool:
    """The first word is a clear yes or no. A bare "si" before other words is "if", unless it is "sí" or "si,"."""
    first = words[0]
    if first == "si":
        return re.match(r"(?:sí|si\s*[,.;!])", reading.text.casefold()) is not None
    clear = re.match(r"\w+\s*[,.;!]", reading.text) is not None
    if first == "no" and not clear:
        return reading.words[1] in _NO_VERBS and ELSEWHERE.isdisjoint(words)
    if first in _ADVERBS and not clear:
        return False
    return first in YES or (first in NO and (clear or ELSEWHERE.isdisjoint(words)))


# "ya terminé" is "I am done already", "correct my answer" a wish.
_ADVERBS = frozenset({"ya", "correct", "true", "exacto", "verdad"})
# "no tengo...", "no quiero..." deny what was asked; "no entiendo" and "no medicine" do not.
_NO_VERBS = vocabulary(
    """
    i we he she they tengo quiero necesito puedo tiene uso fumo tomo soy estoy he ha hay hemos
    """
)
