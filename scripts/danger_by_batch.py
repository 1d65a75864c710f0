"""How danger is heard in texts of a hand not seen: train on all batches of danger.yml but one, test on that.

    python scripts/danger_by_batch.py [BATCH ...]

Nothing is written. The lists were mended by the batches `first` to `eighth`: what they say of those flatters them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from nlu.danger import DangerModel, Heard, hear
from nlu.reading import read
from nlu.train import read_examples
from nlu.train_danger import DangerExample, fit, of_intents, read_batches

DATA = Path(__file__).parents[1] / "nlu" / "data"
LEVELS = (0.01, 0.02, 0.05, 0.10)  # false alarms


def main(wanted: Sequence[str]) -> None:
    batches = read_batches(DATA)
    others = of_intents((each.text, each.intent, each.language) for each in read_examples(DATA))
    _say(
        "batch | dangers, likenesses | alarm | with numbers to call | right kind | lists alone | model at 1, 2, 5, 10 %"
    )
    for batch in wanted or list(dict.fromkeys(each.batch for each in batches if each.batch != "ordinary")):
        unseen = [each for each in batches if each.batch == batch]
        model = _model([*(each for each in batches if each.batch != batch), *others])
        _say(f"{batch} | " + " | ".join(_figures([(each, hear(read(each.text), model)) for each in unseen])))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _model(examples: Sequence[DangerExample]) -> DangerModel:
    trained = fit(examples)
    return DangerModel(*(part.astype(np.float32) for part in (trained.rarity, trained.weights, trained.bias)))


def _figures(taken: Sequence[tuple[DangerExample, Heard]]) -> Iterator[str]:
    dangers = [(each, heard) for each, heard in taken if each.kind is not None]
    none = [heard for each, heard in taken if each.kind is None]
    seen = [heard for _, heard in dangers]
    yield f"{len(seen)}, {len(none)}"
    yield _pair([h.urgent is not None for h in seen], [h.urgent is not None for h in none])
    yield _pair([bool(h.urgent or h.perhaps) for h in seen], [bool(h.urgent or h.perhaps) for h in none])
    alarms = [h.urgent == each.kind for each, h in dangers if h.urgent is not None]
    yield f"{100 * np.mean(alarms):.1f}"
    yield _pair([h.listed is not None for h in seen], [h.listed is not None for h in none])
    quiet = sorted((heard.score or 0.0 for heard in none), reverse=True)
    levels = [quiet[min(len(quiet) - 1, int(level * len(quiet)))] for level in LEVELS]
    yield ", ".join(f"{100 * np.mean([(h.score or 0.0) > level for h in seen]):.1f}" for level in levels)


def _pair(seen: list[bool], false: list[bool]) -> str:
    """Percent of the dangers, and of the likenesses."""
    return f"{100 * np.mean(seen):.1f} / {100 * np.mean(false):.1f}"


if __name__ == "__main__":
    main(sys.argv[1:])
