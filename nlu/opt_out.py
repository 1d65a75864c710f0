"""The wish for no more texts, heard in two ways, like danger: by lists that people can review, and by a linear model.

Any reasonable wording counts (47 CFR 64.1200(a)(10)), and the lists (nlu/opt_words.py) do not hear what nobody thought
of. A member is opted out where the model is sure, or where the lists hear it and the model does not clearly say no.
What is less than that, but not nothing, is "perhaps": the member is told how. Of a word or two, and without a model,
the lists alone count; so a word of the law alone always opts out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nlu.hashed import HashedModel
from nlu.opt_words import opt_word
from nlu.reading import Reading
from nlu.understanding import OptWord

MODEL = "opt_out.npz"
FEW_WORDS = 2  # so few are an answer, or on the lists

# Scores of the model, chosen by batches it had not seen (docs/benchmarks.md). The margin of the SVM is from -1 to 1.
SURE = -0.3  # from here on the model alone opts out
AGREES = -0.8  # from here on it does when the lists hear the wish too
CERTAIN = 0.0  # from here on it does even where the classifier takes the text for START or HELP
PERHAPS = -0.6  # from here on the member is told how


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard about receiving texts, and by whom."""

    out: Literal["sure", "perhaps"] | None
    listed: OptWord | None  # what the lists alone hear
    score: float | None  # the model's: the higher, the surer; None where only the lists count

    @property
    def certain(self) -> bool:
        """Nothing the classifier may make of the text counts against it."""
        return self.listed is not None or self.score is None or self.score >= CERTAIN

    @property
    def word(self) -> OptWord | None:
        """What is acted on."""
        if self.out == "sure":
            return "out"
        return None if self.listed == "out" else self.listed


NOTHING = Heard(None, None, None)


def hear(reading: Reading, model: HashedModel | None) -> Heard:
    """What the lists and the model together make of a text. Never raises."""
    listed = opt_word(reading)
    if model is None or len(reading.words) <= FEW_WORDS or listed in ("in", "help"):
        return Heard("sure" if listed == "out" else None, listed, None)
    score = float(model.scores(reading.text)[0])
    if score >= SURE or (listed == "out" and score >= AGREES):
        return Heard("sure", listed, score)
    return Heard("perhaps" if listed == "out" or score >= PERHAPS else None, listed, score)
