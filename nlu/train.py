"""Train the intent classifier from Rasa-format NLU data. With nlu/train_hashed.py the only module that imports
scikit-learn."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.classifier import FORMAT, SHARES, WEIGHTS, WORDING, belonging, features
from nlu.intents import OUT_OF_SCOPE
from nlu.noise import SEED, noisy
from nlu.train_hashed import LESSONS, Lesson, others, read_batches, train_hashed
from nlu.understanding import Language

FOLDS = 2
SEEN_IN = 4  # texts or copies a feature must occur in
STRICTNESS = 1.0  # the SVM's C
PRECISION = 0.05  # of its solution: a finer one is slower and no better
REJECTED = 0.05  # share of the in-scope texts that may be taken for out of scope
MARGIN = 0.15  # a smaller lead over the next intent is right less than half of the time
_SHARPNESSES = np.linspace(1.0, 12.0, 45)
_MARKED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")

Matrix = NDArray[np.float64]
Rows = NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What was trained on, and how it does on texts that its fold had not seen."""

    texts: int
    intents: int
    features: int
    accuracy: float  # texts whose likeliest intent is right
    threshold: float
    understood: float  # in-scope texts not taken for out of scope
    refused: float  # out-of-scope texts that are
    seconds: float


@dataclass(frozen=True, slots=True)
class Example:
    """A training text and the intent it has."""

    text: str
    intent: str
    language: Language


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often each feature occurs in each text, group by group. Rows: the texts, then their noisy copies."""

    names: list[str]
    groups: tuple[csr_matrix, ...]
    intents: NDArray[np.str_]  # of each text, without the copies

    @property
    def texts(self) -> int:
        return len(self.intents)

    def with_copies(self, rows: Rows) -> Rows:
        return np.concatenate([rows, rows + self.texts])


@dataclass(frozen=True, slots=True)
class _Model:
    weighting: tuple[TfidfTransformer, ...]
    svm: LinearSVC

    def scores(self, counts: _Counts, rows: Rows) -> Matrix:
        scores: Matrix = self.svm.decision_function(_weighted(counts, rows, self.weighting))
        return scores

    @property
    def idf(self) -> Matrix:
        return np.concatenate([weighting.idf_ for weighting in self.weighting])


def train(data: Path, out: Path) -> TrainReport:
    """Read every nlu_LANGUAGE.yml of the folder `data` and write the classifier into the folder `out`.

    Raises ValueError when there are fewer than three intents to tell apart. The same data gives the same files, byte
    for byte.
    """
    began = time.perf_counter()
    examples = read_examples(data)
    intents = sorted({example.intent for example in examples})
    if len(intents) < 3:
        raise ValueError(f"{data}: no intents to train on, or fewer than three")
    counts = _count(examples)
    truth = np.searchsorted(intents, counts.intents)
    scores = _unseen_scores(counts, intents)
    sharpness = float(min(_SHARPNESSES, key=lambda sharp: _surprise(scores, truth, sharp)))
    belongs = _belonging(_chances(scores, sharpness), intents)
    ours = counts.intents != OUT_OF_SCOPE
    threshold = round(float(np.quantile(belongs[ours], REJECTED)), 4)
    _export(_fit(counts, np.arange(counts.texts)), out, _wording(intents, counts.names, sharpness, threshold))
    for lesson in LESSONS:
        _train_hashed(lesson, examples, data, out)
    return TrainReport(
        texts=counts.texts,
        intents=len(intents),
        features=len(counts.names),
        accuracy=float((scores.argmax(axis=1) == truth).mean()),
        threshold=threshold,
        understood=float((belongs[ours] >= threshold).mean()),
        refused=float((belongs[~ours] < threshold).mean()) if not ours.all() else 0.0,
        seconds=time.perf_counter() - began,
    )


def _train_hashed(lesson: Lesson, examples: Sequence[Example], data: Path, out: Path) -> None:
    """Only where there are texts to learn from; an older model does not stay beside the new classifier."""
    (out / lesson.model).unlink(missing_ok=True)
    batches = read_batches(lesson, data)
    if batches:
        beside = others(lesson, ((each.text, each.intent, each.language) for each in examples), data)
        train_hashed(lesson, [*batches, *beside], out)


def _wording(intents: list[str], names: list[str], sharpness: float, threshold: float) -> dict[str, object]:
    return {
        "format": FORMAT,
        "intents": intents,
        "sharpness": sharpness,
        "threshold": threshold,
        "margin": MARGIN,
        "features": names,
    }


def read_examples(data: Path) -> list[Example]:
    """Every text of the nlu_LANGUAGE.yml files in the folder."""
    return list(_examples(data))


def _examples(data: Path) -> Iterator[Example]:
    languages: tuple[Language, ...] = ("en", "es")
    for language in languages:
        file = data / f"nlu_{language}.yml"
        if not file.exists():
            continue
        for entry in YAML(typ="safe", pure=True).load(file)["nlu"]:
            if "intent" in entry:  # synonyms, regexes and look-ups are Rasa's; nothing here reads them
                for text in _bullets(entry["examples"]):
                    yield Example(_MARKED.sub(r"\1", text), entry["intent"], language)


def _bullets(examples: str | Sequence[dict[str, str]]) -> list[str]:
    if isinstance(examples, str):
        return [line.strip()[1:].strip() for line in examples.splitlines() if line.strip().startswith("-")]
    return [example["text"].strip().lstrip("- ") for example in examples]


def _count(examples: Sequence[Example]) -> _Counts:
    texts = [example.text for example in examples]
    copies = [noisy(example.text, example.language) for example in examples]
    counted = [features(text) for text in texts + copies]
    tables = [_table([each[group] for each in counted]) for group in range(len(SHARES))]
    return _Counts(
        names=[name for names, _ in tables for name in names],
        groups=tuple(table for _, table in tables),
        intents=np.array([example.intent for example in examples]),
    )


def _table(counted: Sequence[dict[str, int]]) -> tuple[list[str], csr_matrix]:
    """The features that occur in enough texts, and how often each is in each text."""
    columns: dict[str, int] = {}
    places = [columns.setdefault(name, len(columns)) for each in counted for name in each]
    times = np.array([count for each in counted for count in each.values()], dtype=np.float32)
    ends = np.cumsum([0, *map(len, counted)])
    table = csr_matrix((times, places, ends), shape=(len(counted), len(columns)))
    often = np.flatnonzero(np.bincount(table.indices, minlength=len(columns)) >= SEEN_IN)
    names = [*columns]
    return [names[column] for column in often], table[:, often]


def _weighted(counts: _Counts, rows: Rows, weighting: Sequence[TfidfTransformer]) -> csr_matrix:
    """Dampened, weighted and scaled as in nlu.classifier, each group of features for itself."""
    groups = zip(SHARES, weighting, counts.groups, strict=True)
    return hstack([share * each.transform(group[rows]) for share, each, group in groups]).tocsr()


def _fit(counts: _Counts, texts: Rows) -> _Model:
    """A model of these texts and their noisy copies."""
    rows = counts.with_copies(texts)
    weighting = tuple(TfidfTransformer(sublinear_tf=True).fit(group[rows]) for group in counts.groups)
    svm = LinearSVC(C=STRICTNESS, tol=PRECISION, random_state=SEED)
    svm.fit(_weighted(counts, rows, weighting), np.tile(counts.intents[texts], 2))
    return _Model(weighting, svm)


def _unseen_scores(counts: _Counts, intents: list[str]) -> Matrix:
    """Each text scored by a model that saw neither it nor its copy."""
    scores = np.zeros((counts.texts, len(intents)))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for seen, unseen in folds.split(counts.intents, counts.intents):
        scores[unseen] = _fit(counts, seen).scores(counts, unseen)
    return scores


def _chances(scores: Matrix, sharpness: float) -> Matrix:
    odds = np.exp((scores - scores.max(axis=1, keepdims=True)) * sharpness)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _surprise(scores: Matrix, truth: Rows, sharpness: float) -> float:
    """Mean negative log likelihood: least where a probability means what it says."""
    return float(-np.log(_chances(scores, sharpness)[np.arange(len(truth)), truth] + 1e-12).mean())


def _belonging(chances: Matrix, intents: list[str]) -> Matrix:
    """Of each row what nlu.classifier.belonging says."""
    return np.array([belonging(dict(zip(intents, row, strict=True))) for row in chances.tolist()])


def _export(model: _Model, out: Path, wording: dict[str, object]) -> None:
    """Numbers as float16 in an npz, words in JSON. No pickle."""
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out / WEIGHTS,
        weights=model.svm.coef_.T.astype(np.float16),
        idf=model.idf.astype(np.float32),
        bias=model.svm.intercept_.astype(np.float32),
    )
    (out / WORDING).write_text(json.dumps(wording, ensure_ascii=False), encoding="utf-8")
