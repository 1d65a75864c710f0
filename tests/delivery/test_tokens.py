"""How we show a FHIR server who we are: against an OAuth 2.0 server that is not ours (oidc-provider)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.config import Settings, load_settings
from bot.setting_values import Secret, private_key
from bot.sinks.http import Failed
from bot.sinks.tokens import authorization, public_jwks
from tests.peers import node_peer

KEYS = {
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "RSA": rsa.generate_private_key(public_exponent=65537, key_size=2048),
}


def pem(key: Any, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return str(key.private_bytes(Encoding.PEM, form, NoEncryption()).decode())


@pytest.fixture(scope="module")
def token_url() -> Iterator[str]:
    library = node_peer("oidc-provider/lib/index.js")
    keys = [key for one in KEYS.values() for key in json.loads(public_jwks(pem(one)))["keys"]]
    command = ["node", str(Path(__file__).with_name("token_server.mjs")), str(library), json.dumps({"keys": keys})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


@pytest.fixture
def settings(tmp_path: Path, token_url: str) -> Settings:
    keys = {"ENCRYPTION_KEYS": "1:" + "a2" * 21 + "a=", "LOOKUP_KEY": "a2" * 21 + "a="}
    made = load_settings(keys, tmp_path)
    return replace(made, delivery_fhir_url=Secret("http://127.0.0.1:9"), delivery_fhir_token_url=Secret(token_url))


def by_secret(settings: Settings, secret: str = "a secret of theirs") -> Settings:
    return replace(settings, delivery_fhir_client_id="by-secret", delivery_fhir_client_secret=Secret(secret))


def test_a_secret_gets_a_token_that_is_kept_while_it_is_good(settings: Settings) -> None:
    ours = authorization(by_secret(settings))
    first = ours.header()
    assert isinstance(first, str) and first.startswith("Bearer ")
    assert first == ours.header()
    ours.refused()
    assert first != ours.header()


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL], ids=["PKCS8", "OpenSSL"])
def test_a_key_gets_a_token(key: str, form: PrivateFormat, settings: Settings) -> None:
    written = private_key(pem(KEYS[key], form).replace("\n", "\\n"))
    by_key = replace(settings, delivery_fhir_client_id="by-key", delivery_fhir_client_key=Secret(written))
    header = authorization(by_key).header()
    assert isinstance(header, str) and header.startswith("Bearer ")


def test_who_is_not_let_in_says_so(settings: Settings) -> None:
    assert Failed("not_let_in") == authorization(by_secret(settings, "wrong")).header()
    stranger = pem(ec.generate_private_key(ec.SECP384R1()))
    by_key = replace(settings, delivery_fhir_client_id="by-key", delivery_fhir_client_key=Secret(stranger))
    assert Failed("not_let_in") == authorization(by_key).header()


def test_a_token_server_that_is_away_is_asked_again_later(settings: Settings) -> None:
    away = replace(settings, delivery_fhir_token_url=Secret("http://127.0.0.1:9/token"))
    assert Failed("unreachable") == authorization(by_secret(away)).header()


def test_a_key_that_no_server_takes_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="P-384 or RSA"):
        private_key(pem(ec.generate_private_key(ec.SECP256R1())))


def test_what_is_to_be_registered_holds_no_secret() -> None:
    for key in KEYS.values():
        [public] = json.loads(public_jwks(pem(key)))["keys"]
        assert not {"d", "p", "q"} & public.keys()
        assert {"kid", "alg", "use"} <= public.keys()
