"""The vault: sealed values open only where and with what they were sealed."""

import base64

import pytest

from bot.vault import SealBroken, Vault, parse_keys


def vault(*numbers: int) -> Vault:
    return Vault({n: bytes([n]) * 32 for n in numbers}, b"lookup" * 6)


def test_a_sealed_value_opens_at_its_own_place_only():
    sealed = vault(1).seal(b"secret", "members.details")
    assert b"secret" == vault(1).open(sealed, "members.details")
    assert b"secret" not in sealed
    with pytest.raises(SealBroken):
        vault(1).open(sealed, "answers.value")


def test_an_older_key_still_opens_and_the_newest_seals():
    old = vault(1).seal(b"x", "p")
    assert b"x" == vault(2, 1).open(old, "p")
    assert 2 == vault(2, 1).seal(b"x", "p")[0]


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x09" + b"r" * 40, b"\x01" + b"r" * 40])
def test_anything_else_is_refused(broken):
    with pytest.raises(SealBroken):
        vault(1).open(broken, "p")


def test_index_is_stable_and_depends_on_kind_and_key():
    assert vault(1).index("phone", "+1") == vault(2).index("phone", "+1")
    assert vault(1).index("phone", "+1") != vault(1).index("zip", "+1")


def test_parse_keys_reads_newest_first_and_refuses_the_rest():
    key = base64.b64encode(b"k" * 32).decode()
    assert [2, 1] == list(parse_keys(f"2:{key}, 1:{key}"))
    for wrong in ["", "x:y", f"0:{key}", "1:c2hvcnQ="]:
        with pytest.raises(ValueError):
            parse_keys(wrong)
