"""The classifier as it is served."""

from __future__ import annotations

from pathlib import Path

from nlu.classifier import load_classifier
from nlu.intents import INTENTS
from nlu.phrases import DATA

MODEL = DATA.parent / "model"


def test_the_whole_model_knows_every_intent_and_is_small(sample: Path) -> None:
    """`sample` has seen to it that it is trained from the data that is there now."""
    assert (sample / "keys.json").exists()
    assert set(load_classifier(MODEL).intents) == set(INTENTS)
    assert sum(file.stat().st_size for file in MODEL.iterdir()) < 5_000_000
