"""The plain baseline: a text means what the training text nearest to it means, by rapidfuzz."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz, process

from nlu.intents import OUT_OF_SCOPE
from nlu.reading import read


@dataclass(frozen=True, slots=True)
class Nearest:
    """The training texts, folded, each with its intent."""

    texts: list[str]
    intents: list[str]

    def guess(self, text: str) -> tuple[str, float]:
        """The intent of the nearest text, and how much the text belongs: its likeness, 0 if that is out of scope."""
        found = process.extractOne(read(text).plain, self.texts, scorer=fuzz.token_sort_ratio)
        intent = self.intents[found[2]]
        return intent, 0.0 if intent == OUT_OF_SCOPE else found[1] / 100


def nearest(examples: list[tuple[str, str]]) -> Nearest:
    """A baseline of (text, intent) pairs."""
    return Nearest([read(text).plain for text, _ in examples], [intent for _, intent in examples])
