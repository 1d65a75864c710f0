"""Keeps sensitive values sealed: AES-256-GCM under rotatable keys, and keyed hashes to look them up by."""

from __future__ import annotations

import base64
import hmac
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value cannot be opened: unknown key, wrong place, or altered bytes."""


@dataclass(frozen=True, slots=True)
class Vault:
    """`keys` maps a one-byte key id to 32 secret bytes, the first is used to seal; `lookup_key` makes hashes only."""

    keys: dict[int, bytes]
    lookup_key: bytes
    _ciphers: dict[int, AESGCM] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ciphers", {number: AESGCM(key) for number, key in self.keys.items()})

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt `plain`; it opens only at the same `place` (such as "members.details")."""
        key_id, cipher = next(iter(self._ciphers.items()))
        nonce = os.urandom(_NONCE_BYTES)
        return bytes([key_id]) + nonce + cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` made. Raises SealBroken."""
        try:
            cipher = self._ciphers[sealed[0]]
            return cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], place.encode())
        except (KeyError, IndexError, InvalidTag, ValueError) as error:
            raise SealBroken(place) from error

    def index(self, kind: str, value: str) -> str:
        """Keyed hash (32 hex digits) of a normalised value, for equality look-ups: same kind and value, same hash."""
        return hmac.digest(self.lookup_key, f"{kind}\x00{value}".encode(), "sha256").hex()[:32]


def parse_keys(setting: str) -> dict[int, bytes]:
    """Read `ENCRYPTION_KEYS`: "2:base64,1:base64", newest first. Raises ValueError saying what is wrong."""
    keys: dict[int, bytes] = {}
    for part in filter(None, (piece.strip() for piece in setting.split(","))):
        number, _, encoded = part.partition(":")
        if not number.isdigit() or not 0 < int(number) < 256:
            raise ValueError("ENCRYPTION_KEYS: each key is NUMBER:BASE64 with a number from 1 to 255")
        secret = base64.b64decode(encoded, validate=True)
        if len(secret) != 32:
            raise ValueError(f"ENCRYPTION_KEYS: key {number} is {len(secret)} bytes long, not 32")
        keys[int(number)] = secret
    if not keys:
        raise ValueError("ENCRYPTION_KEYS: at least one key is needed")
    return keys
