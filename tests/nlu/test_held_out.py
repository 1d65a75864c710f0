"""The held-out texts were written apart: none of them stands where understanding was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from nlu.reading import fold, normalise
from nlu.train_danger import read_batches

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
    yield from (each.text for each in read_batches(DATA))


def written_for_the_lists(kind: str) -> Iterator[str]:
    """The texts by which the opt-out lists were made; those of danger are training data."""

    def texts(node: Any) -> Iterator[str]:
        if isinstance(node, str):
            yield from node.splitlines()
        elif isinstance(node, dict):
            for each in node.values():
                yield from texts(each)
        elif isinstance(node, list):
            for each in node:
                yield from texts(each)

    for file in sorted((HERE / "safety").glob(f"{kind}_*.yml")):
        yield from texts(YAML(typ="safe", pure=True).load(file))


@pytest.mark.parametrize("name", ["understanding", "danger", "opt"])
def test_no_held_out_text_stands_in_the_training_data(name: str) -> None:
    known = {plain(text) for text in trained_on()}
    assert [] == [line["text"] for line in lines(name) if plain(line["text"]) in known]


@pytest.mark.parametrize("name", ["opt"])
def test_no_held_out_text_was_one_the_lists_were_made_by(name: str) -> None:
    known = {plain(text) for text in written_for_the_lists(name)}
    assert [] == [line["text"] for line in lines(name) if plain(line["text"]) in known]


def test_there_are_as_many_as_a_figure_needs() -> None:
    by_language = [line["lang"] for line in lines("understanding")]
    assert by_language.count("en") >= 400 and by_language.count("es") >= 250
    urgent = [bool(line["urgent"]) for line in lines("danger")]
    assert urgent.count(True) >= 300 and urgent.count(False) >= 300
