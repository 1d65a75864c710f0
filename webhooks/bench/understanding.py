"""How well texts are understood, beside a plain baseline; how fast, and by how large a model."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from nlu.classifier import load_classifier
from nlu.train import TrainReport, read_examples, train
from webhooks.bench.report import at_percentile
from webhooks.bench.understanding_baseline import nearest
from webhooks.bench.understanding_judged import Side, judge, understood, wrong_lines
from webhooks.bench.understanding_lines import Line
from webhooks.bench.understanding_measures import confusions, measures
from webhooks.bench.understanding_report import Model, Pace, UnderstandingReport

_TIMED = 4_000  # understandings
_TIMED_BASELINE = 300

Step = Callable[[], None]


def measure_understanding(lines: Sequence[Line], data: Path, step: Step = lambda: None) -> UnderstandingReport:
    """Train on the folder `data`, then understand every line. `step` is called after each.

    Raises ValueError when there is nothing to train on."""
    with tempfile.TemporaryDirectory() as folder:
        report = train(data, Path(folder))
        classifier = load_classifier(Path(folder))
        model = _model(report, sum(file.stat().st_size for file in Path(folder).iterdir()))
    baseline = nearest([(example.text, example.intent) for example in read_examples(data)])
    us, plain = Side(), Side()
    for line in lines:
        judge(line, classifier, baseline, us, plain)
        step()
    return UnderstandingReport(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        python=platform.python_version(),
        processors=os.cpu_count() or 1,
        lines=dict(Counter(type(line).__name__.removesuffix("Line").lower() for line in lines)),
        measures=tuple(measures(us, plain)),
        confusions=tuple(confusions(us.intents)),
        pace=_pace(lines, _TIMED, lambda line: understood(line, classifier)),
        baseline_pace=_pace(lines, _TIMED_BASELINE, lambda line: baseline.guess(line.text)),
        model=model,
        wrong=tuple(wrong_lines(us)),
    )


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
