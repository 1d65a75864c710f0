"""Train the intent classifier from Rasa-format NLU data. The only module that imports scikit-learn."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.classifier import FORMAT, WEIGHTS, WORDING, features

SEED = 7
FOLDS = 3
STRONGEST = 20_000  # features kept, by their largest weight
RIGHT_WHEN_SURE = 0.75  # share of the held-out texts over the threshold that must be understood rightly
STRICTNESS = 1.0  # the SVM's C
MARGIN = 0.05
_SHARPNESSES = np.linspace(1.0, 12.0, 45)
_MARKED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What was trained on, and how it does on texts held out (three folds)."""

    texts: int
    intents: int
    features: int
    accuracy: float  # held-out texts whose likeliest intent is right
    threshold: float
    understood: float  # held-out texts over the threshold
    seconds: float


@dataclass(frozen=True, slots=True)
class _Model:
    vectorizers: list[TfidfVectorizer]
    svm: LinearSVC

    @property
    def names(self) -> list[str]:
        return [name for vectorizer in self.vectorizers for name in vectorizer.get_feature_names_out()]

    @property
    def idf(self) -> NDArray[np.float64]:
        return np.concatenate([vectorizer.idf_ for vectorizer in self.vectorizers])


def train(data: Path, out: Path) -> TrainReport:
    """Read every nlu_*.yml of the folder `data` and write the classifier into the folder `out`.

    Raises ValueError when there is nothing to train on. The same data gives the same files.
    """
    began = time.perf_counter()
    texts, labels = _examples(sorted(data.glob("nlu_*.yml")))
    if len(set(labels)) < 2:
        raise ValueError(f"{data}: no intents to train on")
    intents = sorted(set(labels))
    scores = _held_out_scores(texts, labels, intents)
    truth = np.array([intents.index(label) for label in labels])
    sharpness = min(_SHARPNESSES, key=lambda sharp: _surprise(scores, truth, float(sharp)))
    chances = _chances(scores, float(sharpness))
    threshold = _threshold(chances, truth)
    kept = _export(_fit(texts, labels), intents, out, float(sharpness), threshold)
    accuracy = float((scores.argmax(axis=1) == truth).mean())
    understood = float((chances.max(axis=1) >= threshold).mean())
    return TrainReport(len(texts), len(intents), kept, accuracy, threshold, understood, time.perf_counter() - began)


def _examples(files: Iterable[Path]) -> tuple[list[str], list[str]]:
    texts: list[str] = []
    labels: list[str] = []
    for file in files:
        for entry in YAML(typ="safe", pure=True).load(file)["nlu"]:
            if "intent" not in entry:
                continue  # synonyms, regexes and look-ups are Rasa's; nothing here reads them
            for text in _bullets(entry["examples"]):
                texts.append(_MARKED.sub(r"\1", text))
                labels.append(entry["intent"])
    return texts, labels


def _bullets(examples: str | Sequence[dict[str, str]]) -> list[str]:
    if isinstance(examples, str):
        return [line.strip()[1:].strip() for line in examples.splitlines() if line.strip().startswith("-")]
    return [example["text"].strip().lstrip("- ") for example in examples]


def _repeated(text: str, group: int) -> list[str]:
    """One group of the features of a text, each as often as it occurs: exactly what nlu.classifier counts."""
    return [name for name, count in features(text)[group].items() for _ in range(count)]


def _vectorizers() -> list[TfidfVectorizer]:
    """The same dampening, weighting and scaling as in nlu.classifier, for words and for letters."""
    return [TfidfVectorizer(analyzer=partial(_repeated, group=group), sublinear_tf=True) for group in (0, 1)]


def _fit(texts: list[str], labels: list[str]) -> _Model:
    vectorizers = _vectorizers()
    matrix = hstack([vectorizer.fit_transform(texts) for vectorizer in vectorizers]).tocsr()
    return _Model(vectorizers, LinearSVC(C=STRICTNESS, random_state=SEED).fit(matrix, labels))


def _held_out_scores(texts: list[str], labels: list[str], intents: list[str]) -> NDArray[np.float64]:
    """Each text scored by a model that never saw it."""
    scores = np.zeros((len(texts), len(intents)))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for seen, unseen in folds.split(texts, labels):
        model = _fit([texts[place] for place in seen], [labels[place] for place in seen])
        held_out = [texts[place] for place in unseen]
        matrix = hstack([vectorizer.transform(held_out) for vectorizer in model.vectorizers])
        scores[unseen] = model.svm.decision_function(matrix.tocsr())
    return scores


def _chances(scores: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    odds = np.exp((scores - scores.max(axis=1, keepdims=True)) * sharpness)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _surprise(scores: NDArray[np.float64], truth: NDArray[np.int_], sharpness: float) -> float:
    """Mean negative log likelihood: least where a probability means what it says."""
    return float(-np.log(_chances(scores, sharpness)[np.arange(len(truth)), truth] + 1e-12).mean())


def _threshold(chances: NDArray[np.float64], truth: NDArray[np.int_]) -> float:
    """The least probability above which the set share of held-out texts is understood rightly."""
    surest = np.argsort(-chances.max(axis=1), kind="stable")
    right = np.cumsum(chances.argmax(axis=1)[surest] == truth[surest]) / np.arange(1, len(truth) + 1)
    enough = np.flatnonzero(right >= RIGHT_WHEN_SURE)
    return round(float(chances.max(axis=1)[surest[enough[-1]]]), 3) if len(enough) else 1.0


def _export(model: _Model, intents: list[str], out: Path, sharpness: float, threshold: float) -> int:
    """Write the strongest features; numbers as float16 in an npz, words in JSON. No pickle."""
    weights, names = model.svm.coef_.T, model.names
    strongest = np.sort(np.argsort(-np.abs(weights).max(axis=1), kind="stable")[:STRONGEST])
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out / WEIGHTS,
        weights=weights[strongest].astype(np.float16),
        idf=model.idf[strongest].astype(np.float32),
        bias=model.svm.intercept_.astype(np.float32),
    )
    wording = {
        "format": FORMAT,
        "intents": intents,
        "features": [names[place] for place in strongest],
        "sharpness": sharpness,
        "threshold": threshold,
        "margin": MARGIN,
    }
    (out / WORDING).write_text(json.dumps(wording, ensure_ascii=False), encoding="utf-8")
    return len(strongest)
