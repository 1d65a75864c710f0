"""What members ask for in a doctor."""

from __future__ import annotations

import pytest

from nlu.answers import PARSERS
from nlu.answers.provider_search import ProviderSearch, parse_provider_search
from nlu.reading import read
from nlu.understanding import NotAnAnswer, Value
from tests.nlu.questions import expecting


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("Dr. Leee near 46204 speaks spanish", ProviderSearch(name="leee", zip="46204", languages=("es",))),
        ("woman pediatrician", ProviderSearch(gender="F", kinds=("pediatrics",))),
        ("doctora cerca de mí", ProviderSearch(near_me=True, gender="F")),
        ("familia 46204", ProviderSearch(zip="46204", kinds=("family",))),
        ("46204-1234", ProviderSearch(zip="46204")),
        ("near me", ProviderSearch(near_me=True)),
        ("closest clinic", ProviderSearch(near_me=True, kinds=("clinic",))),
        ("Ana Lee", ProviderSearch(name="ana lee")),
        ("dr ortiz", ProviderSearch(name="ortiz")),
        ("Dra. de la Cruz", ProviderSearch(name="de la cruz")),
        ("a doctor who speaks Spanish please", ProviderSearch(languages=("es",))),
        ("que hable español", ProviderSearch(languages=("es",))),
        ("obgyn", ProviderSearch(kinds=("obgyn",))),
        ("OB/GYN near 46204", ProviderSearch(zip="46204", kinds=("obgyn",))),
        ("family nurse practitioner", ProviderSearch(kinds=("nurse_practitioner",))),
        ("internal medicine", ProviderSearch(kinds=("internal",))),
        ("medicina familiar", ProviderSearch(kinds=("family",))),
        ("pediatra que hable español cerca de mi casa", ProviderSearch(near_me=True, languages=("es",),
        kinds=("pediatrics",))),
        ("male doctor 46204", ProviderSearch(zip="46204", gender="M")),
        ("women's health", ProviderSearch(kinds=("obgyn",))),
        ("who is near me?", ProviderSearch(near_me=True)),
        ("doctor para mis hijos", ProviderSearch(kinds=("pediatrics",))),
        ("any doctor", ProviderSearch()),
        ("", ProviderSearch()),
    ],
)  # fmt: skip
def test_a_search_is_taken_apart(text: str, search: ProviderSearch) -> None:
    assert parse_provider_search(text, "en") == search


@pytest.mark.parametrize("text", ["dr lee", "46204", "who is near me?", "a woman", "Payne", "do you have Dr. Lee?"])
def test_a_wish_is_an_answer_even_as_a_question(text: str) -> None:
    assert PARSERS["provider_search"](read(text), expecting("provider_search")) == Value(text)


@pytest.mark.parametrize(
    "text", ["", "?", "👍", "why do you ask?", "yes", "no", "what does that mean?", "any doctor", "please"]
)
def test_what_asks_for_nobody_is_no_answer(text: str) -> None:
    assert PARSERS["provider_search"](read(text), expecting("provider_search")) == NotAnAnswer()
