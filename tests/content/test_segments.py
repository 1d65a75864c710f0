"""Counting SMS segments, against 3GPP TS 23.038."""

import pytest

from bot.segments import is_gsm7, segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),  # é is GSM-7
        ("¿¡ñÑüÜ" * 20, 1),
        ("á" * 70, 1),  # á is not
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("€" * 80, 1),  # two septets each
        ("€" * 81, 2),
        ("€" * 153, 3),  # 76 to a segment: a pair is never parted
        ("a" * 159 + "’", 3),  # one curly quote costs the whole text its alphabet
        ("😀" * 35, 1),  # two units each
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 33 to a segment: a pair is never parted
        ("Reply YES\nor NO", 1),
        ("`" * 71, 2),  # the backtick is not GSM-7
    ],
)
def test_a_text_takes_as_many_segments_as_a_carrier_bills(text: str, expected: int) -> None:
    assert expected == segments(text)


def test_one_accent_outside_the_alphabet_changes_the_encoding() -> None:
    assert is_gsm7("Correo, ¿qué?")
    assert not is_gsm7("Sí")
