"""One of the options shown."""

from __future__ import annotations

import re

from nlu.answers.counts import counted_option
from nlu.answers.durations import lasting
from nlu.answers.heard import alone
from nlu.answers.hedges import unhedged
from nlu.answers.option_words import NONE_WORDS, Mentions, OptionIndex, Values, index, scan
from nlu.answers.small_words import DOUBT, ELSEWHERE, FILLER, NEGATION, NEUTRAL
from nlu.answers.yes_no import YES, wavers, yes_or_no
from nlu.reading import Reading, fold
from nlu.understanding import Ambiguous, Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import vocabulary

_CHOOSING = vocabulary(
    """
    want prefer like choose pick send use quiero prefiero elijo escojo quisiera mande mandeme deme
    """
)
_ALWAYS_NEUTRAL = vocabulary("doctor doctora dr dra doc quedo mejor best better mas facil easier pretty")
_GREETING = vocabulary("morning afternoon evening night day luck noches dias tardes suerte job")
_UNKNOWN_AFTER_CHOOSING = 1
_MOST_TO_OFFER = 3
_SHORTEST_PART = 4  # letters of a word that stands for a whole title
_CLAUSE_END = re.compile(r"[,;.!\n]| and | y ")
_NOTHING_ELSE = re.compile(r"\b(?:nada|no) mas$")
_LONG_DRAWN = re.compile(r"(\D)\1{2,}")
_SHORT_FOR = {"txt": "text", "txts": "text", "texting": "text", "tex": "text", "msg": "message", "msgs": "messages"}
_LABELLED_NUMBER = re.compile(r"\b(?:ok|option|opcion|number|num|numero|no|n)(\d+)$")


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The option meant; several if it may be any of two or three."""
    options = index(expecting.options)
    whole = options.whole(reading.plain)
    if whole is not None:
        return _decide(whole)
    if reading.question or not options.in_order:
        return NotAnAnswer()
    soft, reading = reading, unhedged(reading, options.titles)
    whole = options.whole(reading.plain) if reading is not soft else None
    if whole is not None:
        return _decide(whole)
    only = _only_title_with(reading.words, options)
    if only is not None:
        return Value(only)
    counted = counted_option(reading, expecting.options)
    if counted is not None:
        return Value(counted)
    lasted = lasting(reading, expecting.options)
    if lasted:
        return _decide(lasted)
    polar = polar_option(reading, options)
    if polar is not None and not _names_another(reading, options, polar):
        return Value(polar)
    return _from_words(reading, options)


def _only_title_with(words: tuple[str, ...], options: OptionIndex) -> str | None:
    """The one option whose titles hold this word: "never" for "Never true", though it also denies."""
    if len(words) != 1 or len(words[0]) < _SHORTEST_PART:
        return None
    titles = ((title.split(), values) for title, values in options.titles.items())
    negative = not NEGATION.isdisjoint(words)
    values = frozenset[str]().union(
        *(v for title, v in titles if words[0] in title and NEGATION.isdisjoint(title) is not negative)
    )
    return next(iter(values)) if len(values) == 1 else None


def polar_option(reading: Reading, options: OptionIndex) -> str | None:
    """The option titled just "Yes" or "No" that a yes or no in any wording means."""
    labels = {True: ("yes", "si"), False: ("no",)}
    said = False if reading.plain in NONE_WORDS else yes_or_no(reading, agreeing=False)
    if said is None:
        return None
    values = frozenset[str]().union(*(options.titles.get(label, frozenset()) for label in labels[said]))
    return next(iter(values)) if len(values) == 1 and not values & options.exclusive else None


def _names_another(reading: Reading, options: OptionIndex, value: str) -> bool:
    """ "I don't smoke, I vape every day": the no is not the answer."""
    yes_and_no = frozenset({value}).union(*(options.titles.get(title, frozenset()) for title in ("yes", "si", "no")))
    return any(not values <= yes_and_no for values in scan(key_words(reading), options, says_no=False).named)


def key_words(reading: Reading) -> tuple[str, ...]:
    """The words, with "option3" taken apart, "goood" and "txt" as they are spelt and "for" alone as the number."""
    plain = _NOTHING_ELSE.sub("", reading.plain)
    if len(plain) > 4 and all(len(word) == 1 and word.isalpha() for word in plain.split()):
        plain = plain.replace(" ", "")  # "c o p d"
    words = (_LONG_DRAWN.sub(r"\1\1", _LABELLED_NUMBER.sub(r"\1", word)) for word in plain.split())
    return alone([_SHORT_FOR.get(word, word) for word in words])


def _from_words(reading: Reading, options: OptionIndex) -> Answer:
    words = key_words(reading)
    mentions = scan(words, options, says_no=not NEGATION.isdisjoint(words))
    if mentions.out_of_range or _wavers(reading, options):
        return NotAnAnswer()
    if mentions.named and _is_sound(mentions, words):
        return _decide(_combined(mentions))
    return _from_first_clause(reading, options)


def _wavers(reading: Reading, options: OptionIndex) -> bool:
    """ "no sé" beside Yes and No; but "sometimes" where an option is titled so."""
    words = wavers(reading.plain)
    return words != "" and not any(words in title for title in options.titles)


def _is_sound(mentions: Mentions, words: tuple[str, ...]) -> bool:
    if (mentions.denied and mentions.exact) or not DOUBT.isdisjoint(mentions.unknown):
        return False
    unknown = [word for word in mentions.unknown if word not in YES and word not in neutral(mentions)]
    if not ELSEWHERE.isdisjoint(unknown):
        return False
    if not _CHOOSING.isdisjoint(words):
        return len(unknown) <= _UNKNOWN_AFTER_CHOOSING
    return len(unknown) <= (mentions.parts > 1 or (mentions.longest > 1 and _GREETING.isdisjoint(unknown)))


def neutral(mentions: Mentions) -> frozenset[str]:
    """The words that say nothing here; beside a mere part of a title only these few."""
    return NEUTRAL if mentions.parts == mentions.respelt else _ALWAYS_NEUTRAL


def _combined(mentions: Mentions) -> Values:
    """What every mention allows ("2 Very good"), or else all that was named ("1 or 2")."""
    common = frozenset.intersection(*mentions.named)
    return common or frozenset().union(*mentions.named)


def _from_first_clause(reading: Reading, options: OptionIndex) -> Answer:
    """ "text, and I want Dr Lee": the first clause answers, the rest is another wish."""
    clause = fold(_CLAUSE_END.split(reading.text, maxsplit=1)[0])
    if clause == reading.plain or not clause:
        return NotAnAnswer()
    bare = " ".join(word for word in clause.split() if word not in FILLER)
    rest = reading.words[len(clause.split()) :]
    if not DOUBT.isdisjoint(rest) or not NEGATION.isdisjoint(rest):
        return NotAnAnswer()
    values = options.titles.get(clause) or options.titles.get(bare)
    if values is None or values != _also(rest, options, values):
        return NotAnAnswer()
    return _decide(values)


def _also(rest: tuple[str, ...], options: OptionIndex, values: Values) -> Values:
    """Every option named in both halves; more than one makes the first clause doubtful."""
    return values.union(*scan(rest, options, says_no=False).named)


def _decide(values: Values) -> Answer:
    if len(values) == 1:
        return Value(next(iter(values)))
    return Ambiguous(tuple(sorted(values))) if 1 < len(values) <= _MOST_TO_OFFER else NotAnAnswer()
