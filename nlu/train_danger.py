"""Train the danger model from nlu/data/danger.yml, beside the texts of the intents. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlu.danger import BUCKETS, FORMAT, KINDS, MODEL, buckets
from nlu.intents import URGENCY_OF
from nlu.noise import SEED, noisy
from nlu.understanding import Language, Urgency

SOURCE = "danger.yml"
NONE = "none"  # under this a text only sounds dangerous
STRICTNESS = 1.0  # the SVM's C
PRECISION = 0.05
SEEN_IN = 3  # texts or copies a bucket must occur in
OTHERS_COUNT = 0.2  # a text that does not even sound dangerous, beside one that does
_STEPS = 127  # weights are rounded to so many steps on either side of 0

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DangerExample:
    """A text, the danger it speaks of, and the batch it was written in; "" where it is from the intents' texts."""

    text: str
    kind: Urgency | None
    language: Language
    batch: str


@dataclass(frozen=True, slots=True)
class Trained:
    """A model as numbers: see nlu.danger.DangerModel."""

    rarity: Numbers
    weights: Numbers
    bias: Numbers


def read_batches(data: Path) -> list[DangerExample]:
    """Every text of danger.yml; none where the folder has no such file."""
    file = data / SOURCE
    return list(_batches(YAML(typ="safe", pure=True).load(file))) if file.exists() else []


def _batches(content: dict[str, dict[str, dict[Language, str]]]) -> Iterator[DangerExample]:
    named: dict[str, Urgency] = {kind: kind for kind in KINDS}
    for batch, kinds in content.items():
        for kind, languages in kinds.items():
            for language, texts in languages.items():
                for text in texts.splitlines():
                    yield DangerExample(text, None if kind == NONE else named[kind], language, batch)


def of_intents(texts: Iterable[tuple[str, str, Language]]) -> list[DangerExample]:
    """The intents' texts (text, intent, language); three of the intents are dangers."""
    return [DangerExample(text, URGENCY_OF.get(intent), language, "") for text, intent, language in texts]


def train_danger(examples: Sequence[DangerExample], out: Path) -> None:
    """Write the model into the folder. The same examples give the same file, byte for byte."""
    trained = fit(examples)
    step = np.abs(trained.weights).max(axis=0) / _STEPS
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out / MODEL,
        format=np.int32(FORMAT),
        rarity=trained.rarity.astype(np.float16),
        weights=np.rint(trained.weights / step).astype(np.int8),
        step=step.astype(np.float32),
        bias=trained.bias.astype(np.float32),
    )


def fit(examples: Sequence[DangerExample]) -> Trained:
    """Learn every text twice, as written and as typed in a hurry: whether it is danger, and which of the dangers."""
    texts = [each.text for each in examples] + [noisy(each.text, each.language) for each in examples]
    said = [buckets(text) for text in texts]
    rarity = _rarity(said)
    rows = _weighted(said, rarity)
    kinds = np.array([each.kind or NONE for each in examples] * 2)
    counts = np.array([1.0 if each.batch else OTHERS_COUNT for each in examples] * 2)
    danger = _svm().fit(rows, kinds != NONE, sample_weight=counts)
    told = (kinds != NONE) & (counts == 1.0)  # the intents do not tell every kind
    which = _svm().fit(rows[told], kinds[told])
    order = [list(which.classes_).index(kind) for kind in KINDS]
    return Trained(
        rarity=rarity,
        weights=np.vstack([danger.coef_, which.coef_[order]]).T * (rarity > 0)[:, None],
        bias=np.concatenate([danger.intercept_, which.intercept_[order]]),
    )


def _svm() -> LinearSVC:
    return LinearSVC(C=STRICTNESS, tol=PRECISION, random_state=SEED)


def _rarity(said: Sequence[tuple[list[int], ...]]) -> Numbers:
    """The inverse document frequency of each bucket; 0 where it occurs in too few texts."""
    times = np.bincount([row for text in said for group in text for row in group], minlength=BUCKETS)
    rarity = np.log((1 + len(said)) / (1 + times)) + 1
    return np.where(times >= SEEN_IN, rarity, 0.0).astype(np.float16).astype(np.float64)


def _weighted(said: Sequence[tuple[list[int], ...]], rarity: Numbers) -> csr_matrix:
    """The buckets of each text as nlu.danger weighs them: words and letters scaled each for themselves, then added."""
    groups = []
    for group in range(2):
        rows = [text[group] for text in said]
        places = np.array([row for text in rows for row in text], dtype=np.int64)
        ends = np.cumsum([0, *map(len, rows)])
        groups.append(normalize(csr_matrix((rarity[places], places, ends), shape=(len(rows), BUCKETS))))
    return (groups[0] + groups[1]).tocsr()
