"""Counting SMS segments, against 3GPP TS 23.038."""

import json
import subprocess

import pytest

from bot.segments import Parcel, is_gsm7, parcel, segments
from tests.peers import node_peer


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Parcel("GSM-7", 0, 1, 160)),
        ("Hi!", Parcel("GSM-7", 3, 1, 157)),
        ("a" * 160, Parcel("GSM-7", 160, 1, 0)),
        ("a" * 161, Parcel("GSM-7", 161, 2, 145)),  # 153 in the first
        ("[ok]", Parcel("GSM-7", 4, 1, 154)),
        ("€" * 81, Parcel("GSM-7", 81, 2, 143)),
        ("a" * 1600, Parcel("GSM-7", 1600, 11, 83)),
        ("Sí, está aquí", Parcel("UCS-2", 13, 1, 57, ("í", "á"))),
        ("á" * 71, Parcel("UCS-2", 71, 2, 63, ("á",))),
        ("Hi 😀", Parcel("UCS-2", 4, 1, 65, ("😀",))),
        ("“No”", Parcel("UCS-2", 4, 1, 66, ("“", "”"))),
    ],
)
def test_a_parcel_says_what_is_left_and_what_costs_the_alphabet(text: str, expected: Parcel) -> None:
    assert expected == parcel(text)


_COUNT_THEM = """
const { SegmentedMessage } = require(process.argv[1]);
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map(text => {
  const sent = new SegmentedMessage(text, "auto");
  return [sent.encodingName, sent.segmentsCount, [...new Set(sent.getNonGsmCharacters())]];
})));
"""


def test_twilios_own_calculator_counts_the_same() -> None:
    texts = [
        f"{before}{character * many}{after}"
        for character in "a€á😀’"
        for many in (1, 33, 34, 35, 36, 66, 67, 68, 70, 71, 76, 77, 80, 81, 134, 135, 152, 153, 154, 160, 161, 307)
        for before, after in (("", ""), ("Hola ", ""), ("", " ¿sí? €"), ("a" * 152, "a" * 152))
    ]
    calculator = node_peer("sms-segments-calculator/dist/index.js")
    ran = subprocess.run(
        ["node", "-e", _COUNT_THEM, str(calculator)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    ours = [[sent.encoding, sent.segments, list(sent.forced_by)] for sent in map(parcel, texts)]
    assert json.loads(ran.stdout) == ours
