"""How every line was taken: by us, and by the plain baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from nlu.classifier import Classifier, belonging
from nlu.intents import OUT_OF_SCOPE, URGENCY_OF, one_intent
from nlu.reading import read
from nlu.understand import understand
from nlu.understanding import Ambiguous, Answer, Expecting, NotAnAnswer, Understanding, Value
from nlu.urgent import urgency
from webhooks.bench.understanding_baseline import Nearest
from webhooks.bench.understanding_lines import AnswerLine, DangerLine, IntentLine, Line, OptLine
from webhooks.bench.understanding_report import Wrong

_OPT_INTENT = {"opt_out": "out", "opt_in": "in", "help": "help"}
_OUTCOMES: dict[type, str] = {Value: "value", Ambiguous: "ambiguous", NotAnAnswer: "not"}


@dataclass(frozen=True, slots=True)
class Judged:
    """One line as it was taken by one side."""

    line: Line
    taken_for: str
    right: bool
    belongs: float = 1.0  # intents only: how surely it is in scope
    asks: tuple[str, ...] = ()  # intents only: those that the member is asked to choose from
    helped: bool = False  # danger only: alarmed, or told whom to call in case
    listed: bool = False  # danger only: the lists alone hear it


@dataclass(frozen=True, slots=True)
class Side:
    """Every line as ours, or the baseline, took it."""

    intents: list[Judged] = field(default_factory=list)
    danger: list[Judged] = field(default_factory=list)
    opt: list[Judged] = field(default_factory=list)
    answers: list[Judged] = field(default_factory=list)


def judge(line: Line, classifier: Classifier, baseline: Nearest, us: Side, plain: Side) -> None:
    """Add the line to both sides."""
    meaning = understood(line, classifier)
    guess, likeness = baseline.guess(line.text)
    match line:
        case IntentLine():
            belongs = _belongs(line, meaning, classifier)
            us.intents.append(_intent(line, one_intent(meaning), belongs, meaning.between))
            plain.intents.append(_intent(line, guess, likeness))
        case DangerLine():
            us.danger.append(_alarmed(line, meaning))
            plain.danger.append(_danger(line, URGENCY_OF.get(guess)))
        case OptLine():
            us.opt.append(Judged(line, str(meaning.opt), meaning.opt == line.opt))
            plain.opt.append(Judged(line, str(_OPT_INTENT.get(guess)), _OPT_INTENT.get(guess) == line.opt))
        case AnswerLine():
            us.answers.append(Judged(line, _told(meaning.answer), _answered(line, meaning.answer)))


def understood(line: Line, classifier: Classifier) -> Understanding:
    """As in a turn: with the question that is open and the language that is spoken."""
    return understand(line.text, _question(line), line.lang, classifier)


def _question(line: Line) -> Expecting | None:
    return line.question() if isinstance(line, IntentLine | AnswerLine) else None


def _belongs(line: Line, meaning: Understanding, classifier: Classifier) -> float:
    """How surely the text is in scope: what the lists or the parsers took is; else as the classifier says."""
    settled = meaning.intent is None and not meaning.between and one_intent(meaning) != OUT_OF_SCOPE
    listed = settled or meaning.opt is not None
    return 1.0 if listed else belonging(dict(classifier.rank(line.text)))


def _intent(line: IntentLine, taken_for: str, belongs: float, asks: tuple[str, ...] = ()) -> Judged:
    return Judged(line, taken_for, taken_for in fits(line), belongs, asks)


def fits(line: IntentLine) -> set[str]:
    """Every intent that is right."""
    return {line.intent, *(line.also_ok or ())}


def _danger(line: DangerLine, seen: str | None) -> Judged:
    right = (seen is not None) == bool(line.urgent) or seen in (line.also_ok or ())
    return Judged(line, str(seen), right)


def _alarmed(line: DangerLine, meaning: Understanding) -> Judged:
    """What really raises the alarm; beside it who gets a number to call, and the lists alone."""
    helped = bool(meaning.urgent or meaning.perhaps or meaning.intent in URGENCY_OF)
    listed = urgency(read(line.text)) is not None
    return replace(_danger(line, meaning.urgent), helped=helped, listed=listed)


def _answered(line: AnswerLine, answer: Answer) -> bool:
    if _OUTCOMES[type(answer)] != line.outcome:
        return False
    match answer:
        case Value(value):
            return (type(value) is type(line.value) and value == line.value) or _same_number(value, line.value)
        case Ambiguous(between):
            return not isinstance(line.value, tuple) or set(between) == set(line.value)
    return True


def _same_number(one: object, other: object) -> bool:
    numbers = [each for each in (one, other) if isinstance(each, int | float) and not isinstance(each, bool)]
    return len(numbers) == 2 and numbers[0] == numbers[1]


def _told(answer: Answer) -> str:
    match answer:
        case Value(value):
            return f"value {value!r}"
        case Ambiguous(between):
            return f"ambiguous {', '.join(between)}"
    return "not"


def wrong_lines(us: Side) -> Iterator[Wrong]:
    """Every line that went wrong, by what it is about."""
    for about, judged in (("intent", us.intents), ("danger", us.danger), ("opt", us.opt), ("answer", us.answers)):
        for each in judged:
            if not each.right:
                line = each.line
                yield Wrong(about, line.lang, line.channel, line.text, _meant(line), each.taken_for)


def _meant(line: Line) -> str:
    match line:
        case IntentLine():
            return line.intent
        case DangerLine():
            return str(line.urgent)
        case OptLine():
            return str(line.opt)
    return f"{line.outcome} {line.value!r}" if line.value is not None else line.outcome
