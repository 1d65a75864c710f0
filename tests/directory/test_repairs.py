"""Repairs of single values: written one way, read another."""

from __future__ import annotations

import pytest

from bot.directory.names import keys_of, likeness, words_of
from bot.directory.repairs import credential, language_code, npi_checks, phone_number, without_capitals, zip_code


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("46204", ("46204", "")),
        ("46204-1234", ("46204", "")),
        ("46204 1234", ("46204", "")),
        ("462041234", ("46204", "zip_nine_digits")),
        ("2905", ("02905", "zip_lost_zero")),
        ("2905-3105", ("02905", "zip_lost_zero")),
        ("29053105", ("02905", "zip_lost_zero")),
        ("", ("", "zip_unreadable")),
        ("4620", ("04620", "zip_lost_zero")),
        ("46", ("", "zip_unreadable")),
        ("V5K 0A1", ("", "zip_unreadable")),
    ],
)
def test_zip_codes(written: str, read: tuple[str, str]):
    assert read == zip_code(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("(418) 941-4538 x58421", "418-941-4538 x58421"),
        ("1-990-296-5831 ext. 303", "990-296-5831 x303"),
        ("+13175550100", "317-555-0100"),
        ("317.555.0100", "317-555-0100"),
        ("555-0100", ""),
        ("1175550100", ""),
        ("none", ""),
    ],
)
def test_phones(written: str, read: str):
    assert read == phone_number(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("33 STANIFORD ST", "33 Staniford St"),
        ("BAYSIDE ENDOSCOPY, LLC", "Bayside Endoscopy, LLC"),
        ("MCDONALD-O'BRIEN", "McDonald-O'Brien"),
        ("MARIA DE LA CRUZ", "Maria de la Cruz"),
        ("100 N 5TH AVE NW", "100 N 5th Ave NW"),
        ("McDonald", "McDonald"),
        ("josé peña", "José Peña"),
        ("", ""),
    ],
)
def test_capitals(written: str, read: str):
    assert read == without_capitals(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [("es", "es"), ("es-MX", "es"), ("Spanish", "es"), ("BUR", "my"), ("zh_Hans", "zh"), ("Klingon", ""), ("", "")],
)
def test_languages(written: str, read: str):
    assert read == language_code(written)


@pytest.mark.parametrize(("written", "read"), [("M.D.", "MD"), ("M.D.1208", "MD"), ("P.A.-C", "PA-C"), ("123", "")])
def test_credentials(written: str, read: str):
    assert read == credential(written)


def test_an_npi_is_checked_by_its_last_digit():
    assert npi_checks("1234567893")  # the example of the standard itself
    assert not npi_checks("1234567890")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Dr. Ana Ruiz, MD", ("ana", "ruiz")),
        ("doctora ana ruiz", ("ana", "ruiz")),
        ("Dr. Do", ("do",)),
        ("José de la Peña", ("jose", "pena")),
        ("O'Brien-Lopez", ("obrien", "lopez")),
        ("   ", ()),
        ("Dr.", ()),
        ("!!", ()),
    ],
)
def test_a_name_is_cut_into_words(name: str, words: tuple[str, ...]):
    assert words == words_of(name)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("rwiz", "ruiz"), ("ruis", "ruiz"), ("hernadez", "hernandez"), ("nuyen", "nguyen"), ("gracia", "garcia")],
)
def test_a_misspelled_word_shares_a_key_with_the_right_one_and_is_like_it(typed: str, meant: str):
    assert keys_of(typed) & keys_of(meant)
    assert likeness(typed, meant) > 0.8


@pytest.mark.parametrize(
    ("one", "other"), [("ruiz", "okafor"), ("lee", "brandt"), ("garcia", "morales"), ("dr", "three")]
)
def test_different_names_are_not_alike(one: str, other: str):
    assert likeness(one, other) < 0.7
