"""What Vejviser asks of an OpenID Connect provider: where to send somebody, and who came back.

Authorization Code with PKCE (RFC 7636, S256), state and nonce (OpenID Connect Core 1.0, 3.1). Nothing is stored between the
two steps: state, nonce and code verifier are different hashes of one secret that only the browser keeps, in a cookie.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.starlette_client import OAuth  # type: ignore[import-untyped]
from joserfc.errors import JoseError

from api.settings import Settings
from services_catalog.accounts.accounts import Role, folded_name, well_formed

_SECONDS = 10.0
_ENDPOINTS = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
#: Signatures with a key pair. Never "none", and no shared secret, which a public key must not be taken for.
_ALGORITHMS = re.compile(r"(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519|Ed448")


class ProviderSilent(Exception):
    """The provider did not answer, or not with what it should."""


class SignInInvalid(Exception):
    """What came back is not a sign-in of this browser at this provider: forged, too old or used before."""


class Provider:
    """The provider of the settings."""

    def __init__(self, settings: Settings) -> None:
        logging.getLogger("authlib").setLevel(logging.WARNING)  # its debug messages quote code verifiers
        self.issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._role_claim, self._roles = settings.oidc_role_claim, settings.oidc_roles or {role: role for role in Role}
        self._client = OAuth().register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            server_metadata_url=f"{self.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256", "timeout": _SECONDS},
        )

    async def address(self, secret: str, redirect_uri: str) -> str:
        """Return where to send a browser that keeps `secret`. Raises ProviderSilent."""
        await self._metadata()
        made = await self._client.create_authorization_url(
            redirect_uri, state=state_of(secret), nonce=_nonce_of(secret), code_verifier=_verifier_of(secret)
        )
        return str(made["url"])

    async def claims(self, secret: str, code: str, redirect_uri: str) -> dict[str, Any]:
        """Return what the provider vouches for, of the one who came back with `code`: the claims of the ID token, whose
        signature, issuer, audience, times and nonce were checked, and those of the userinfo beside them.

        Raises ProviderSilent and SignInInvalid.
        """
        metadata = await self._metadata()
        checked = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client_id},
            "sub": {"essential": True},
        }
        try:
            token = await self._client.fetch_access_token(redirect_uri, code=code, code_verifier=_verifier_of(secret))
            signed = await self._client.parse_id_token(token, nonce=_nonce_of(secret), claims_options=checked)
            told = await self._client.userinfo(token=token) if "userinfo_endpoint" in metadata else {}
        except httpx.HTTPError as error:
            raise ProviderSilent(type(error).__name__) from error
        except (AuthlibBaseError, JoseError, ValueError) as error:
            raise SignInInvalid(type(error).__name__) from error
        if signed is None or told.get("sub", signed["sub"]) != signed["sub"]:
            raise SignInInvalid("no ID token, or userinfo of somebody else")
        return {**told, **signed}

    def roles(self, claims: Mapping[str, Any]) -> frozenset[Role]:
        """Return the roles that somebody's claims mean here; unknown values mean nothing."""
        return frozenset(self._roles[value] for value in _values(claims, self._role_claim) if value in self._roles)

    def name(self, claims: Mapping[str, Any]) -> str:
        """Return the name for a new account: what its owner is called there, or a hash of the subject when that does not
        make a name."""
        for claim in ("preferred_username", "email"):
            name = folded_name(str(claims.get(claim, "")))
            if well_formed(name):
                return name
        return "oidc-" + hashlib.sha256(f"{self.issuer} {claims['sub']}".encode()).hexdigest()[:16]

    async def _metadata(self) -> Mapping[str, Any]:
        """Return what the provider publishes of itself, asked for once. Raises ProviderSilent."""
        try:
            metadata: dict[str, Any] = await self._client.load_server_metadata()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderSilent(type(error).__name__) from error
        if not metadata.keys() >= _ENDPOINTS:
            raise ProviderSilent("an incomplete description of itself")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [one for one in offered if _ALGORITHMS.fullmatch(one)]
        return metadata


def state_of(secret: str) -> str:
    """Return the `state` that goes with a browser's secret."""
    return _derived("state", secret)


def _nonce_of(secret: str) -> str:
    return _derived("nonce", secret)


def _verifier_of(secret: str) -> str:
    return _derived("code verifier", secret)


def _derived(purpose: str, secret: str) -> str:
    return hashlib.sha256(f"{purpose}:{secret}".encode()).hexdigest()


def _values(claims: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the strings of a claim: one, or a list. A claim whose whole name has dots in it comes first."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, str):
            yield one
