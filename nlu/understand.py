"""The one door: a text in, everything it may mean out."""

from __future__ import annotations

from nlu import danger, opt_out
from nlu.answers import parser_of
from nlu.answers.option_words import index
from nlu.classifier import Classifier, Guess
from nlu.commands import command
from nlu.corrections import counted_out
from nlu.intents import COMMAND_OF, OPT_OF, OUT_OF_SCOPE
from nlu.language import language_of
from nlu.opt_words import is_per_se
from nlu.parts import parted
from nlu.reading import Reading, read
from nlu.relay import without_marks
from nlu.understanding import (
    FREE_WORDS,
    Answer,
    AnswerKind,
    Command,
    Expecting,
    Language,
    NotAnAnswer,
    OptWord,
    Understanding,
    Value,
)

_PROPER_NAMES: frozenset[AnswerKind] = frozenset({"name", "address", "email"})  # say nothing of the speaker's language
_SURE = 0.6  # a reserved word is acted on at once: so probable must it be
_SURE_TO_MOVE = 0.97  # "bad back" and "next june" sound like BACK and SKIP, and would lose an answer without a word
_MOVES: frozenset[Command] = frozenset({"skip", "back", "cancel", "restart"})


def understand(
    text: str, expecting: Expecting | None, language: Language, classifier: Classifier | None = None
) -> Understanding:
    """Never raises, whatever the text. `language` is the conversation's; what is meant is read in both."""
    received = read(text)
    relayed = without_marks(received.text, place=expecting is not None and expecting.kind == "address")
    reading = received if relayed.text == received.text else read(relayed.text)
    answer, rest = _answer(reading, expecting)
    titled = expecting is not None and index(expecting.options).whole(reading.plain) is not None
    listed = _command(reading, expecting, titled=titled)
    # The classifier is the dearest, and the last to be believed: an answer or a reserved word comes before any intent.
    settled = listed is not None or isinstance(answer, Value)
    meant = Guess(None, 0.0) if settled else _guess(reading, classifier)
    urgency = danger.hear(received, classifier.danger if classifier is not None else None)
    texts = _about_texts((received, reading), answer, expecting, classifier, titled=titled)
    asked = _meant_opt(meant, answer, expecting)
    if texts.out == "perhaps" and not settled and (texts.listed == "out" or meant.intent in (None, OUT_OF_SCOPE)):
        meant = Guess("opt_out", meant.confidence)
    reserved = listed or _meant_command(meant, answer, expecting)
    return Understanding(
        urgent=urgency.urgent,
        perhaps=urgency.perhaps,
        opt=texts.word or asked if texts.certain else asked or texts.word,
        command=reserved,
        answer=answer,
        intent=meant.intent,
        between=meant.between,
        confidence=meant.confidence,
        language=_language(reading if reading.plain else received, expecting, language),
        question=reading.question and not isinstance(answer, Value),
        nth=counted_out(reading) if reserved == "change" else 0,
        rest=rest,
        relay=relayed.relay,
        floor=relayed.floor,
        bare=not reading.plain,
    )


def _answer(reading: Reading, expecting: Expecting | None) -> tuple[Answer, str]:
    """What the text answers, and what else it says after that."""
    if expecting is None:
        return NotAnAnswer(), ""
    parse = parser_of(expecting)
    return parted(reading, expecting, parse(reading, expecting), parse)


def _about_texts(
    readings: tuple[Reading, Reading],
    answer: Answer,
    expecting: Expecting | None,
    classifier: Classifier | None,
    *,
    titled: bool,
) -> opt_out.Heard:
    """What the text says about receiving texts, as it came or without the marks of a relay call. The title of an option
    means the option, unless the law says it revokes. In an answer, and where free words are asked for, only the lists
    count."""
    alone = classifier is None or not isinstance(answer, NotAnAnswer) or _takes(expecting, FREE_WORDS)
    model = None if alone or classifier is None else classifier.opt_out
    heard = opt_out.NOTHING
    for reading in dict.fromkeys(readings):
        if not titled or is_per_se(reading):
            heard = opt_out.hear(reading, model)
        if heard.word is not None:
            break
    return heard


def _command(reading: Reading, expecting: Expecting | None, *, titled: bool) -> Command | None:
    if titled:
        return None
    return command(reading, free_words=_takes(expecting, FREE_WORDS))


def _meant_command(meant: Guess, answer: Answer, expecting: Expecting | None) -> Command | None:
    """The reserved word meant in words that no list has; where free words are asked for only the lists count."""
    if meant.intent is None or meant.confidence < _SURE:
        return None
    if not isinstance(answer, NotAnAnswer) or _takes(expecting, FREE_WORDS):
        return None
    found = COMMAND_OF.get(meant.intent)
    if found in _MOVES and meant.confidence < _SURE_TO_MOVE:
        return None
    return None if found == "wrong_number" else found  # it silences us: the lists only


def _meant_opt(meant: Guess, answer: Answer, expecting: Expecting | None) -> OptWord | None:
    """START and HELP in words that no list has. Opting out silences us: so the member is only told how."""
    if meant.intent is None or meant.confidence < _SURE:
        return None
    if not isinstance(answer, NotAnAnswer) or _takes(expecting, FREE_WORDS):
        return None
    opt = OPT_OF.get(meant.intent)
    return None if opt == "out" else opt


def _language(reading: Reading, expecting: Expecting | None, spoken: Language) -> Language | None:
    return None if _takes(expecting, _PROPER_NAMES) else language_of(reading, spoken)


def _guess(reading: Reading, classifier: Classifier | None) -> Guess:
    """Nothing is asked of a text without letters."""
    if classifier is None or not any(map(str.isalpha, reading.plain)):
        return Guess(None, 0.0)
    return classifier.guess(reading.text)


def _takes(expecting: Expecting | None, kinds: frozenset[AnswerKind]) -> bool:
    return expecting is not None and expecting.kind in kinds
