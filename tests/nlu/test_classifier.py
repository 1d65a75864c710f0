"""The training data, and the classifier made from it."""

from __future__ import annotations

import json
import pickletools
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from nlu.classifier import WEIGHTS, WORDING, Classifier, load_classifier
from nlu.commands import command
from nlu.intents import INTENTS
from nlu.opt_words import opt_word
from nlu.phrases import DATA
from nlu.reading import read
from nlu.train import TrainReport, train
from nlu.understand import understand
from nlu.urgent import urgency

DANGER = {"emergency_medical", "crisis_self_harm", "safety_violence"}
SOME = ("choose_pmp", "faq_id_card", "faq_hours_contact", "check_reward", "greet", "out_of_scope")


def examples(language: str) -> dict[str, list[str]]:
    entries = YAML(typ="safe", pure=True).load(DATA / f"nlu_{language}.yml")["nlu"]
    return {entry["intent"]: [line[2:] for line in entry["examples"].splitlines()] for entry in entries}


TEXTS = {language: examples(language) for language in ("en", "es")}
EVERY = [(intent, text) for texts in TEXTS.values() for intent, group in texts.items() for text in group]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainReport]:
    """A model of a few intents: trained in a second."""
    data, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("model")
    for language, texts in TEXTS.items():
        lines = ["nlu:"]
        for intent in SOME:
            lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts[intent])]
        (data / f"nlu_{language}.yml").write_text("\n".join(lines), encoding="utf-8")
    return out, train(data, out)


@pytest.fixture(scope="module")
def classifier(trained: tuple[Path, TrainReport]) -> Classifier:
    return load_classifier(trained[0])


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_intent_has_a_dozen_different_texts_in_each_language(language: str) -> None:
    assert set(TEXTS[language]) == set(INTENTS)
    assert [intent for intent, texts in TEXTS[language].items() if len(set(texts)) < 12] == []


def test_no_text_stands_under_two_intents() -> None:
    owners: dict[str, set[str]] = {}
    for intent, text in EVERY:
        owners.setdefault(read(text).plain, set()).add(intent)
    assert {text: names for text, names in owners.items() if len(names) > 1} == {}


def test_the_crisis_list_agrees_with_the_training_data() -> None:
    """The list hears nearly every danger that the classifier was taught, and raises no alarm at anything else."""
    dangers = [text for intent, text in EVERY if intent in DANGER]
    missed = [text for text in dangers if urgency(read(text)) is None]
    false_alarms = [text for intent, text in EVERY if intent not in DANGER and urgency(read(text)) is not None]
    assert len(missed) <= len(dangers) / 20
    assert [] == false_alarms


def test_the_opt_out_list_agrees_with_the_training_data() -> None:
    """What the list does not hear of these, the classifier does (nlu/understand.py)."""
    outs = [text for intent, text in EVERY if intent == "opt_out"]
    missed = [text for text in outs if opt_word(read(text)) != "out"]
    false_alarms = [text for intent, text in EVERY if intent != "opt_out" and opt_word(read(text)) == "out"]
    assert len(missed) <= len(outs) / 10
    assert [] == false_alarms


def test_hardly_a_question_about_the_plan_is_taken_for_a_command() -> None:
    """ "Why do you want me to pick a doctor" may well be a WHY. Nobody's number is flagged for a question, though."""
    about_the_plan = [text for intent, text in EVERY if intent.startswith("faq_") or intent == "choose_pmp"]
    taken = [found for text in about_the_plan if (found := command(read(text), free_words=False))]
    assert len(taken) <= len(about_the_plan) / 500
    assert "wrong_number" not in taken


def test_nobody_is_flagged_as_a_wrong_number_who_does_not_say_so() -> None:
    said = [text for intent, text in EVERY if command(read(text), free_words=False) == "wrong_number"]
    meant = {text for intent, text in EVERY if intent == "wrong_number"}
    assert [] == [text for text in said if text not in meant]


def test_the_report_counts_what_was_trained_on(trained: tuple[Path, TrainReport]) -> None:
    report = trained[1]
    assert report.intents == len(SOME)
    assert report.texts == sum(len(texts[intent]) for texts in TEXTS.values() for intent in SOME)
    assert report.accuracy > 0.6  # six intents by chance: 0.17
    assert report.understood == pytest.approx(0.95, abs=0.01)  # what the threshold is chosen for


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("i lost my card", "faq_id_card"),
        ("quiero otro doctor", "choose_pmp"),
        ("where is my gift card?", "check_reward"),
        ("hola", "greet"),
    ],
)
def test_a_text_like_those_of_an_intent_ranks_it_first(classifier: Classifier, text: str, intent: str) -> None:
    ranked = classifier.rank(text)
    assert ranked[0][0] == intent
    assert [chance for _, chance in ranked] == sorted((chance for _, chance in ranked), reverse=True)
    assert sum(chance for _, chance in ranked) == pytest.approx(1.0, abs=1e-4)
    guess = classifier.guess(text)
    assert (guess.intent, guess.confidence) == (intent, pytest.approx(ranked[0][1]))


@pytest.mark.parametrize("text", ["", "🙂", "zzzz qqqq", "1" * 5000])
def test_a_text_of_unknown_words_has_no_intent_of_ours(classifier: Classifier, text: str) -> None:
    assert classifier.guess(text).intent in {None, "out_of_scope"}


def test_the_door_carries_the_intent(classifier: Classifier) -> None:
    understanding = understand("I lost my member card", None, "en", classifier)
    assert understanding.intent == "faq_id_card"
    assert understanding.confidence >= classifier.threshold
    assert understand("46204", None, "en", classifier).intent is None


def test_the_same_data_gives_the_same_model(trained: tuple[Path, TrainReport], tmp_path: Path) -> None:
    out, report = trained
    data = tmp_path / "data"
    data.mkdir()
    for language, texts in TEXTS.items():
        entries = [{"intent": intent, "examples": "".join(f"- {text}\n" for text in texts[intent])} for intent in SOME]
        (data / f"nlu_{language}.yml").write_text(json.dumps({"nlu": entries}), encoding="utf-8")
    again = train(data, tmp_path / "model")
    assert (again.texts, again.accuracy, again.threshold) == (report.texts, report.accuracy, report.threshold)
    for name in (WORDING, WEIGHTS):
        assert (tmp_path / "model" / name).read_bytes() == (out / name).read_bytes()


def test_the_model_holds_no_pickle(trained: tuple[Path, TrainReport]) -> None:
    with zipfile.ZipFile(trained[0] / WEIGHTS) as archive:
        for name in archive.namelist():
            with pytest.raises((ValueError, IndexError)):
                list(pickletools.genops(archive.read(name)))


def test_a_model_of_another_format_is_refused(trained: tuple[Path, TrainReport], tmp_path: Path) -> None:
    (tmp_path / WORDING).write_text('{"format": 0}', encoding="utf-8")
    with pytest.raises(ValueError, match="carestart train"):
        load_classifier(tmp_path)


def test_training_on_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no intents"):
        train(tmp_path, tmp_path / "out")


def test_understanding_needs_no_scikit_learn() -> None:
    """Training may be left out of an installation; nothing at run time imports it."""
    code = "import sys, nlu.understand; sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=DATA.parent.parent).returncode == 0
