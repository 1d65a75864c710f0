"""The held-out texts were written apart: none of them stands where understanding was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from nlu.reading import fold, normalise
from nlu.train_hashed import LESSONS, read_batches

HERE = Path(__file__).parent
HELD_OUT = HERE / "held_out"
DATA = HERE.parents[1] / "nlu" / "data"


def plain(text: str) -> str:
    return " ".join(fold(normalise(text)).split())


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HELD_OUT / f"{name}.jsonl").read_text("utf-8").splitlines()]


def trained_on() -> Iterator[str]:
    for file in sorted(DATA.glob("nlu_*.yml")):
        for entry in YAML(typ="safe", pure=True).load(file)["nlu"]:
            yield from (line.strip().removeprefix("- ") for line in entry["examples"].splitlines())
    for lesson in LESSONS:
        yield from (each.text for each in read_batches(lesson, DATA))


@pytest.mark.parametrize("name", ["understanding", "danger", "opt"])
def test_no_held_out_text_stands_in_the_training_data(name: str) -> None:
    known = {plain(text) for text in trained_on()}
    assert [] == [line["text"] for line in lines(name) if plain(line["text"]) in known]


def test_there_are_as_many_as_a_figure_needs() -> None:
    by_language = [line["lang"] for line in lines("understanding")]
    assert by_language.count("en") >= 400 and by_language.count("es") >= 250
    urgent = [bool(line["urgent"]) for line in lines("danger")]
    assert urgent.count(True) >= 300 and urgent.count(False) >= 300
    outs = [line["opt"] for line in lines("opt")]
    assert outs.count("out") >= 150 and outs.count(None) >= 150
