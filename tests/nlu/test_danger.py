"""The danger model: what it hears, what it leaves alone, and what counts when it and the lists disagree."""

from __future__ import annotations

import pickletools
import zipfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from nlu.danger import AGREES, ALARM, KINDS, MODEL, PERHAPS, hear
from nlu.hashed import BUCKETS, HashedModel, load_hashed
from nlu.phrases import DATA
from nlu.reading import MAX_LENGTH, read
from nlu.train import read_examples
from nlu.train_hashed import DANGER, others, read_batches, train_hashed
from nlu.understand import understand
from nlu.understanding import Urgency
from nlu.urgent import urgency
from tests.nlu.classifiers import believing


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    beside = others(DANGER, ((each.text, each.intent, each.language) for each in read_examples(DATA)), DATA)
    train_hashed(DANGER, [*read_batches(DANGER, DATA), *beside], out)
    return out


@pytest.fixture(scope="module")
def model(trained: Path) -> HashedModel:
    loaded = load_hashed(trained / MODEL)
    assert loaded is not None
    return loaded


def scoring(score: float, kind: Urgency = "medical") -> HashedModel:
    """A model that gives every text this score, and takes it for this kind."""
    bias = np.array([score, *(1.0 if each == kind else 0.0 for each in KINDS)], dtype=np.float32)
    nothing = np.zeros(BUCKETS, dtype=np.float32)
    return HashedModel(nothing, np.zeros((BUCKETS, 1 + len(KINDS)), dtype=np.float32), bias)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("thinking of suicde", "self_harm"),
        ("he put a knife to my throat", "violence"),
        ("my toddler swallowed a bunch of my heart pills", "overdose"),
        ("grandma isnt making sense and half her mouth hangs down", "medical"),
        ("contractions 3 min apart", "labor"),
        ("mi esposo me amenazó con una pistola", "violence"),
        ("ya no quiero vivir", "self_harm"),
    ],
)
def test_danger_is_heard_and_named(model: HashedModel, text: str, kind: str) -> None:
    assert hear(read(text), model).urgent == kind


@pytest.mark.parametrize(
    "text",
    [
        *(
            "my chest pain last year",
            "dying to get my gift card",
            "my phone died",
            "no chest pain",
            "you guys are killing me",
        ),
        *(
            "never thought of suicide",
            "y",
            "15 i think",
            "blue",
            "Dr. Paine",
            "123 Kill Creek Rd",
            "my back is killing me lol",
        ),
        *("me muero de ganas de recibir mi tarjeta", "me muero de hambre", "tuve un infarto hace cinco años"),
    ],
)
def test_what_only_sounds_so_raises_no_alarm(model: HashedModel, text: str) -> None:
    assert hear(read(text), model).urgent is None


def test_what_the_model_hears_and_the_lists_do_not() -> None:
    text = read("something is off with the garden gate")
    assert urgency(text) is None
    assert hear(text, scoring(ALARM + 0.01, "violence")).urgent == "violence"
    unsure = hear(text, scoring(PERHAPS + 0.01))
    assert (unsure.urgent, unsure.perhaps) == (None, "medical")
    quiet = hear(text, scoring(PERHAPS - 0.01))
    assert (quiet.urgent, quiet.perhaps) == (None, None)


def test_what_the_lists_hear_is_never_passed_over() -> None:
    text = read("i want to kill myself")
    assert hear(text, scoring(AGREES + 0.01, "self_harm")).urgent == "self_harm"
    doubted = hear(text, scoring(AGREES - 5, "self_harm"))
    assert (doubted.urgent, doubted.perhaps) == (None, "self_harm")


def test_of_a_word_or_two_the_model_alone_makes_no_alarm() -> None:
    assert hear(read("blue gate"), scoring(1.0)).urgent is None
    assert hear(read("blue gate"), scoring(1.0)).perhaps == "medical"
    assert hear(read("suicide"), scoring(1.0, "self_harm")).urgent == "self_harm"


def test_without_a_model_the_lists_alone_count() -> None:
    heard = hear(read("chest pain"), None)
    assert (heard.urgent, heard.perhaps, heard.score) == ("medical", None, None)
    assert understand("chest pain", None, "en", believing(greet=0.9, out_of_scope=0.1)).urgent == "medical"


def test_a_missing_model_or_one_of_another_format_is_none(tmp_path: Path) -> None:
    assert load_hashed(tmp_path / MODEL) is None
    np.savez_compressed(tmp_path / MODEL, format=np.int32(0))
    assert load_hashed(tmp_path / MODEL) is None


def test_the_same_texts_give_the_same_model(tmp_path: Path) -> None:
    batch = [each for each in read_batches(DANGER, DATA) if each.batch == "fourth"]
    for name in ("one", "other"):
        train_hashed(DANGER, batch, tmp_path / name)
    assert (tmp_path / "one" / MODEL).read_bytes() == (tmp_path / "other" / MODEL).read_bytes()


def test_the_model_is_small_and_holds_no_pickle(trained: Path) -> None:
    assert (trained / MODEL).stat().st_size < 700_000
    with zipfile.ZipFile(trained / MODEL) as archive:
        for name in archive.namelist():
            with pytest.raises((ValueError, IndexError)):
                list(pickletools.genops(archive.read(name)))


def test_a_text_is_heard_in_a_fraction_of_a_millisecond(model: HashedModel) -> None:
    """The best of several, with room for a busy machine."""
    reading = read(
        "i need a doctor near me who speaks spanish and takes new patients because my daughter has asthma and"
    )
    longest = read("me no i want my baby is not having a chst pian and wlll nto brethe is on my " * 30)
    assert len(longest.text) <= MAX_LENGTH
    hear(longest, model)
    assert min(_seconds(reading.text, model) for _ in range(15)) < 0.001
    assert min(_seconds(longest.text, model) for _ in range(15)) < 0.005


def _seconds(text: str, model: HashedModel) -> float:
    start = perf_counter()
    model.scores(text)
    return perf_counter() - start


@pytest.mark.parametrize("text", ["", " ", "🙂", "no", "\u0000", "a" * 5000])
def test_any_string_is_scored(model: HashedModel, text: str) -> None:
    assert np.isfinite(model.scores(text)).all()
    assert hear(read(text), model).urgent is None


def test_what_speaks_for_danger_is_told(model: HashedModel) -> None:
    assert "suicide" in model.telling("thinking of suicde")


def test_no_text_of_danger_stands_twice() -> None:
    texts = [read(each.text).plain for each in read_batches(DANGER, DATA)]
    assert len(texts) >= 10_000
    assert len(set(texts)) == len(texts)
