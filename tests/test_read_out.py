"""Texts as a voice reads them."""

from __future__ import annotations

import pytest

from bot.read_out import readable, said_back, sentences, spelled


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Call 1-844-607-2829.", "Call 1, 8 4 4, 6 0 7, 2 8 2 9."),
        ("en", "Call 911 now, or 988.", "Call 9 1 1 now, or 9 8 8."),
        ("en", "Indianapolis 46204", "Indianapolis 4 6 2 0 4"),
        ("en", "You can start on 3/1/2027.", "You can start on March 1, 2027."),
        ("es", "Empieza el 3/1/2027.", "Empieza el 1 de marzo de 2027."),
        ("en", "13/45/2027", "13/45/2027"),
        ("en", "Choose a doctor (PMP).", "Choose a doctor."),
        ("en", "We have m***@example.org.", "We have one that starts with m, at example dot org."),
        ("es", "Tenemos m***@example.org.", "Tenemos uno que empieza con m, arroba example punto org."),
        ("en", "**10, Indianapolis", "a house number that ends in 10, Indianapolis"),
        ("en", "See www.caresource.com/in-members", "See www dot caresource dot com slash in members"),
        ("en", "Ana Ruiz, MD, 0 mi", "Ana Ruiz, MD, less than a mile"),
        ("es", "Ana Ruiz, MD, 3 mi", "Ana Ruiz, MD, 3 millas"),
        ("en", "3: Monday at 10 a.m..", "3: Monday at 10 a.m."),
        ("en", "Question 5 of 23.", "Question 5 of 23."),
    ],
)
def test_a_text_is_read_out_as_people_say_it(language: str, text: str, spoken: str) -> None:
    assert spoken == readable(text, language)


def test_sentences_end_where_people_pause() -> None:
    text = "Open Monday, 8 a.m. to 8 p.m. Eastern Time. Ask Dr. Lee or Ms. Ruiz! St. Mary's?\nGo on."
    assert [
        "Open Monday, 8 a.m. to 8 p.m. Eastern Time.",
        "Ask Dr. Lee or Ms. Ruiz!",
        "St. Mary's?",
        "Go on.",
    ] == sentences(text, "en")
    assert ["El 3 de febrero a las 10 a. m. le llamamos.", "Gracias."] == sentences(
        "El 3 de febrero a las 10 a. m. le llamamos. Gracias.", "es"
    )


def test_names_are_spelled_letter_by_letter() -> None:
    assert "R, U, I, Z. M, D" == spelled("Ruiz, MD", "en")
    assert "J, punto, S, arroba, A, guion, B, punto, O, R, G" == spelled("j.s@a-b.org", "es")


def test_what_was_heard_is_said_back_so_that_it_can_be_checked() -> None:
    assert "May 20, 1990" == said_back("1990-05-20", "en")
    assert "20 de mayo de 1990" == said_back("1990-05-20", "es")
    assert "3, 1, 7, 5, 5, 5, 0, 1, 4, 2" == said_back("+13175550142", "en")
    assert "9, 9, 0" == said_back("990", "en")
