"""The one door: a text in, everything it may mean out."""

from __future__ import annotations

from nlu.answers import PARSERS
from nlu.answers.option_words import index
from nlu.classifier import Classifier, Guess
from nlu.commands import command
from nlu.intents import COMMAND_OF, URGENCY_OF
from nlu.language import language_of
from nlu.opt_words import is_per_se, opt_word
from nlu.reading import Reading, read
from nlu.understanding import (
    Answer,
    AnswerKind,
    Command,
    Expecting,
    Language,
    NotAnAnswer,
    OptWord,
    Understanding,
    Urgency,
    Value,
)
from nlu.urgent import urgency

FREE_WORDS: frozenset[AnswerKind] = frozenset({"text", "name", "address", "provider_search"})  # they take any words
_PROPER_NAMES: frozenset[AnswerKind] = frozenset({"name", "address", "email"})  # say nothing of the speaker's language
_NAMES: frozenset[AnswerKind] = frozenset({*_PROPER_NAMES, "provider_search"})
_PLAIN_ANSWER = 3  # words: an answer so short is only that


def understand(
    text: str, expecting: Expecting | None, language: Language, classifier: Classifier | None = None
) -> Understanding:
    """Never raises, whatever the text. `language` is the conversation's; what is meant is read in both."""
    reading = read(text)
    answer = _answer(reading, expecting)
    titled = expecting is not None and index(expecting.options).whole(reading.plain) is not None
    listed = _command(reading, expecting, titled=titled)
    guess = _guess(reading, expecting, answer, classifier)
    # The classifier is the last to be believed: an answer or a reserved word comes before any intent.
    meant = Guess(None, 0.0) if listed is not None or isinstance(answer, Value) else guess
    return Understanding(
        urgent=urgency(reading) or _danger(guess),
        opt=_opt(reading, titled=titled),
        command=listed or _meant_command(meant, answer, expecting),
        answer=answer,
        intent=meant.intent,
        between=meant.between,
        confidence=meant.confidence,
        language=_language(reading, expecting, language),
        question=reading.question and not isinstance(answer, Value),
    )


def _answer(reading: Reading, expecting: Expecting | None) -> Answer:
    return NotAnAnswer() if expecting is None else PARSERS[expecting.kind](reading, expecting)


def _opt(reading: Reading, *, titled: bool) -> OptWord | None:
    """A text that is the title of an option means the option, unless the law says it revokes."""
    return None if titled and not is_per_se(reading) else opt_word(reading)


def _command(reading: Reading, expecting: Expecting | None, *, titled: bool) -> Command | None:
    if titled:
        return None
    return command(reading, free_words=_takes(expecting, FREE_WORDS))


def _meant_command(meant: Guess, answer: Answer, expecting: Expecting | None) -> Command | None:
    """The reserved word meant in words that no list has; where free words are asked for only the lists count."""
    if meant.intent is None or not isinstance(answer, NotAnAnswer) or _takes(expecting, FREE_WORDS):
        return None
    return COMMAND_OF.get(meant.intent)


def _language(reading: Reading, expecting: Expecting | None, spoken: Language) -> Language | None:
    return None if _takes(expecting, _PROPER_NAMES) else language_of(reading, spoken)


def _guess(reading: Reading, expecting: Expecting | None, answer: Answer, classifier: Classifier | None) -> Guess:
    """Nothing is asked of a text without letters, or of a plain answer."""
    plain = isinstance(answer, Value) and (_takes(expecting, _NAMES) or len(reading.words) <= _PLAIN_ANSWER)
    if classifier is None or plain or not any(map(str.isalpha, reading.plain)):
        return Guess(None, 0.0)
    return classifier.guess(reading.text)


def _danger(guess: Guess) -> Urgency | None:
    """The second net, under the crisis list."""
    return None if guess.danger is None else URGENCY_OF[guess.danger]


def _takes(expecting: Expecting | None, kinds: frozenset[AnswerKind]) -> bool:
    return expecting is not None and expecting.kind in kinds
