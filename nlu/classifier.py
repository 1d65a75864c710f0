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
OUT_OF_SCOPE = "out_of_scope"
WORD_GROUPS = (1, 2)  # words in a row
LETTER_GROUPS = (2, 3, 4, 5)  # letters in a row, inside one word with a space on either side
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
        scores = self.bias + self._weigh(features(text))
        odds = np.exp((scores - scores.max()) * self.sharpness)
        chances = odds / odds.sum()
        return [(self.intents[place], float(chances[place])) for place in np.argsort(-chances, kind="stable")]

    def best(self, text: str) -> tuple[str | None, float]:
        """The intent and its probability; None when unsure, or when the text is about nothing of ours."""
        (intent, chance), (_, next_chance), *_ = self.rank(text)
        sure = chance >= self.threshold and chance - next_chance >= self.margin
        return (intent if sure else None), chance

    def _weigh(self, counts: dict[str, int]) -> NDArray[np.float32]:
        """Words and letter groups are each scaled to length 1, as in training."""
        total = np.zeros(len(self.intents), dtype=np.float32)
        for group in ("w ", "c "):
            known = [
                (self.vocabulary[name], count)
                for name, count in counts.items()
                if name.startswith(group) and name in self.vocabulary
            ]
            if not known:
                continue
            rows = np.array([row for row, _ in known])
            values = np.array([1.0 + log(count) for _, count in known], dtype=np.float32) * self.idf[rows]
            total += (values / sqrt(float(values @ values))) @ self.weights[rows]
        return total


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


def features(text: str) -> dict[str, int]:
    """How often each group of words ("w ") and letters ("c ") occurs in the text."""
    counts: dict[str, int] = {}
    for feature in _groups(fold(normalise(text[:LONGEST])).split()):
        counts[feature] = counts.get(feature, 0) + 1
    return counts


def _groups(words: list[str]) -> Iterator[str]:
    for length in WORD_GROUPS:
        for start in range(len(words) - length + 1):
            yield "w " + " ".join(words[start : start + length])
    for word in words:
        padded = f" {word} "
        for length in LETTER_GROUPS:
            for start in range(max(1, len(padded) - length + 1)):
                yield "c " + padded[start : start + length]
