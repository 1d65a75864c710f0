"""Train the hashed models (nlu/hashed.py) from batches of texts, beside the texts of the intents. Needs
scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlu import danger, opt_out
from nlu.hashed import BUCKETS, FORMAT, buckets
from nlu.intents import URGENCY_OF
from nlu.noise import SEED, noisy
from nlu.understanding import Language

NONE = "none"  # under this a text only sounds like it
STRICTNESS = 1.0  # the SVM's C
PRECISION = 0.05
SEEN_IN = 3  # texts or copies a bucket must occur in
OTHERS_COUNT = 0.2  # a text of elsewhere, beside one of the batches
_STEPS = 127  # weights are rounded to so many steps on either side of 0

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one model is taught: by which file of batches, and by which of the intents."""

    source: str
    model: str  # the file written
    kinds: tuple[str, ...]
    kind_of: Mapping[str, str]  # intent -> kind


DANGER = Lesson("danger.yml", danger.MODEL, danger.KINDS, URGENCY_OF)
OPT_OUT = Lesson("opt_out.yml", opt_out.MODEL, ("out",), {"opt_out": "out"})
LESSONS = (DANGER, OPT_OUT)


@dataclass(frozen=True, slots=True)
class Taught:
    """A text, the kind it is of, and the batch it was written in; "" where it is from elsewhere."""

    text: str
    kind: str | None
    language: Language
    batch: str


@dataclass(frozen=True, slots=True)
class Trained:
    """A model as numbers: see nlu.hashed.HashedModel."""

    rarity: Numbers
    weights: Numbers
    bias: Numbers


def read_batches(lesson: Lesson, data: Path) -> list[Taught]:
    """Every text of the lesson's batches; none where the folder has no such file."""
    file = data / lesson.source
    return list(_batches(YAML(typ="safe", pure=True).load(file))) if file.exists() else []


def _batches(content: dict[str, dict[str, dict[Language, str]]]) -> Iterator[Taught]:
    for batch, kinds in content.items():
        for kind, languages in kinds.items():
            for language, texts in languages.items():
                for text in texts.splitlines():
                    yield Taught(text, None if kind == NONE else kind, language, batch)


def others(lesson: Lesson, texts: Iterable[tuple[str, str, Language]], data: Path) -> list[Taught]:
    """What is beside the batches: the intents' texts (text, intent, language), some of which are of a kind too; for
    opt-outs also the texts of danger, which speak of others who shall stop."""
    elsewhere = read_batches(DANGER, data) if lesson is not DANGER else []
    ours = [Taught(text, lesson.kind_of.get(intent), language, "") for text, intent, language in texts]
    return [*ours, *(replace(each, kind=None, batch="") for each in elsewhere)]


def train_hashed(lesson: Lesson, examples: Sequence[Taught], out: Path) -> None:
    """Write the model into the folder. The same examples give the same file, byte for byte."""
    trained = fit(lesson, examples)
    step = np.abs(trained.weights).max(axis=0) / _STEPS
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out / lesson.model,
        format=np.int32(FORMAT),
        rarity=trained.rarity.astype(np.float16),
        weights=np.rint(trained.weights / step).astype(np.int8),
        step=step.astype(np.float32),
        bias=trained.bias.astype(np.float32),
    )


def fit(lesson: Lesson, examples: Sequence[Taught]) -> Trained:
    """Learn every text twice, as written and as typed in a hurry: whether it is of any kind, and of which."""
    texts = [each.text for each in examples] + [noisy(each.text, each.language) for each in examples]
    said = [buckets(text) for text in texts]
    rarity = _rarity(said)
    rows = _weighted(said, rarity)
    kinds = np.array([each.kind or NONE for each in examples] * 2)
    counts = np.array([1.0 if each.batch else OTHERS_COUNT for each in examples] * 2)
    svms = [_svm().fit(rows, kinds != NONE, sample_weight=counts)]
    if len(lesson.kinds) > 1:
        told = (kinds != NONE) & (counts == 1.0)  # the intents do not tell every kind
        svms.append(_svm().fit(rows[told], kinds[told]))
    weights, bias = zip(*(_columns(svm, lesson.kinds) for svm in svms), strict=True)
    return Trained(rarity, np.vstack(weights).T * (rarity > 0)[:, None], np.concatenate(bias))


def _columns(svm: LinearSVC, kinds: Sequence[str]) -> tuple[Numbers, Numbers]:
    """The weights and the bias: of yes or no, or of each kind in its order."""
    classes = list(svm.classes_)
    order = [classes.index(kind) for kind in kinds] if len(svm.coef_) > 1 else [0]
    return svm.coef_[order], svm.intercept_[order]


def _svm() -> LinearSVC:
    return LinearSVC(C=STRICTNESS, tol=PRECISION, random_state=SEED)


def _rarity(said: Sequence[tuple[list[int], ...]]) -> Numbers:
    """The inverse document frequency of each bucket; 0 where it occurs in too few texts."""
    times = np.bincount([row for text in said for group in text for row in group], minlength=BUCKETS)
    rarity = np.log((1 + len(said)) / (1 + times)) + 1
    return np.where(times >= SEEN_IN, rarity, 0.0).astype(np.float16).astype(np.float64)


def _weighted(said: Sequence[tuple[list[int], ...]], rarity: Numbers) -> csr_matrix:
    """The buckets of each text as nlu.hashed weighs them: words and letters scaled each for themselves, then added."""
    groups = []
    for group in range(2):
        rows = [text[group] for text in said]
        places = np.array([row for text in rows for row in text], dtype=np.int64)
        ends = np.cumsum([0, *map(len, rows)])
        groups.append(normalize(csr_matrix((rarity[places], places, ends), shape=(len(rows), BUCKETS))))
    return (groups[0] + groups[1]).tocsr()
