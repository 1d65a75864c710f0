"""The one door: a text in, everything it may mean out."""

from __future__ import annotations

from nlu.answers import PARSERS
from nlu.answers.option_words import index
from nlu.classifier import Classifier
from nlu.commands import command
from nlu.corrections import counted_out
from nlu.language import language_of
from nlu.opt_words import is_per_se, opt_word
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
from nlu.urgent import urgency

_PROPER_NAMES: frozenset[AnswerKind] = frozenset({"name", "address", "email"})  # say nothing of the speaker's language


def understand(
    text: str, expecting: Expecting | None, language: Language, classifier: Classifier | None = None
) -> Understanding:
    """Never raises, whatever the text. `language` is the conversation's; what is meant is read in both."""
    received = read(text)
    relayed = without_marks(received.text, place=expecting is not None and expecting.kind == "address")
    reading = received if relayed.text == received.text else read(relayed.text)
    answer, rest = _answer(reading, expecting)
    titled = expecting is not None and index(expecting.options).whole(reading.plain) is not None
    reserved = _command(reading, expecting, titled=titled)
    # The classifier is the dearest; an answer or a reserved word comes before any intent.
    settled = reserved is not None or isinstance(answer, Value)
    intent, confidence = (None, 0.0) if settled else _intent(reading, classifier)
    return Understanding(
        urgent=urgency(received),
        opt=_opt(received, titled=titled) or _opt(reading, titled=titled),
        command=reserved,
        answer=answer,
        intent=intent,
        confidence=confidence,
        language=_language(reading, expecting),
        question=reading.question and not isinstance(answer, Value),
        nth=counted_out(reading) if reserved == "change" else 0,
        rest=rest,
        relay=relayed.relay,
    )


def _answer(reading: Reading, expecting: Expecting | None) -> tuple[Answer, str]:
    """What the text answers, and what else it says after that."""
    if expecting is None:
        return NotAnAnswer(), ""
    parse = PARSERS[expecting.kind]
    return parted(reading, expecting, parse(reading, expecting), parse)


def _opt(reading: Reading, *, titled: bool) -> OptWord | None:
    """A text that is the title of an option means the option, unless the law says it revokes."""
    return None if titled and not is_per_se(reading) else opt_word(reading)


def _command(reading: Reading, expecting: Expecting | None, *, titled: bool) -> Command | None:
    if titled:
        return None
    return command(reading, free_words=expecting is not None and expecting.kind in FREE_WORDS)


def _language(reading: Reading, expecting: Expecting | None) -> Language | None:
    return None if expecting is not None and expecting.kind in _PROPER_NAMES else language_of(reading)


def _intent(reading: Reading, classifier: Classifier | None) -> tuple[str | None, float]:
    """Nothing is asked of a text without letters."""
    if classifier is None or not any(map(str.isalpha, reading.plain)):
        return None, 0.0
    return classifier.best(reading.text)
