"""How danger, or the wish for no more texts, is heard in texts of a hand not seen: train on all batches but one, test
on that.

    python scripts/heard_by_batch.py danger|opt_out [BATCH ...]

Nothing is written. The lists were mended by the batches of danger `first` to `eighth`, and by those of opt-outs `first`
to `fourth`: what they say of those flatters them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu import danger, opt_out
from nlu.hashed import HashedModel
from nlu.reading import Reading, read
from nlu.train import read_examples
from nlu.train_hashed import DANGER, OPT_OUT, Lesson, Taught, fit, others, read_batches

DATA = Path(__file__).parents[1] / "nlu" / "data"
LEVELS = (0.01, 0.02, 0.05, 0.10)  # of what only sounds so
EVERYDAY = "ordinary"  # a batch without any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a text."""

    sure: bool
    kind: str | None
    perhaps: bool
    listed: bool
    score: float


def of_danger(reading: Reading, model: HashedModel) -> Outcome:
    heard = danger.hear(reading, model)
    return Outcome(
        heard.urgent is not None, heard.urgent, heard.perhaps is not None, heard.listed is not None, heard.score or 0.0
    )


def of_opt_out(reading: Reading, model: HashedModel) -> Outcome:
    heard = opt_out.hear(reading, model)
    score = float(model.scores(reading.text)[0])
    return Outcome(heard.word == "out", heard.word, heard.out == "perhaps", heard.listed == "out", score)


ABOUT: dict[str, tuple[Lesson, Callable[[Reading, HashedModel], Outcome]]] = {
    "danger": (DANGER, of_danger),
    "opt_out": (OPT_OUT, of_opt_out),
}


def main(about: str, wanted: Sequence[str]) -> None:
    lesson, hear = ABOUT[about]
    batches = read_batches(lesson, DATA)
    beside = others(lesson, ((each.text, each.intent, each.language) for each in read_examples(DATA)), DATA)
    _say("batch | texts of it, likenesses | sure | or perhaps | right kind | lists alone | model at 1, 2, 5, 10 %")
    for batch in wanted or list(dict.fromkeys(each.batch for each in batches if each.batch != EVERYDAY)):
        model = _model(lesson, [*(each for each in batches if each.batch != batch), *beside])
        unseen = [(each, hear(read(each.text), model)) for each in batches if each.batch == batch]
        _say(f"{batch} | " + " | ".join(_figures(unseen)))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _model(lesson: Lesson, examples: Sequence[Taught]) -> HashedModel:
    trained = fit(lesson, examples)
    return HashedModel(*(part.astype(np.float32) for part in (trained.rarity, trained.weights, trained.bias)))


def _figures(taken: Sequence[tuple[Taught, Outcome]]) -> Iterator[str]:
    seen = [outcome for each, outcome in taken if each.kind is not None]
    none = [outcome for each, outcome in taken if each.kind is None]
    yield f"{len(seen)}, {len(none)}"
    yield _pair([each.sure for each in seen], [each.sure for each in none])
    yield _pair([each.sure or each.perhaps for each in seen], [each.sure or each.perhaps for each in none])
    yield f"{100 * np.mean([outcome.kind == each.kind for each, outcome in taken if each.kind and outcome.sure]):.1f}"
    yield _pair([each.listed for each in seen], [each.listed for each in none])
    quiet = sorted((each.score for each in none), reverse=True)
    levels = [quiet[min(len(quiet) - 1, int(level * len(quiet)))] for level in LEVELS]
    yield ", ".join(f"{100 * np.mean([each.score > level for each in seen]):.1f}" for level in levels)


def _pair(seen: list[bool], false: list[bool]) -> str:
    """Percent of the texts of it, and of the likenesses."""
    return f"{100 * np.mean(seen):.1f} / {100 * np.mean(false):.1f}"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
