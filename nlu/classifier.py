"""Which intent a text has: a linear model over words and letter groups, run with numpy alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import log, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.reading import fold, normalise

WEIGHTS, WORDING = "classifier.npz", "classifier.json"
WORD_RUNS = (1, 2)  # words in a row
LETTER_RUNS = (2, 3, 4, 5)  # letters in a row, inside one word with a space on either side
LONGEST = 400  # characters looked at: an intent is clear by then
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained model. Immutable; safe to share between threads."""

    intents: tuple[str, ...]
    vocabulary: dict[str, int]  # feature -> row
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]  # feature x intent
    bias: NDArray[np.float32]
    sharpness: float  # turns scores into probabilities; fitted on texts held out
    threshold: float  # a probability below it is no understanding
    margin: float  # nor is a lead smaller than this over the next intent

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Every intent with its probability, the likeliest first."""
        chances = self._chances(text)
        return [(self.intents[place], float(chances[place])) for place in np.argsort(-chances, kind="stable")]

    def best(self, text: str) -> tuple[str | None, float]:
        """The intent and its probability; None when unsure."""
        chances = self._chances(text)
        place = int(chances.argmax())
        chance = float(chances[place])
        chances[place] = 0.0
        sure = chance >= self.threshold and chance - float(chances.max()) >= self.margin
        return (self.intents[place] if sure else None), chance

    def _chances(self, text: str) -> NDArray[np.float32]:
        scores = self.bias.copy()
        for counts in features(text):  # words and letter groups are each scaled to length 1, as in training
            known = [(row, count) for name, count in counts.items() if (row := self.vocabulary.get(name)) is not None]
            if known:
                rows = np.array([row for row, _ in known])
                values = self.idf[rows] * np.array([_dampened(count) for _, count in known], dtype=np.float32)
                scores += (values @ self.weights[rows]) / sqrt(float(values @ values))
        odds = np.exp((scores - scores.max()) * np.float32(self.sharpness))
        return np.asarray(odds / odds.sum(), dtype=np.float32)


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
    )


def features(text: str) -> tuple[dict[str, int], dict[str, int]]:
    """How often each run of words ("w ") and each run of letters ("c ") occurs in the text."""
    words = fold(normalise(text[:LONGEST])).split()
    return _counted(_word_runs(words)), _counted(_letter_runs(words))


def _counted(names: Iterator[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _word_runs(words: list[str]) -> Iterator[str]:
    for length in WORD_RUNS:
        for start in range(len(words) - length + 1):
            yield "w " + " ".join(words[start : start + length])


def _letter_runs(words: list[str]) -> Iterator[str]:
    for word in words:
        padded = f" {word} "
        for length in LETTER_RUNS:
            for start in range(len(padded) - length + 1):
                yield "c " + padded[start : start + length]
