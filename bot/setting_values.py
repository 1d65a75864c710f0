"""How the text of a setting becomes a value; each parser raises ValueError saying what to give instead."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.settings_table import SETTINGS
from bot.staff import ROLES, Role, role_of
from bot.vault import parse_keys

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be printed: `reveal` it where it is used."""

    _value: str = ""

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "***" if self._value else "''"

    __str__ = __repr__


class Reading:
    """Reads values by name and type, collecting what is wrong instead of stopping at the first."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.problems: list[str] = []
        self.defaults = {setting.name: setting.default for setting in SETTINGS}

    def text(self, name: str) -> str:
        return self.given.get(name, self.defaults[name]).strip()

    def secret(self, name: str) -> Secret:
        return Secret(self.text(name))

    def parsed(self, name: str, parse: Callable[[str], T], fallback: T) -> T:
        try:
            return parse(self.text(name))
        except ValueError as error:
            self.problems.append(f"{name}: {error}")
            return fallback

    def number(self, name: str, least: int = 1, most: int = 100_000) -> int:
        return self.parsed(name, lambda text: whole_number(text, least, most), least)

    def seconds(self, name: str) -> float:
        return self.parsed(name, seconds, 1.0)

    def yes(self, name: str, otherwise: bool) -> bool:
        return self.parsed(name, lambda text: yes_or_no(text) if text else otherwise, otherwise)

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        return self.parsed(name, lambda text: one_of(text, allowed), allowed[0])


def whole_number(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ValueError(f"give a whole number from {least} to {most}")
    return int(text)


def seconds(text: str) -> float:
    if not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", text) or not float(text):
        raise ValueError("give a number of seconds, such as 5 or 0.5")
    return float(text)


def yes_or_no(text: str) -> bool:
    return one_of(text, ("yes", "no")) == "yes"


def one_of(text: str, allowed: tuple[str, ...]) -> str:
    if text.lower() not in allowed:
        raise ValueError(f"give one of {', '.join(allowed)}")
    return text.lower()


def twilio_sid(text: str, prefix: str) -> str:
    if text and not re.fullmatch(rf"{prefix}[0-9a-f]{{32}}", text):
        raise ValueError(f"give the identifier from Twilio's console: {prefix} and 32 digits or letters a to f")
    return text


def web_url(text: str) -> str:
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise ValueError("give an address that begins with https:// or http://")
    return text


def base_url(text: str) -> str:
    parts = urlsplit(web_url(text))
    if parts.query or parts.fragment or parts.path.strip("/") or parts.username:
        raise ValueError("give only scheme and host, such as https://care.example.org")
    return text.rstrip("/")


def email_address(text: str) -> str:
    if text and not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", text):
        raise ValueError("give one email address, such as oncall@example.org")
    return text


def groups_to_roles(text: str) -> tuple[tuple[str, Role], ...]:
    pairs = [part.rpartition("=") for part in text.split(",") if part.strip()]
    if not all(group.strip() for group, _, _ in pairs):
        raise ValueError(f"give GROUP=ROLE, comma separated; a role is one of {', '.join(ROLES)}")
    return tuple((group.strip(), role_of(role.strip())) for group, _, role in pairs)


def smtp_url(text: str) -> str:
    if text and (urlsplit(text).scheme not in ("smtp", "smtps", "smtp+starttls") or not urlsplit(text).hostname):
        raise ValueError("give an address such as smtp+starttls://user:password@mail.example.org:587")
    return text


def webhook_secrets(text: str) -> str:
    """As the Standard Webhooks specification has them: whsec_ and 24 to 64 bytes in base64."""
    try:
        keys = [base64.b64decode(one.strip().removeprefix("whsec_"), validate=True) for one in text.split(",") if one]
    except ValueError:
        keys = [b""]
    if any(not 24 <= len(key) <= 64 for key in keys):
        raise ValueError("give whsec_ and 24 to 64 secret bytes in base64, comma separated, newest first")
    return text


def private_key(text: str) -> str:
    """A private key in PEM; `\\n` stands for a line's end where the environment cannot hold one."""
    pem = text.replace("\\n", "\n")
    try:
        key = load_pem_private_key(pem.encode(), None) if pem else None
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("give a private key in PEM without a password: -----BEGIN PRIVATE KEY----- ...") from error
    p384 = isinstance(key, EllipticCurvePrivateKey) and key.curve.name == "secp384r1"
    if pem and not p384 and not isinstance(key, RSAPrivateKey):
        raise ValueError("give a P-384 or RSA key: SMART Backend Services sign with ES384 or RS384")
    return pem


def redis_url(text: str) -> str:
    if text and urlsplit(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("give an address that begins with rediss://, redis:// or unix://")
    return text


def database_url(text: str, data: Path) -> str:
    scheme, _, rest = text.partition("://")
    if not text:
        return f"sqlite:///{data / 'carestart.db'}"
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite":
        return text
    raise ValueError("give an address that begins with postgresql:// or sqlite:///")


def encryption_keys(text: str) -> str:
    if not text:
        raise ValueError("no key yet; `carestart run` makes one for trying out, or set your own")
    try:
        parse_keys(text)
    except ValueError as error:
        raise ValueError("give NUMBER:BASE64 with 32 secret bytes each, comma separated, newest first") from error
    return text


def lookup_key(text: str) -> str:
    wanted = "give at least 32 secret bytes in base64"
    try:
        long_enough = len(base64.b64decode(text, validate=True)) >= 32
    except ValueError as error:
        raise ValueError(wanted) from error
    if not long_enough:
        raise ValueError(wanted)
    return text
