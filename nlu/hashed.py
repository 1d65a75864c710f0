"""Linear models over hashed runs of words and letters: no vocabulary to keep, and serving is one sum.

Danger (nlu/danger.py) and the wish for no more texts (nlu/opt_out.py) are heard by one each, beside lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import sqrt
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nlu.reading import fold, normalise
from nlu.urgent import as_listed

FORMAT = 1
BUCKETS = 1 << 17  # rows of the weights; a feature's row is its hash
WORD_RUNS = (1, 2, 3)  # words in a row, the ends of the text among them
LETTER_RUNS = (3, 4, 5)  # letters in a row, inside one word with a space on either side
LONGEST = 600  # characters looked at


@dataclass(frozen=True, slots=True)
class HashedModel:
    """A trained model. Immutable; safe to share between threads."""

    rarity: NDArray[np.float32]  # of each bucket
    weights: NDArray[np.float32]  # bucket x (any of the kinds, then each kind where there are several)
    bias: NDArray[np.float32]

    def scores(self, text: str) -> NDArray[np.float32]:
        """The score of any of the kinds, then of each: which it would be if it were one. The higher, the surer."""
        total = self.bias.copy()
        for rows in buckets(text):
            values = self.rarity[rows]
            length = sqrt(float(values @ values))
            if length:
                total += (values @ self.weights[rows]) / length
        return total

    def telling(self, text: str) -> tuple[str, ...]:
        """The runs of words that speak for it, the strongest first; for people who look into it."""
        words = fold(normalise(text[:LONGEST])).split()
        runs = {name.removeprefix("w ") for name in chain(_word_runs(words), _word_runs(as_listed(words)))}
        weight = {run: self._speaks_for(f"w {run}") for run in runs}
        return tuple(sorted((run for run in runs if weight[run] > 0), key=lambda run: (-weight[run], run)))

    def _speaks_for(self, name: str) -> float:
        row = _row(name)
        return float(self.rarity[row] * self.weights[row, 0])


def load_hashed(file: Path) -> HashedModel | None:
    """Read what `nlu.train_hashed` wrote; None where there is none, or one of another format: the lists go on alone."""
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as arrays:
        if int(arrays["format"]) != FORMAT:
            return None
        return HashedModel(
            rarity=arrays["rarity"].astype(np.float32),
            weights=arrays["weights"].astype(np.float32) * arrays["step"],
            bias=arrays["bias"],
        )


def buckets(text: str) -> tuple[list[int], list[int]]:
    """The rows of the runs of words, as typed and as the lists read them, and of the runs of letters; each once."""
    words = fold(normalise(text[:LONGEST])).split()
    return _hashed(chain(_word_runs(words), _word_runs(as_listed(words)))), _hashed(letter_runs(words, LETTER_RUNS))


def _hashed(names: Iterable[str]) -> list[int]:
    return sorted({_row(name) for name in names})


def _row(name: str) -> int:
    return crc32(name.encode()) % BUCKETS


def _word_runs(words: Sequence[str]) -> Iterator[str]:
    ended = ["<", *words, ">"] if words else []
    for length in WORD_RUNS:
        for start in range(len(ended) - length + 1):
            yield "w " + " ".join(ended[start : start + length])


def letter_runs(words: list[str], lengths: Sequence[int]) -> Iterator[str]:
    """Letters in a row, inside one word with a space on either side."""
    for word in words:
        padded = f" {word} "
        for length in lengths:
            for start in range(len(padded) - length + 1):
                yield "c " + padded[start : start + length]
