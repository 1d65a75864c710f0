"""Which intent a text has: a linear model over words, letter groups and concepts, run with numpy alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import log, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.concepts import concepts
from nlu.danger import MODEL as DANGER
from nlu.hashed import HashedModel, letter_runs, load_hashed
from nlu.intents import OUT_OF_SCOPE
from nlu.opt_out import MODEL as OPT_OUT
from nlu.reading import fold, normalise

WEIGHTS, WORDING = "classifier.npz", "classifier.json"
WORD_RUNS = (1, 2)  # words in a row
LETTER_RUNS = (2, 3, 4, 5)  # letters in a row, inside one word with a space on either side
SHARES = (1.0, 1.0, 0.6)  # how much words, letters and concepts count beside each other
MOST_CONCEPTS = 8  # paired with one another
LONGEST = 400  # characters looked at: an intent is clear by then
PLAUSIBLE = 0.1  # a likeliest intent less probable than that is no intent
MOST_BETWEEN = 3  # intents a member is asked to choose from
FORMAT = 2


@dataclass(frozen=True, slots=True)
class Guess:
    """What the classifier makes of a text. No intent: unsure; `between` then holds what it may be, where that helps."""

    intent: str | None
    confidence: float  # of the likeliest intent
    between: tuple[str, ...] = ()  # two or three intents, the likeliest first; never out_of_scope


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained model. Immutable; safe to share between threads."""

    intents: tuple[str, ...]
    vocabulary: dict[str, int]  # feature -> row
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]  # feature x intent
    bias: NDArray[np.float32]
    sharpness: float  # turns scores into probabilities; fitted on texts held out
    threshold: float  # a text that belongs less (see `belonging`) is out of scope
    margin: float  # a lead smaller than this over the next intent is no choice
    danger: HashedModel | None = None  # trained beside it; without it the crisis lists are alone
    opt_out: HashedModel | None = None  # so too

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Every intent with its probability, the likeliest first."""
        chances = self._chances(text)
        return [(self.intents[place], float(chances[place])) for place in np.argsort(-chances, kind="stable")]

    def guess(self, text: str) -> Guess:
        """What to make of a text, whatever it is."""
        ranked = self.rank(text)
        likeliest, confidence = ranked[0]
        if likeliest == OUT_OF_SCOPE:
            return Guess(OUT_OF_SCOPE, confidence)
        if belonging(dict(ranked)) < self.threshold or confidence < PLAUSIBLE:
            return Guess(None, confidence)
        near = [intent for intent, chance in ranked if confidence - chance < self.margin and intent != OUT_OF_SCOPE]
        if len(near) == 1:
            return Guess(likeliest, confidence)
        return Guess(None, confidence, tuple(near[:MOST_BETWEEN]))

    def _chances(self, text: str) -> NDArray[np.float32]:
        scores = self.bias.copy()
        for counts, share in zip(features(text), SHARES, strict=True):  # each is scaled to its share, as in training
            known = [(row, count) for name, count in counts.items() if (row := self.vocabulary.get(name)) is not None]
            if known:
                rows = np.array([row for row, _ in known])
                values = self.idf[rows] * np.array([_dampened(count) for _, count in known], dtype=np.float32)
                scores += (values @ self.weights[rows]) * (share / sqrt(float(values @ values)))
        odds = np.exp((scores - scores.max()) * np.float32(self.sharpness))
        return np.asarray(odds / odds.sum(), dtype=np.float32)


def belonging(chances: Mapping[str, float]) -> float:
    """How much likelier than out of scope a text's likeliest intent is: from 0, surely not ours, to 1."""
    inside = max(chance for intent, chance in chances.items() if intent != OUT_OF_SCOPE)
    return inside / (inside + chances.get(OUT_OF_SCOPE, 0.0))


def _dampened(count: int) -> float:
    return 1.0 if count == 1 else 1.0 + log(count)


def load_classifier(path: Path) -> Classifier:
    """Read what `nlu.train.train` wrote into the folder. Raises FileNotFoundError, or ValueError for another format."""
    wording = json.loads((path / WORDING).read_text(encoding="utf-8"))
    if wording.get("format") != FORMAT:
        raise ValueError(f"{path / WORDING}: not a classifier of format {FORMAT}; run `carestart train`")
    with np.load(path / WEIGHTS, allow_pickle=False) as arrays:
        weights = arrays["weights"].astype(np.float32)
        idf = arrays["idf"].astype(np.float32)
        bias = arrays["bias"].astype(np.float32)
    return Classifier(
        intents=tuple(wording["intents"]),
        vocabulary={feature: row for row, feature in enumerate(wording["features"])},
        idf=idf,
        weights=weights,
        bias=bias,
        sharpness=wording["sharpness"],
        threshold=wording["threshold"],
        margin=wording["margin"],
        danger=load_hashed(path / DANGER),
        opt_out=load_hashed(path / OPT_OUT),
    )


def features(text: str) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """How often each run of words ("w "), each run of letters ("c ") and each concept or pair of them ("k ") occurs."""
    words = fold(normalise(text[:LONGEST])).split()
    return _counted(_word_runs(words)), _counted(letter_runs(words, LETTER_RUNS)), _counted(_concept_pairs(words))


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _word_runs(words: list[str]) -> Iterator[str]:
    for length in WORD_RUNS:
        for start in range(len(words) - length + 1):
            yield "w " + " ".join(words[start : start + length])


def _concept_pairs(words: list[str]) -> Iterator[str]:
    about = sorted(concepts(words))
    for concept in about:
        yield "k " + concept
    for pair in combinations(about[:MOST_CONCEPTS], 2):
        yield "k " + " ".join(pair)
