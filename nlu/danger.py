"""Danger, heard in two ways: by lists that people can review, and by a linear model taught with texts of many hands.

The lists (nlu/urgent.py) do not hear what nobody thought of; the model hears more. An alarm is raised where it is
sure, or where the lists hear danger and the model does not clearly say no. What is less than that, but not nothing, is
`perhaps`: the member is told whom to call. Whatever the lists hear is at least that. Without a model the lists alone
count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import sqrt
from pathlib import Path
from typing import get_args
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nlu.reading import Reading, fold, normalise
from nlu.understanding import Urgency
from nlu.urgent import as_listed, urgency

MODEL = "danger.npz"
FORMAT = 1
KINDS: tuple[Urgency, ...] = get_args(Urgency)  # columns of the weights, after the first: danger of any kind
BUCKETS = 1 << 17  # rows of the weights; a feature's row is its hash
WORD_RUNS = (1, 2, 3)  # words in a row, the ends of the text among them
LETTER_RUNS = (3, 4, 5)  # letters in a row, inside one word with a space on either side
LONGEST = 600  # characters looked at
FEW_WORDS = 2  # so few are an answer, or on the lists: the model alone raises no alarm at them

# Scores of the model, chosen by batches it had not seen (docs/benchmarks.md). The margin of the SVM is from -1 to 1.
ALARM = 0.1  # from here on the model alone raises the alarm
AGREES = -0.3  # from here on it does when the lists hear danger too
PERHAPS = -0.3  # from here on the member is told whom to call


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of danger, and by whom. `urgent` and `perhaps` are never both set."""

    urgent: Urgency | None
    perhaps: Urgency | None
    listed: Urgency | None  # what the lists alone hear
    score: float | None  # the model's: the higher, the surer; None without a model


@dataclass(frozen=True, slots=True)
class DangerModel:
    """A trained model. Immutable; safe to share between threads."""

    rarity: NDArray[np.float32]  # of each bucket
    weights: NDArray[np.float32]  # bucket x (danger, then each kind)
    bias: NDArray[np.float32]

    def scores(self, text: str) -> NDArray[np.float32]:
        """The score of danger, then of each kind: which it would be if it were danger."""
        total = self.bias.copy()
        for rows in buckets(text):
            values = self.rarity[rows]
            length = sqrt(float(values @ values))
            if length:
                total += (values @ self.weights[rows]) / length
        return total


def hear(reading: Reading, model: DangerModel | None) -> Heard:
    """What the lists and the model together make of a text. Never raises."""
    listed = urgency(reading)
    if model is None:
        return Heard(listed, None, listed, None)
    danger, *kinds = model.scores(reading.text).tolist()
    kind = KINDS[int(np.argmax(kinds))]
    sure = danger >= ALARM and len(reading.words) > FEW_WORDS
    if sure or (listed is not None and danger >= AGREES):
        return Heard(kind, None, listed, danger)
    return Heard(None, kind if listed is not None or danger >= PERHAPS else None, listed, danger)


def features_heard(text: str, model: DangerModel) -> tuple[str, ...]:
    """The runs of words that speak for danger, the strongest first; for people who look into it."""
    words = fold(normalise(text[:LONGEST])).split()
    runs = {name.removeprefix("w ") for name in chain(_word_runs(words), _word_runs(as_listed(words)))}
    weight = {run: _speaks_for(f"w {run}", model) for run in runs}
    return tuple(sorted((run for run in runs if weight[run] > 0), key=lambda run: (-weight[run], run)))


def _speaks_for(name: str, model: DangerModel) -> float:
    row = _row(name)
    return float(model.rarity[row] * model.weights[row, 0])


def load_danger(folder: Path) -> DangerModel | None:
    """Read what `nlu.train_danger` wrote into the folder; None where there is none, or one of another format: the lists
    go on alone."""
    file = folder / MODEL
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as arrays:
        if int(arrays["format"]) != FORMAT:
            return None
        return DangerModel(
            rarity=arrays["rarity"].astype(np.float32),
            weights=arrays["weights"].astype(np.float32) * arrays["step"],
            bias=arrays["bias"],
        )


def buckets(text: str) -> tuple[list[int], list[int]]:
    """The rows of the runs of words, as typed and as the lists read them, and of the runs of letters; each once."""
    words = fold(normalise(text[:LONGEST])).split()
    return _hashed(chain(_word_runs(words), _word_runs(as_listed(words)))), _hashed(_letter_runs(words))


def _hashed(names: Iterable[str]) -> list[int]:
    return sorted({_row(name) for name in names})


def _row(name: str) -> int:
    return crc32(name.encode()) % BUCKETS


def _word_runs(words: Sequence[str]) -> Iterator[str]:
    ended = ["<", *words, ">"] if words else []
    for length in WORD_RUNS:
        for start in range(len(ended) - length + 1):
            yield "w " + " ".join(ended[start : start + length])


def _letter_runs(words: list[str]) -> Iterator[str]:
    for word in words:
        padded = f" {word} "
        for length in LETTER_RUNS:
            for start in range(len(padded) - length + 1):
                yield "c " + padded[start : start + length]
