"""Several of the options shown: "1 4", "1,4", "asthma and diabetes", "none"."""

from __future__ import annotations

import re

from nlu.answers.choice import key_words, neutral
from nlu.answers.number_words import cardinal
from nlu.answers.option_words import Mentions, OptionIndex, index, scan
from nlu.answers.small_words import DOUBT, ELSEWHERE, FILLER, NEGATION
from nlu.answers.yes_no import NO, wavers
from nlu.reading import Reading
from nlu.understanding import Ambiguous, Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import vocabulary

_ALL = frozenset(
    {
        "all",
        "all of them",
        "all of these",
        "all of the above",
        "them all",
        "todo",
        "todos",
        "todas",
        "every one of them",
        "everything",
        "all those",
        "todos ellos",
        "todas ellas",
    }
)
_HAVING = re.compile(r"^(?:(?:yes|yeah|si|i|we|he|she|have|has|got|had|tengo|tiene|um|pues) )+")
_NO = NO - {"not", "dont", "never"}
_NONE_AT_ALL = frozenset({"none", "nothing", "nada", "ninguno", "ninguna", "ningunos", "ningunas"})
_RANGE = re.compile(r"(?<![\d-])(\d{1,2})\s*-\s*(\d{1,2})(?!\s*-|\d)")
_REACHING = frozenset({"to", "a", "al", "through", "thru", "hasta"})
_LONG_AGO = re.compile(r"\b(?:as a (?:kid|child|baby)|de (?:nin|chic|pequen)[oa])\b")
_OTHER_TOPICS = vocabulary("doctor doctora doctors doctores message messages mensaje mensajes home house casa")
_KIND_OF = re.compile(r"\b(?:type|tipo) (?:1|2|one|two|uno|dos|i|ii)\b")
_OR = re.compile(r"\b(?:or|o)\b")
_MOST_UNKNOWN = 2
_MOST_TO_OFFER = 3


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """A tuple of values in the order shown. An exclusive option stands alone; beside others it is Ambiguous."""
    options = index(expecting.options)
    whole = options.whole(reading.plain)
    if whole is not None:
        return _decide([whole], options)
    if reading.question or not options.in_order:
        return NotAnAnswer()
    if _HAVING.sub("", reading.plain) in _ALL:
        return Value(tuple(value for value in options.in_order if value not in options.exclusive))
    if len(options.exclusive) == 1 and _denies_all(reading):
        return Value((next(iter(options.exclusive)),))
    return _from_words(reading, options)


def _denies_all(reading: Reading) -> bool:
    """ "no", "no thanks", "nope none": nothing but a no."""
    denying = [word for word in reading.words if word in _NONE_AT_ALL or word in _NO]
    others = [word for word in reading.words if word not in denying and word not in FILLER]
    return bool(denying) and not others and not wavers(reading.plain)


def _from_words(reading: Reading, options: OptionIndex) -> Answer:
    if _reaches(reading, options) or _LONG_AGO.search(reading.plain):
        return NotAnAnswer()
    words = _apart(_without_types(key_words(reading)), options)
    mentions = scan(words, options, says_no=not NEGATION.isdisjoint(words))
    if not mentions.named or mentions.out_of_range or mentions.denied or not _is_sound(mentions):
        return NotAnAnswer()
    if _OR.search(reading.plain) and not _OR.search(" ".join(options.titles)) and len(mentions.named) > 1:
        return _offer(frozenset().union(*mentions.named))
    return _decide(mentions.named, options)


def _is_sound(mentions: Mentions) -> bool:
    unknown = [word for word in mentions.unknown if word not in neutral(mentions) - _OTHER_TOPICS]
    sound = DOUBT.isdisjoint(unknown) and ELSEWHERE.isdisjoint(unknown)
    return sound and len(unknown) <= _MOST_UNKNOWN * mentions.exact


def _reaches(reading: Reading, options: OptionIndex) -> bool:
    """ "1-4" and "1 to 4" may mean the two or all between them; "1-2" means the same either way."""
    ends = [(int(low), int(high)) for low, high in _RANGE.findall(reading.text)]
    words = reading.words
    for low, word, high in zip(words, words[1:], words[2:], strict=False):
        ends += [(cardinal((low,)) or 0, cardinal((high,)) or 0)] if word in _REACHING else []
    return any(0 < low and high and abs(high - low) > 1 for low, high in ends) and not any(
        not _REACHING.isdisjoint(title.split()) for title in options.titles
    )


def _without_types(words: tuple[str, ...]) -> tuple[str, ...]:
    """ "type 2 diabetes" names no option 2."""
    return tuple(_KIND_OF.sub("", " ".join(words)).split())


def _apart(words: tuple[str, ...], options: OptionIndex) -> tuple[str, ...]:
    """ "14" is "1 4" when there is no option 14 and every digit is an option that may stand with others."""
    if len(words) != 1 or not words[0].isdigit() or words[0] in options.by_key:
        return words
    digits = tuple(words[0])
    rising = len(digits) == 2 or list(digits) == sorted(digits)
    joinable = all(options.by_key.get(digit) not in options.exclusive | {None} for digit in digits)
    return digits if rising and joinable and len(set(digits)) == len(digits) else words


def _decide(named: list[frozenset[str]] | tuple[frozenset[str], ...], options: OptionIndex) -> Answer:
    unclear = [values for values in named if len(values) > 1]
    if unclear:
        return _offer(unclear[0])
    chosen = frozenset().union(*named)
    if chosen & options.exclusive and len(chosen) > 1:
        return _offer(chosen)
    return Value(tuple(value for value in options.in_order if value in chosen))


def _offer(values: frozenset[str]) -> Answer:
    if len(values) == 1:
        return Value(tuple(values))
    return Ambiguous(tuple(sorted(values))) if len(values) <= _MOST_TO_OFFER else NotAnAnswer()
