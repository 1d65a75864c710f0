"""Why a text is understood as it is: for people who look into it, never for a turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from nlu import opt_out
from nlu.answers import PARSERS
from nlu.classifier import Classifier, belonging
from nlu.commands import command
from nlu.danger import ALARM, Heard, hear
from nlu.hashed import HashedModel
from nlu.intents import one_intent_and_why
from nlu.language import tongue
from nlu.opt_words import opt_word
from nlu.reading import Reading, read
from nlu.understand import understand
from nlu.understanding import (
    FREE_WORDS,
    Answer,
    AnswerKind,
    Expecting,
    Language,
    NotAnAnswer,
    OptWord,
    Understanding,
    Urgency,
)
from nlu.urgent import urgency

_SHOWN = 5  # intents
_LONGEST = 40  # words: in a longer text no phrase is looked for


@dataclass(frozen=True, slots=True)
class Ranked:
    """One of the likeliest intents."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Source:
    """What recognised something: a list, with the phrase that did it, or the classifier."""

    by: Literal["list", "classifier", "danger model", "opt-out model"]
    phrase: str | None = None


@dataclass(frozen=True, slots=True)
class Danger:
    """What the lists and the danger model make of the text."""

    listed: Urgency | None
    score: float | None  # from ALARM on the model alone raises the alarm; None without a model
    alarm_from: float
    because: str
    telling: tuple[str, ...]  # what speaks most for danger, the strongest first


@dataclass(frozen=True, slots=True)
class OptOut:
    """What the lists and the opt-out model make of the text, where it is no answer."""

    listed: OptWord | None
    score: float | None  # from SURE on the model alone opts out; None where only the lists count
    sure_from: float
    because: str
    telling: tuple[str, ...]  # what speaks most for it, the strongest first


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the text would answer to a question of this kind."""

    expecting: AnswerKind
    answer: Answer


@dataclass(frozen=True, slots=True)
class Explanation:
    """The understanding, and everything that led to it."""

    meaning: Understanding
    one_intent: str
    because: str
    intents: tuple[Ranked, ...]  # the likeliest, whether they count or not
    belonging: float | None  # from 0, surely out of scope, to 1; below the threshold it is
    threshold: float | None
    telling_words: dict[Language, tuple[str, ...]]
    language_because: str
    danger: Danger
    opt_out: OptOut
    urgent: Source | None
    opt: Source | None
    command: Source | None
    candidates: tuple[Candidate, ...]


def explain(
    text: str, expecting: Expecting | None, language: Language, classifier: Classifier | None, trial: Expecting
) -> Explanation:
    """As `understand`, with the reasons. `trial` is a question whose kind is put to every parser in turn."""
    reading = read(text)
    meaning = understand(text, expecting, language, classifier)
    ranked = classifier.rank(reading.text) if classifier is not None else []
    told = tongue(reading, language)
    intent, because = one_intent_and_why(meaning)
    model = classifier.danger if classifier is not None else None
    heard = hear(reading, model)
    return Explanation(
        meaning=meaning,
        one_intent=intent,
        because=because,
        intents=tuple(Ranked(name, round(chance, 4)) for name, chance in ranked[:_SHOWN]),
        belonging=round(belonging(dict(ranked)), 4) if ranked else None,
        threshold=classifier.threshold if classifier is not None else None,
        telling_words=dict(told.telling),
        language_because=_language_because(meaning.language, told.language, language),
        danger=Danger(
            listed=heard.listed,
            score=round(heard.score, 3) if heard.score is not None else None,
            alarm_from=ALARM,
            because=_danger_because(heard),
            telling=model.telling(reading.text)[:_SHOWN] if model is not None else (),
        ),
        opt_out=_opt_out(reading, classifier.opt_out if classifier is not None else None),
        urgent=_danger_source(meaning.urgent, reading),
        opt=_opt_source(meaning.opt, reading),
        command=_source(meaning.command, reading, lambda part: command(part, free_words=False)),
        candidates=tuple(_candidates(reading, trial)),
    )


def _language_because(counted: Language | None, told: Language | None, spoken: Language) -> str:
    if counted is None:
        return "no strong sign: the conversation keeps its language" if told is None else "a name tells no language"
    return "strong signs of the language that is spoken already" if counted == spoken else "strong signs of another"


def _danger_because(heard: Heard) -> str:
    if heard.score is None:
        return "no model: the lists alone count"
    if heard.urgent is not None:
        return "the model is sure" if heard.listed is None else "the lists hear it, and the model does not say no"
    if heard.perhaps is not None:
        return "the model is not sure" if heard.listed is None else "the lists hear it, but the model says no"
    return "neither the lists nor the model hear any"


def _opt_out(reading: Reading, model: HashedModel | None) -> OptOut:
    heard = opt_out.hear(reading, model)
    return OptOut(
        listed=heard.listed,
        score=round(heard.score, 3) if heard.score is not None else None,
        sure_from=opt_out.SURE,
        because=_opt_out_because(heard),
        telling=model.telling(reading.text)[:_SHOWN] if model is not None else (),
    )


def _opt_out_because(heard: opt_out.Heard) -> str:
    if heard.score is None:
        return "the lists alone count"
    if heard.out == "sure":
        return "the lists hear it, and the model does not say no" if heard.listed == "out" else "the model is sure"
    if heard.out == "perhaps":
        return "the lists hear it, but the model says no" if heard.listed == "out" else "the model is not sure"
    return "neither the lists nor the model hear it"


def _opt_source(found: OptWord | None, reading: Reading) -> Source | None:
    if found == "out" and opt_word(reading) != "out":
        return Source("opt-out model")
    return _source(found, reading, opt_word)


def _danger_source(found: Urgency | None, reading: Reading) -> Source | None:
    """The lists' phrase where they hear danger too, whichever kind the model makes of it."""
    listed = urgency(reading)
    if found is None or listed is None:
        return None if found is None else Source("danger model")
    return _source(listed, reading, urgency)


def _source(found: str | None, reading: Reading, recognise: Callable[[Reading], str | None]) -> Source | None:
    """By the list where the list alone finds the same; the phrase is the fewest words that it still finds it in."""
    if found is None:
        return None
    if recognise(reading) != found:
        return Source("classifier")
    return Source("list", _fewest_words(found, reading, recognise))


def _fewest_words(found: str, reading: Reading, recognise: Callable[[Reading], str | None]) -> str | None:
    words = reading.words
    if len(words) > _LONGEST:
        return None
    parts = (words[at : at + length] for length in range(1, len(words) + 1) for at in range(len(words) - length + 1))
    return next((" ".join(part) for part in parts if recognise(read(" ".join(part))) == found), None)


def _candidates(reading: Reading, trial: Expecting) -> list[Candidate]:
    """What the text would answer, to every kind of question that does not take any words at all."""
    kinds: tuple[AnswerKind, ...] = tuple(kind for kind in get_args(AnswerKind) if kind not in FREE_WORDS)
    tried = [Candidate(kind, PARSERS[kind](reading, replace(trial, kind=kind))) for kind in kinds]
    return [each for each in tried if not isinstance(each.answer, NotAnAnswer)]
