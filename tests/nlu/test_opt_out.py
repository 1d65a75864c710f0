"""The opt-out model: what it hears, what it leaves alone, and what counts when it and the lists disagree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlu.hashed import BUCKETS, HashedModel, load_hashed
from nlu.intents import one_intent
from nlu.opt_out import AGREES, CERTAIN, FEW_WORDS, MODEL, PERHAPS, SURE, hear
from nlu.opt_words import opt_word
from nlu.phrases import DATA
from nlu.reading import read
from nlu.train import read_examples
from nlu.train_hashed import OPT_OUT, others, read_batches, train_hashed
from nlu.understand import understand
from nlu.understanding import AnswerKind, OptWord, Value
from tests.nlu import questions as q
from tests.nlu.classifiers import believing

UNLISTED = "something is off with the garden gate"
LISTED = "please stop texting me about this"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    beside = others(OPT_OUT, ((each.text, each.intent, each.language) for each in read_examples(DATA)), DATA)
    train_hashed(OPT_OUT, [*read_batches(OPT_OUT, DATA), *beside], out)
    return out


@pytest.fixture(scope="module")
def model(trained: Path) -> HashedModel:
    loaded = load_hashed(trained / MODEL)
    assert loaded is not None
    return loaded


def scoring(score: float) -> HashedModel:
    """A model that gives every text this score."""
    nothing = np.zeros((BUCKETS, 1), dtype=np.float32)
    return HashedModel(nothing[:, 0], nothing, np.array([score], dtype=np.float32))


def meant(text: str, score: float, kind: AnswerKind | None = None) -> tuple[OptWord | None, str]:
    classifier = replace(believing(out_of_scope=0.9, greet=0.1), opt_out=scoring(score))
    meaning = understand(text, q.expecting(kind) if kind else None, "en", classifier)
    return meaning.opt, one_intent(meaning)


@pytest.mark.parametrize(
    "text",
    [
        "i am done hearing from this number so knock it off",
        "plz dont be sending these to my phone no more",
        "yall need to quit blowing up my phone",
        "ya no quiero que me lleguen sus mensajes",
        "hagan el favor de no mandarme nada mas a este celular",
    ],
)
def test_a_wish_for_silence_is_heard(model: HashedModel, text: str) -> None:
    assert hear(read(text), model).word == "out"


@pytest.mark.parametrize(
    "text",
    [
        "can you text me instead of mailing",
        "i want to stop smoking for good",
        "my old doctor stopped taking my plan",
        "i need a doctor near me who speaks spanish",
        "did you stop by the clinic already",
        "cancelen mi cita con el doctor por favor",
        "no quiero cambiar de doctor",
        "prefiero que me manden mensajes de texto",
    ],
)
def test_what_only_sounds_so_opts_nobody_out(model: HashedModel, text: str) -> None:
    assert hear(read(text), model).word is None


def test_what_the_model_hears_and_the_lists_do_not() -> None:
    assert opt_word(read(UNLISTED)) is None
    assert meant(UNLISTED, SURE + 0.01) == ("out", "opt_out")
    assert meant(UNLISTED, SURE - 0.01) == (None, "opt_out"), "the member is told how"
    assert meant(UNLISTED, PERHAPS - 0.01)[1] == "out_of_scope"


def test_a_matter_the_classifier_knows_counts_more_than_a_doubtful_wish() -> None:
    knowing = replace(believing(greet=0.9, out_of_scope=0.1), opt_out=scoring(SURE - 0.01))
    assert one_intent(understand(UNLISTED, None, "en", knowing)) == "greet"


def test_start_in_other_words_counts_more_than_a_wish_that_is_not_certain() -> None:
    for score, opt in ((CERTAIN - 0.01, "in"), (CERTAIN + 0.01, "out")):
        starting = replace(believing(opt_in=0.9, out_of_scope=0.1), opt_out=scoring(score))
        assert understand(UNLISTED, None, "en", starting).opt == opt


def test_what_the_lists_hear_is_never_passed_over() -> None:
    assert opt_word(read(LISTED)) == "out"
    assert meant(LISTED, AGREES + 0.01) == ("out", "opt_out")
    assert meant(LISTED, AGREES - 5) == (None, "opt_out")


@pytest.mark.parametrize("text", ["STOP", "Stop!", "opt out", "cancel please", "please stop", "STOP GA"])
def test_a_word_of_the_law_alone_opts_out_whatever_the_model_says(text: str) -> None:
    assert meant(text, -9.0) == ("out", "opt_out")


def test_of_a_word_or_two_only_the_lists_count() -> None:
    text = " ".join(UNLISTED.split()[:FEW_WORDS])
    assert meant(text, 9.0) == (None, "out_of_scope")


@pytest.mark.parametrize("kind", ["text", "name", "address", "provider_search"])
def test_where_free_words_are_asked_for_only_the_lists_count(kind: AnswerKind) -> None:
    assert meant(UNLISTED, 9.0, kind)[0] is None
    assert meant(LISTED, -9.0, kind)[0] == "out"


def test_an_answer_is_no_wish_for_silence() -> None:
    classifier = replace(believing(greet=0.9, out_of_scope=0.1), opt_out=scoring(9.0))
    meaning = understand("the second one please", q.CHANNEL, "en", classifier)
    assert (meaning.opt, meaning.answer) == (None, Value("email"))


def test_start_and_help_are_the_lists_alone() -> None:
    assert meant("start texting me again", 9.0)[0] == "in"
    assert meant("ayuda por favor gracias", 9.0)[0] == "help"


def test_without_a_model_the_lists_alone_count() -> None:
    assert hear(read(LISTED), None).word == "out"
    assert hear(read(UNLISTED), None).out is None


def test_a_classifier_that_is_sure_of_an_opt_out_only_tells_how() -> None:
    meaning = understand(UNLISTED, None, "en", believing(opt_out=0.99, out_of_scope=0.01))
    assert (meaning.opt, one_intent(meaning)) == (None, "opt_out")


def test_the_model_is_small(trained: Path) -> None:
    assert (trained / MODEL).stat().st_size < 250_000


def test_no_text_stands_twice() -> None:
    texts = [read(each.text).plain for each in read_batches(OPT_OUT, DATA)]
    assert len(texts) >= 2_900
    assert len(set(texts)) == len(texts)
