"""Danger, heard in two ways: by lists that people can review, and by a linear model taught with texts of many hands.

The lists (nlu/urgent.py) do not hear what nobody thought of; the model hears more. An alarm is raised where it is
sure, or where the lists hear danger and the model does not clearly say no. What is less than that, but not nothing, is
`perhaps`: the member is told whom to call. Whatever the lists hear is at least that. Without a model the lists alone
count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np

from nlu.hashed import HashedModel
from nlu.reading import Reading
from nlu.understanding import Urgency
from nlu.urgent import urgency

MODEL = "danger.npz"
KINDS: tuple[Urgency, ...] = get_args(Urgency)
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


def hear(reading: Reading, model: HashedModel | None) -> Heard:
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
