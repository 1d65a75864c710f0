"""How CareStart shows a FHIR server who it is: a token it was given, or one it asks for as OAuth 2.0 client credentials
have it, by a secret or, as SMART Backend Services want it, by a signed assertion (hl7.org/fhir/smart-app-launch)."""

from __future__ import annotations

import json
import logging
import time

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.errors import InvalidKeyTypeError
from joserfc.jwk import ECKey, RSAKey

from bot.config import Settings
from bot.sinks.http import ANSWER_S, CONNECT_S, Authorization, Failed

_SPARE_S = 60.0  # a token is asked for anew so long before it ends
_ASSUMED_S = 300.0  # how long one is good that does not say so

log = logging.getLogger(__name__)


def authorization(settings: Settings) -> Authorization:
    """By what the settings name; none where they name nothing."""
    if settings.delivery_fhir_token_url:
        return ClientCredentials(settings)
    token = settings.delivery_fhir_token.reveal()
    return Given(f"Bearer {token}" if token else "")


class Given:
    """A token that does not change."""

    def __init__(self, header: str) -> None:
        self._header = header

    def header(self) -> str | Failed:
        return self._header

    def refused(self) -> None:
        """Somebody has to give us another one."""


class ClientCredentials:
    """A token that is asked for, and kept while it is good."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.delivery_fhir_token_url.reveal()
        self._session = _session(settings, self._url)
        self._header, self._good_until = "", 0.0

    def header(self) -> str | Failed:
        if time.monotonic() < self._good_until:
            return self._header
        try:
            token = self._session.fetch_token(
                self._url, grant_type="client_credentials", timeout=(CONNECT_S, ANSWER_S), allow_redirects=False
            )
            header, seconds = f"Bearer {token['access_token']}", float(token.get("expires_in") or _ASSUMED_S)
        except (requests.RequestException, OSError) as error:
            return Failed("nonsense" if isinstance(error, ValueError) else "unreachable")
        except (AuthlibBaseError, KeyError, ValueError, TypeError) as error:
            log.error("no token for the FHIR server", extra={"ids": {"error": type(error).__name__}})
            return Failed("not_let_in")
        self._header, self._good_until = header, time.monotonic() + seconds - _SPARE_S
        return self._header

    def refused(self) -> None:
        """The next request asks for another one."""
        self._good_until = 0.0


def _session(settings: Settings, url: str) -> OAuth2Session:
    who, scope = settings.delivery_fhir_client_id, settings.delivery_fhir_scope
    pem = settings.delivery_fhir_client_key.reveal()
    if not pem:
        return OAuth2Session(who, settings.delivery_fhir_client_secret.reveal(), scope=scope)
    key = signing_key(pem)
    session = OAuth2Session(who, key, token_endpoint_auth_method=PrivateKeyJWT.name, scope=scope)
    # What SMART Backend Services ask every server to take: ES384 or RS384.
    algorithm = "ES384" if isinstance(key, ECKey) else "RS384"
    session.register_client_auth_method(PrivateKeyJWT(url, headers={"kid": key.thumbprint()}, alg=algorithm))
    return session


def signing_key(pem: str) -> ECKey | RSAKey:
    """The private key in this PEM (bot.setting_values has checked it)."""
    try:
        return ECKey.import_key(pem)
    except InvalidKeyTypeError:
        return RSAKey.import_key(pem)


def public_jwks(pem: str) -> str:
    """What to register at the server for this private key: its public half, as a JSON Web Key Set."""
    key = signing_key(pem)
    algorithm = "ES384" if isinstance(key, ECKey) else "RS384"
    public = key.as_dict(private=False) | {"kid": key.thumbprint(), "alg": algorithm, "use": "sig"}
    return json.dumps({"keys": [public]})
