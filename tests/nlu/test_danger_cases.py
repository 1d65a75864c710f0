"""The crisis lists alone, on the texts they were mended by: batches first to eighth of nlu/data/danger.yml."""

from __future__ import annotations

from time import perf_counter

import pytest

from nlu.phrases import DATA, phrase_file
from nlu.reading import MAX_LENGTH, read
from nlu.train_hashed import DANGER as LESSON
from nlu.train_hashed import read_batches
from nlu.urgent import urgency

MENDED_BY = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
CASES = [(each.kind, each.text) for each in read_batches(LESSON, DATA) if each.batch in MENDED_BY]
DANGER = [(kind, text) for kind, text in CASES if kind is not None]
NONE = [text for kind, text in CASES if kind is None]


def test_there_are_enough_cases_and_none_twice() -> None:
    assert len(DANGER) >= 500 and len(NONE) >= 500
    assert len({text for _, text in CASES}) == len(CASES)


def test_every_danger_is_seen() -> None:
    assert [text for _, text in DANGER if urgency(read(text)) is None] == []


def test_the_kind_is_nearly_always_right() -> None:
    """A text may speak of two kinds; whichever is answered, it is answered with 911 or 988."""
    wrong = [(kind, text, urgency(read(text))) for kind, text in DANGER if urgency(read(text)) != kind]
    assert len(wrong) <= len(DANGER) // 50, wrong


def test_nothing_else_is_taken_for_danger() -> None:
    assert [text for text in NONE if urgency(read(text)) is not None] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sucide", "self_harm"),
        ("i want to kil myself", "self_harm"),
        ("pleeease i want to dieee", "self_harm"),
        ("me kiero morir", "self_harm"),
        ("cant breeth", "medical"),
        ("chest panes", "medical"),
        ("unconcious", "medical"),
        ("se desmallo mi mama", "medical"),
        ("no puedo rrespirar", "medical"),
        ("overdoes", "overdose"),
        ("tengo contrasiones", "labor"),
        ("my husbend chocked me", "violence"),
    ],
)
def test_a_misspelled_danger_is_seen(text: str, kind: str) -> None:
    assert urgency(read(text)) == kind


@pytest.mark.parametrize(
    "text",
    [
        "i am drying my hair",
        "i play chess",
        "hunting",
        "my sweet baking",
        "dyeing my hair",
        "la fuente de agua",
        "bleach",
    ],
)
def test_a_word_in_its_own_right_is_no_misspelling(text: str) -> None:
    assert urgency(read(text)) is None


def test_the_time_grows_with_the_length_and_no_faster() -> None:
    """The dearest text we know: every word begins phrases, or is strange to us."""
    dear = "me no i want my baby is not having a chst pian and wlll nto brethe is on my "
    long = (dear * 30)[:MAX_LENGTH]
    short = long[: MAX_LENGTH // 10]
    urgency(read(short))
    assert _seconds(long) < 20 * _seconds(short)


def _seconds(text: str) -> float:
    reading = read(text)
    return min(_once(reading) for _ in range(15))


def _once(reading: object) -> float:
    start = perf_counter()
    urgency(reading)  # type: ignore[arg-type]
    return perf_counter() - start


def test_an_ordinary_text_is_read_in_microseconds() -> None:
    """The best of several, with room for a busy machine: about 100 on a quiet one."""
    ordinary = "i need a doctor near me who speaks spanish and takes new patients because my daughter has asthma and we"
    ordinary += " need a checkup soon i think thank you so much for it"
    assert 150 <= len(ordinary) <= 165
    reading = read(ordinary)
    assert _seconds(ordinary) < 0.0005
    assert urgency(reading) is None


def test_every_phrase_can_be_said_as_it_is_written() -> None:
    """A word that is always rewritten or left out before the phrases are sought cannot stand alone in one."""
    content = phrase_file("urgent.yml")
    never = set(content["filler"]) | {form for forms in content["same"].values() for form in forms if " " not in form}
    never -= set(content["same"])
    lists = [content[key] for key in ("innocent", "past", "talk")]
    lists += [content[kind][level] for kind in content["order"] for level in ("sure", "mention")]
    phrases = [phrase for group in lists for phrases in group.values() for phrase in phrases]
    assert [p for p in phrases if any(never.issuperset(piece.split("|")) for piece in p.split())] == []
