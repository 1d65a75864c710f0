"""`carestart bench understanding` counts what it should, and takes any file of the same form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from nlu.intents import INTENTS
from webhooks.bench.failure import BenchFailed
from webhooks.bench.understanding_judged import Judged, Side
from webhooks.bench.understanding_lines import (
    AnswerLine,
    DangerLine,
    IntentLine,
    Line,
    OptLine,
    held_out_files,
    read_lines,
)
from webhooks.bench.understanding_measures import confusions, measures
from webhooks.bench.understanding_report import Confusion, Figure, Measure, UnderstandingReport
from webhooks.commands.bench import bench

TRAINING = {
    "faq_id_card": "i lost my card|where is my card|need a new id card|card never came|mail me a card|my card is gone",
    "choose_pmp": "i want a doctor|find me a doctor|change my doctor|pick a new doctor|doctor near me|new doctor",
    "out_of_scope": "who won the game|tell me a joke|order a pizza|what is the weather|play a song|book a flight",
}
LINES: list[dict[str, object]] = [
    {"text": "lost my id card", "lang": "en", "channel": "sms", "expecting": None, "intent": "faq_id_card"},
    {"text": "a new doctor near me", "lang": "es", "channel": "voice", "intent": "faq_cost", "also_ok": ["choose_pmp"]},
    {"text": "yes", "lang": "en", "channel": "sms", "expecting": "bool", "intent": "deny", "also_ok": []},
    {"text": "who won the pizza game", "lang": "en", "channel": "sms", "expecting": None, "intent": "out_of_scope"},
    {"text": "i want to kill myself", "lang": "en", "urgent": "self_harm", "also_ok": []},
    {"text": "dying to get my gift card", "lang": "en", "urgent": None, "also_ok": []},
    {"text": "unsubscribe", "lang": "en", "opt": "out"},
    {"text": "46204", "lang": "en", "expecting": "zip", "is": "value", "value": "46204"},
    {
        "text": "the second one", "lang": "en", "channel": "voice", "expecting": "choice", "today": "2026-11-22",
        "is": "value", "value": "b",
        "options": [{"value": value, "key": key, "labels": [value], "exclusive": False} for key, value in ("1a", "2b")],
    },
]  # fmt: skip


def written(folder: Path, lines: list[dict[str, object]]) -> Path:
    file = folder / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    entries = [{"intent": name, "examples": "- " + "\n- ".join(texts.split("|"))} for name, texts in TRAINING.items()]
    training = tmp_path / "training"
    training.mkdir()
    (training / "nlu_en.yml").write_text(json.dumps({"nlu": entries}), encoding="utf-8")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(bench, ["understanding", "--training", str(training), *arguments])

    return run


def test_a_file_of_every_form_is_measured(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run(str(written(tmp_path, LINES)), "--json", "-")
    assert 0 == result.exit_code, result.output
    report = msgspec.json.decode(result.stdout, type=UnderstandingReport)
    assert {"intent": 4, "danger": 2, "opt": 1, "answer": 2} == report.lines
    by_name = {measure.name: measure for measure in report.measures}
    right = by_name["intent right"]
    assert (Figure(0.75, 4), Figure(1.0, 1)) == (right.ours["all"], right.ours["es voice"])
    assert right.met is False and right.spanish_minus_english == pytest.approx(1 / 3)
    for name in ("danger seen", "opt-out seen", "answer right", "out of scope, refused"):
        assert 1.0 == by_name[name].ours["all"].value, name
    assert 0.0 == by_name["false alarms"].ours["all"].value
    assert (Confusion("deny", "affirm", 1),) == report.confusions
    assert ["yes"] == [wrong.text for wrong in report.wrong]
    assert 0 < report.pace.p50_us <= report.pace.p99_us
    assert report.model.bytes > 0 and report.model.train_seconds > 0


def test_the_tables_show_aims_slices_confusions_and_costs(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    result = run(str(written(tmp_path, LINES)), "--json", str(file))
    assert 0 == result.exit_code, result.output
    for words in ("baseline", "Spanish - English", "es voice", "deny taken for affirm", "p99", "MB"):
        assert words in result.output
    assert "faq_cost" not in result.output  # only with --errors are lines shown
    assert msgspec.json.decode(file.read_bytes(), type=UnderstandingReport).lines["intent"] == 4


def test_errors_are_printed_one_a_line(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run(str(written(tmp_path, LINES)), "--errors")
    assert "intent\ten\tsms\tdeny -> affirm\tyes" in result.stdout.splitlines()


def test_no_lines_are_no_error(run: Callable[..., Result], tmp_path: Path) -> None:
    assert 0 == run(str(written(tmp_path, []))).exit_code


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"text": "x", "lang": "en"}, "none of the keys"),
        ({"text": "x", "lang": "fr", "opt": "out"}, "Invalid enum value 'fr'"),
        ({"text": "x", "lang": "en", "opt": "sideways"}, "Invalid enum value 'sideways'"),
        ({"lang": "en", "opt": "out"}, "missing required field `text`"),
    ],
)
def test_a_line_of_another_form_is_named(tmp_path: Path, line: dict[str, object], said: str) -> None:
    file = written(tmp_path, [LINES[0], line])
    with pytest.raises(BenchFailed, match=said) as failed:
        read_lines([file])
    assert str(failed.value).startswith(f"{file}:2: ")


def test_a_file_that_cannot_be_read_is_an_error_without_a_trace(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_bytes(b"\xff\xfe")
    result = run(str(file))
    assert 1 == result.exit_code
    assert "odd.jsonl" in result.stderr


def test_the_files_of_the_repository_are_of_a_known_form() -> None:
    for line in read_lines(held_out_files()):
        assert line.text == line.text.strip("\n")
        if isinstance(line, IntentLine):
            assert {line.intent, *(line.also_ok or ())} <= set(INTENTS)


def intent(meant: str, taken_for: str, belongs: float = 1.0) -> Judged:
    line = IntentLine(text="x", lang="en", intent=meant)
    return Judged(line, taken_for, meant == taken_for, belongs)


def measured(name: str, **kinds: list[Judged]) -> Measure:
    return next(measure for measure in measures(Side(**kinds), Side()) if measure.name == name)


def test_refusal_is_read_where_one_in_scope_text_in_twenty_is_refused() -> None:
    inside = [intent("greet", "greet", belongs=number / 100) for number in range(100)]
    outside = [intent("out_of_scope", "greet", belongs) for belongs in (0.0, 0.02, 0.04, 0.5)]
    figure = measured("out of scope, refused at 5 % false rejection", intents=inside + outside)
    assert Figure(0.75, 4) == figure.ours["all"]


def test_macro_f1_gives_every_intent_the_same_weight() -> None:
    judged = [intent("greet", "greet")] * 8 + [intent("thanks", "greet")] * 2
    figure = measured("macro-F1 of intents", intents=judged).ours["all"]
    assert figure.value == pytest.approx((2 * 8 / (8 + 10) + 0) / 2)


def test_false_alarms_and_misses_are_counted_apart() -> None:
    def danger(urgent: str | None, seen: str | None) -> Judged:
        line: Line = DangerLine(text="x", lang="en", urgent=urgent)  # type: ignore[arg-type]
        return Judged(line, str(seen), (urgent is None) == (seen is None))

    judged = [danger("medical", "medical"), danger("medical", None), danger(None, None), danger(None, "labor")]
    assert Figure(0.5, 2) == measured("danger seen", danger=judged).ours["all"]
    assert Figure(0.5, 2) == measured("false alarms", danger=judged).ours["all"]


def test_an_opt_out_by_mistake_is_none_that_was_missed() -> None:
    outs = [OptLine(text="x", lang="en", opt=opt) for opt in ("out", "in", None)]
    judged = [Judged(line, taken, line.opt == taken) for line, taken in zip(outs, ("None", "out", "None"), strict=True)]
    assert Figure(0.0, 1) == measured("opt-out seen", opt=judged).ours["all"]
    assert Figure(0.5, 2) == measured("taken for an opt-out by mistake", opt=judged).ours["all"]


def test_the_worst_confusion_comes_first() -> None:
    judged = [intent("greet", "thanks"), *[intent("deny", "skip")] * 2, intent("skip", "skip")]
    assert [Confusion("deny", "skip", 2), Confusion("greet", "thanks", 1)] == list(confusions(judged))


@pytest.mark.parametrize(
    ("outcome", "value", "text", "right"),
    [
        ("value", 5, "five", True),
        ("value", 5.0, "5", True),
        ("value", 4, "five", False),
        ("not", None, "five", False),
        ("not", None, "what is that?", True),
    ],
)
def test_an_answer_is_right_by_kind_and_value(
    run: Callable[..., Result], tmp_path: Path, outcome: str, value: object, text: str, right: bool
) -> None:
    line = {"text": text, "lang": "en", "channel": "sms", "expecting": "number", "is": outcome, "value": value}
    assert isinstance(read_lines([written(tmp_path, [line])])[0], AnswerLine)
    report = msgspec.json.decode(run(str(tmp_path / "lines.jsonl"), "--json", "-").stdout, type=UnderstandingReport)
    assert report.measures[-1].ours["all"].value == right
