"""An OpenID provider that vouches for staff: code flow with PKCE, state and nonce."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.config import Settings
from bot.staff import Role, name_of

_TIMEOUT = 5.0
_LEEWAY = 60  # seconds that two clocks may differ
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]  # signed by a key that only the provider has


class NotVouched(Exception):
    """The provider does not vouch for whoever came back from it, or its answer is not to be believed."""


class ProviderAway(Exception):
    """The provider cannot be reached, or does not speak OpenID Connect."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom it vouches for. `role` is None where no group of theirs gives one."""

    key: str  # of the provider and the person, the same at every sign-in
    name: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only this browser and we know between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """The provider of these settings. `callback` is the address it sends people back to."""

    def __init__(self, settings: Settings, callback: str) -> None:
        self._settings, self._callback = settings, callback

    def address(self, secrets: Secrets) -> str:
        """Where to send somebody to sign in. Raises ProviderAway."""
        endpoint = self._metadata()["authorization_endpoint"]
        url, _ = self._session().create_authorization_url(
            endpoint, state=secrets.state, nonce=secrets.nonce, code_verifier=secrets.verifier
        )
        return str(url)

    def vouched(self, code: str, secrets: Secrets) -> Vouched:
        """Whom it sent back with this code. Raises NotVouched, ProviderAway."""
        metadata, session = self._metadata(), self._session()
        try:
            token = session.fetch_token(metadata["token_endpoint"], code=code, code_verifier=secrets.verifier)
            keys = _keys(session.get(metadata["jwks_uri"], withhold_token=True))
            decoded = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={"iss": {"value": metadata["issuer"]}, "aud": {"value": self._settings.oidc_client_id}},
                params={"nonce": secrets.nonce, "client_id": self._settings.oidc_client_id, **_access(token)},
            )
            claims.validate(now=int(time.time()), leeway=_LEEWAY)
        except requests.RequestException as error:
            raise ProviderAway from error
        except (AuthlibBaseError, JoseError, KeyError, ValueError, TypeError) as error:
            raise NotVouched(type(error).__name__) from error
        return self._read(claims)

    def _read(self, claims: dict[str, Any]) -> Vouched:
        key = hashlib.sha256(f"{claims['iss']}\0{claims['sub']}".encode()).hexdigest()[:32]
        try:
            name = name_of(str(claims.get("name") or claims.get("preferred_username") or claims["sub"])[:80])
        except ValueError:
            name = "Without a name"
        groups = {str(group) for kind in ("groups", "roles") for group in _list(claims.get(kind))}
        return Vouched(key, name, next((role for group, role in self._settings.oidc_roles if group in groups), None))

    def _session(self) -> Any:
        return OAuth2Session(
            self._settings.oidc_client_id,
            self._settings.oidc_client_secret.reveal(),
            scope="openid profile",
            redirect_uri=self._callback,
            code_challenge_method="S256",
            default_timeout=_TIMEOUT,
        )

    def _metadata(self) -> dict[str, Any]:
        issuer = self._settings.oidc_issuer
        try:
            found = _json(requests.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=_TIMEOUT))
        except requests.RequestException as error:
            raise ProviderAway from error
        if found.get("issuer") != issuer or not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= set(found):
            raise ProviderAway("not the issuer that it is said to be")
        return found


def _json(response: Any) -> dict[str, Any]:
    response.raise_for_status()
    found = response.json()
    if not isinstance(found, dict):
        raise requests.RequestException("not a JSON object")
    return found


def _keys(response: Any) -> KeySet:
    given: Any = _json(response)
    return KeySet.import_key_set(given)


def _access(token: dict[str, Any]) -> dict[str, str]:
    return {"access_token": token["access_token"]} if "access_token" in token else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []
