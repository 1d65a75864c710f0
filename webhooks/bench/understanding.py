"""How well texts are understood, beside a plain baseline; how fast, and by how large a model."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from nlu.classifier import Classifier, belonging, load_classifier
from nlu.intents import OUT_OF_SCOPE, URGENCY_OF, one_intent
from nlu.train import TrainReport, read_examples, train
from nlu.understand import understand
from nlu.understanding import Ambiguous, Answer, Expecting, NotAnAnswer, Understanding, Value
from webhooks.bench.report import at_percentile
from webhooks.bench.understanding_baseline import Nearest, nearest
from webhooks.bench.understanding_lines import AnswerLine, DangerLine, IntentLine, Line, OptLine
from webhooks.bench.understanding_report import Confusion, Figure, Measure, Model, Pace, UnderstandingReport, Wrong

FALSE_REJECTION = 0.05  # of the in-scope texts, where out-of-scope recall is read
_TIMED = 4_000  # understandings
_TIMED_BASELINE = 300
_OPT_INTENT = {"opt_out": "out", "opt_in": "in", "help": "help"}
_OUTCOMES: dict[type, str] = {Value: "value", Ambiguous: "ambiguous", NotAnAnswer: "not"}

Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Judged:
    """One line as it was taken by one side."""

    line: Line
    taken_for: str
    right: bool
    belongs: float = 1.0  # intents only: how surely it is in scope
    asks: tuple[str, ...] = ()  # intents only: those that the member is asked to choose from


@dataclass(frozen=True, slots=True)
class _Side:
    """Every line as ours, or the baseline, took it."""

    intents: list[_Judged] = field(default_factory=list)
    danger: list[_Judged] = field(default_factory=list)
    opt: list[_Judged] = field(default_factory=list)
    answers: list[_Judged] = field(default_factory=list)


def measure_understanding(lines: Sequence[Line], data: Path, step: Step = lambda: None) -> UnderstandingReport:
    """Train on the folder `data`, then understand every line. `step` is called after each.

    Raises ValueError when there is nothing to train on."""
    with tempfile.TemporaryDirectory() as folder:
        report = train(data, Path(folder))
        classifier = load_classifier(Path(folder))
        model = _model(report, sum(file.stat().st_size for file in Path(folder).iterdir()))
    baseline = nearest([(example.text, example.intent) for example in read_examples(data)])
    us, plain = _Side(), _Side()
    for line in lines:
        _judge(line, classifier, baseline, us, plain)
        step()
    return UnderstandingReport(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        python=platform.python_version(),
        processors=os.cpu_count() or 1,
        lines=dict(Counter(type(line).__name__.removesuffix("Line").lower() for line in lines)),
        measures=tuple(_measures(us, plain)),
        confusions=tuple(_confusions(us.intents)),
        pace=_pace(lines, _TIMED, lambda line: _understood(line, classifier)),
        baseline_pace=_pace(lines, _TIMED_BASELINE, lambda line: baseline.guess(line.text)),
        model=model,
        wrong=tuple(_wrong(us)),
    )


def _judge(line: Line, classifier: Classifier, baseline: Nearest, us: _Side, plain: _Side) -> None:
    meaning = _understood(line, classifier)
    guess, likeness = baseline.guess(line.text)
    match line:
        case IntentLine():
            belongs = _belongs(line, meaning, classifier)
            us.intents.append(_intent(line, one_intent(meaning), belongs, meaning.between))
            plain.intents.append(_intent(line, guess, likeness))
        case DangerLine():
            us.danger.append(_danger(line, meaning.urgent))
            plain.danger.append(_danger(line, URGENCY_OF.get(guess)))
        case OptLine():
            us.opt.append(_Judged(line, str(meaning.opt), meaning.opt == line.opt))
            plain.opt.append(_Judged(line, str(_OPT_INTENT.get(guess)), _OPT_INTENT.get(guess) == line.opt))
        case AnswerLine():
            us.answers.append(_Judged(line, _told(meaning.answer), _answered(line, meaning.answer)))


def _understood(line: Line, classifier: Classifier) -> Understanding:
    return understand(line.text, _question(line), line.lang, classifier)


def _question(line: Line) -> Expecting | None:
    return line.question() if isinstance(line, IntentLine | AnswerLine) else None


def _belongs(line: Line, meaning: Understanding, classifier: Classifier) -> float:
    """How surely the text is in scope: what the lists or the parsers took is; else as the classifier says."""
    settled = meaning.intent is None and not meaning.between and one_intent(meaning) != OUT_OF_SCOPE
    listed = settled or meaning.opt is not None
    return 1.0 if listed else belonging(dict(classifier.rank(line.text)))


def _intent(line: IntentLine, taken_for: str, belongs: float, asks: tuple[str, ...] = ()) -> _Judged:
    return _Judged(line, taken_for, taken_for in _fits(line), belongs, asks)


def _fits(line: IntentLine) -> set[str]:
    return {line.intent, *(line.also_ok or ())}


def _danger(line: DangerLine, seen: str | None) -> _Judged:
    fits = (seen is not None) == bool(line.urgent) or seen in (line.also_ok or ())
    return _Judged(line, str(seen), fits)


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


def _measures(us: _Side, plain: _Side) -> Iterator[Measure]:
    def measure(
        name: str,
        aim: float | None,
        of: Callable[[_Side], list[_Judged]],
        figure: Callable[[list[_Judged]], Figure | None],
        *,
        less_is_better: bool = False,
    ) -> Measure:
        ours, baseline = (_sliced(of(side), figure) for side in (us, plain))
        return Measure(name, aim, less_is_better, ours, baseline)

    yield measure("intent right", 0.92, lambda side: side.intents, _right)
    yield measure("macro-F1 of intents", None, lambda side: side.intents, _macro_f1)
    yield measure("in scope, taken for out of scope", 0.05, _inside, _taken_for_outside, less_is_better=True)
    yield measure("out of scope, refused", None, _outside, _right)
    yield measure("out of scope, refused at 5 % false rejection", 0.80, lambda side: side.intents, _refused_at_level)
    yield measure("asks which of two or three", None, _inside, _asking)
    yield measure("asks, and the right one is among them", None, _asked, _among)
    yield measure("danger seen", 0.98, lambda side: [j for j in side.danger if _dangerous(j)], _right)
    yield measure(
        "danger seen as the right kind", None, lambda side: [j for j in side.danger if _named(j)], _right_kind
    )
    yield measure(
        "false alarms", 0.01, lambda side: [j for j in side.danger if not _dangerous(j)], _failed, less_is_better=True
    )
    yield measure("opt-out seen", 0.99, lambda side: [j for j in side.opt if _opt(j) == "out"], _right)
    yield measure("start and help seen", None, lambda side: [j for j in side.opt if _opt(j) in ("in", "help")], _right)
    yield measure(
        "taken for an opt-out by mistake",
        None,
        lambda side: [j for j in side.opt if _opt(j) != "out"],
        lambda judged: _share(judged, [each.taken_for == "out" for each in judged]),
        less_is_better=True,
    )
    yield measure("answer right", 0.97, lambda side: side.answers, _right)


def _sliced(judged: list[_Judged], figure: Callable[[list[_Judged]], Figure | None]) -> dict[str, Figure]:
    slices: dict[str, list[_Judged]] = defaultdict(list)
    for each in judged:
        for name in each.line.slices:
            slices[name].append(each)
    figures = {name: figure(group) for name, group in slices.items()}
    return {name: each for name, each in sorted(figures.items()) if each is not None}


def _share(judged: list[_Judged], hits: Iterable[bool]) -> Figure | None:
    return Figure(sum(hits) / len(judged), len(judged)) if judged else None


def _right(judged: list[_Judged]) -> Figure | None:
    return _share(judged, [each.right for each in judged])


def _failed(judged: list[_Judged]) -> Figure | None:
    return _share(judged, [not each.right for each in judged])


def _inside(side: _Side) -> list[_Judged]:
    return [each for each in side.intents if not _is_outside(each)]


def _outside(side: _Side) -> list[_Judged]:
    return [each for each in side.intents if _is_outside(each)]


def _is_outside(judged: _Judged) -> bool:
    return isinstance(judged.line, IntentLine) and judged.line.intent == OUT_OF_SCOPE


def _taken_for_outside(judged: list[_Judged]) -> Figure | None:
    return _share(judged, [each.taken_for == OUT_OF_SCOPE and not each.right for each in judged])


def _asking(judged: list[_Judged]) -> Figure | None:
    return _share(judged, [bool(each.asks) for each in judged])


def _asked(side: _Side) -> list[_Judged]:
    return [each for each in side.intents if each.asks]


def _among(judged: list[_Judged]) -> Figure | None:
    return _share(judged, [isinstance(j.line, IntentLine) and not _fits(j.line).isdisjoint(j.asks) for j in judged])


def _refused_at_level(judged: list[_Judged]) -> Figure | None:
    """The out-of-scope texts that belong less than all but the set share of the in-scope texts."""
    inside = [each.belongs for each in judged if not _is_outside(each)]
    outside = [each for each in judged if _is_outside(each)]
    if not inside or not outside:
        return None
    level = float(np.quantile(inside, FALSE_REJECTION))
    return _share(outside, [each.belongs < level for each in outside])


def _macro_f1(judged: list[_Judged]) -> Figure | None:
    """The mean of F1 over the intents that the lines have; what would do as well counts as meant."""
    meant, taken, both = Counter[str](), Counter[str](), Counter[str]()
    for each in judged:
        assert isinstance(each.line, IntentLine)
        intent = each.taken_for if each.right else each.line.intent
        meant[intent] += 1
        taken[each.taken_for] += 1
        both[intent] += each.right
    return Figure(sum(2 * both[name] / (meant[name] + taken[name]) for name in meant) / len(meant), len(judged))


def _dangerous(judged: _Judged) -> bool:
    return isinstance(judged.line, DangerLine) and bool(judged.line.urgent)


def _named(judged: _Judged) -> bool:
    return isinstance(judged.line, DangerLine) and isinstance(judged.line.urgent, str)


def _right_kind(judged: list[_Judged]) -> Figure | None:
    lines = [(each, each.line) for each in judged if isinstance(each.line, DangerLine)]
    return _share(judged, [each.taken_for in map(str, {line.urgent, *(line.also_ok or ())}) for each, line in lines])


def _opt(judged: _Judged) -> str | None:
    return judged.line.opt if isinstance(judged.line, OptLine) else None


def _confusions(judged: list[_Judged]) -> Iterator[Confusion]:
    """The worst first."""
    pairs = Counter(
        (each.line.intent, each.taken_for) for each in judged if not each.right and isinstance(each.line, IntentLine)
    )
    for (meant, taken_for), times in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
        yield Confusion(meant, taken_for, times)


def _wrong(us: _Side) -> Iterator[Wrong]:
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


def _pace(lines: Sequence[Line], times: int, act: Callable[[Line], object]) -> Pace:
    """The lines one after the other, as often as it takes; every one was read before."""
    if not lines:
        return Pace(0.0, 0.0)
    took = []
    for number in range(times):
        line = lines[number * len(lines) // times if len(lines) > times else number % len(lines)]
        began = time.perf_counter_ns()
        act(line)
        took.append((time.perf_counter_ns() - began) / 1000)
    return Pace(at_percentile(took, 50), at_percentile(took, 99))


def _model(report: TrainReport, size: int) -> Model:
    return Model(
        texts=report.texts,
        intents=report.intents,
        features=report.features,
        accuracy=report.accuracy,
        threshold=report.threshold,
        bytes=size,
        train_seconds=report.seconds,
    )
