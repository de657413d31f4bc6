"""One provider: found by discovery, asked for codes and tokens, its ID tokens verified with its published keys.

Standards: OpenID Connect Core and Discovery 1.0, RFC 7636 (PKCE, S256), RFC 9207 (`iss` in the answer).
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from procurement.infra.oidc.registered import LOCAL, Registered
from procurement.kernel.refusal import Refused

PATIENCE = 5.0  # seconds for each of its answers
REMEMBERED = 3600.0  # seconds that discovery and keys are kept
PAUSE = 15.0  # seconds before a provider that did not answer, or a key that it did not have, is asked about again
SKEW = 60  # seconds that its clock may differ
# Signatures of its own key only: never `none`, never an HMAC with a secret that we know too.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")

T = TypeVar("T")


class Metadata(msgspec.Struct, frozen=True):
    """What we need of OpenID Provider Metadata."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What came back with the browser, RFC 6749 §4.1.2."""

    code: str = ""
    error: str = ""
    iss: str = ""


class Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


class Provider:
    """Keeps what it learns for an hour. Nothing of it is needed before somebody presses its button."""

    def __init__(self, known: Registered, http: httpx.AsyncClient) -> None:
        self.known, self.http = known, http
        self._metadata: Metadata | None = None
        self._keys: KeySet | None = None
        self._metadata_at = self._keys_at = self._failed_at = -REMEMBERED
        self._one_at_a_time = asyncio.Lock()

    async def way_there(self, redirect_uri: str, state: str, nonce: str, verifier: str, *, again: bool) -> str:
        """Where the browser goes. `again` asks for a fresh proof, as strong as the provider gives."""
        metadata = await self.metadata()
        asked = {
            "response_type": "code",
            "client_id": self.known.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        if again:
            asked |= {"prompt": "login", "max_age": "0"}
        if self.known.strong_acr:
            asked["acr_values"] = " ".join(self.known.strong_acr)
        joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
        return f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}"

    async def claims(self, answer: Answer, redirect_uri: str, nonce: str, verifier: str) -> dict[str, Any]:
        """The verified claims of who came back. Refused("provider-refused") for what is not believed."""
        metadata = await self.metadata()
        _must_be_of(answer, metadata)
        if answer.error or not answer.code:
            raise refused(f"{self.known.title} let nobody in. Try again, or use another way to sign in.")
        tokens = await self._redeem(metadata, answer.code, redirect_uri, verifier)
        claims = await self._verified(tokens.id_token, nonce)
        if "email" in claims or not metadata.userinfo_endpoint or not tokens.access_token:
            return claims
        headers = {"authorization": f"Bearer {tokens.access_token}"}
        more = await self._get(metadata.userinfo_endpoint, dict[str, Any], headers=headers)
        if more.get("sub") != claims["sub"]:
            raise refused()  # Core §5.3.2: somebody else's
        return more | claims

    async def way_out(self, back: str) -> str:
        """Where the browser ends its session at the provider too; "" where it offers that nowhere, or is down."""
        try:
            endpoint = (await self.metadata()).end_session_endpoint
        except Refused:
            return ""
        return (
            f"{endpoint}?{urlencode({'client_id': self.known.client_id, 'post_logout_redirect_uri': back})}"
            if endpoint
            else ""
        )

    async def metadata(self) -> Metadata:
        """By discovery. Refused("provider-unavailable", 503) when it does not answer, or answers for somebody else."""
        async with self._one_at_a_time:
            if self._metadata is None or time.monotonic() - self._metadata_at > REMEMBERED:
                self._must_not_have_failed_just_now()
                found = await self._get(f"{self.known.issuer.rstrip('/')}/.well-known/openid-configuration", Metadata)
                if found.issuer != self.known.issuer or not all(map(_is_safe, _addresses(found))):
                    raise unavailable(self.known.title)
                self._metadata, self._metadata_at = found, time.monotonic()
            return self._metadata

    async def _redeem(self, metadata: Metadata, code: str, redirect_uri: str, verifier: str) -> Tokens:
        """The code for tokens; the provider takes each code once."""
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        sent |= {"code_verifier": verifier, "client_id": self.known.client_id}
        auth = None
        if self.known.client_secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(quote(self.known.client_id, safe=""), quote(self.known.client_secret, safe=""))
        elif self.known.client_secret:
            sent["client_secret"] = self.known.client_secret
        try:
            answer = await self.http.post(metadata.token_endpoint, data=sent, auth=auth or httpx.USE_CLIENT_DEFAULT)
        except httpx.HTTPError as lost:
            raise unavailable(self.known.title) from lost
        if answer.status_code >= 500:
            raise unavailable(self.known.title)
        if answer.status_code != 200:
            raise refused()
        return _read(answer, Tokens)

    async def _verified(self, id_token: str, nonce: str) -> dict[str, Any]:
        """Core §3.1.3.7. A signature that no known key made is tried once more with keys fetched anew: keys rotate."""
        try:
            token = jwt.decode(id_token, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            try:
                token = jwt.decode(id_token, await self._key_set(older_than=PAUSE), algorithms=ALGORITHMS)
            except (JoseError, ValueError) as wrong:
                raise refused() from wrong
        rules = jwt.JWTClaimsRegistry(
            leeway=SKEW,
            iss={"essential": True, "value": self.known.issuer},
            aud={"essential": True, "value": self.known.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            rules.validate(token.claims)
        except JoseError as wrong:
            raise refused() from wrong
        several = isinstance(token.claims["aud"], list) and len(token.claims["aud"]) > 1
        if token.claims.get("azp", "" if several else self.known.client_id) != self.known.client_id:
            raise refused()
        return token.claims

    async def _key_set(self, older_than: float = REMEMBERED) -> KeySet:
        """Its keys, fetched again when ours are older than so many seconds."""
        metadata = await self.metadata()
        async with self._one_at_a_time:
            if self._keys is None or time.monotonic() - self._keys_at > older_than:
                published = await self._get(metadata.jwks_uri, dict[str, Any])
                try:
                    self._keys = KeySet.import_key_set(published)  # type: ignore[arg-type]  # it is checked here
                except (JoseError, ValueError, KeyError, TypeError) as wrong:
                    raise unavailable(self.known.title) from wrong
                self._keys_at = time.monotonic()
            return self._keys

    async def _get(self, address: str, kind: type[T], headers: dict[str, str] | None = None) -> T:
        try:
            answer = await self.http.get(address, headers=headers)
            answer.raise_for_status()
            return msgspec.json.decode(answer.content, type=kind)
        except (httpx.HTTPError, msgspec.DecodeError) as lost:
            self._failed_at = time.monotonic()
            raise unavailable(self.known.title) from lost

    def _must_not_have_failed_just_now(self) -> None:
        """Nobody waits for a provider that is known to be down."""
        if time.monotonic() - self._failed_at < PAUSE:
            raise unavailable(self.known.title)


class Providers:
    """All of them, by key, over one HTTP client that follows no redirects."""

    def __init__(self, known: Iterable[Registered]) -> None:
        self.http = httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False)
        self.by_key = {one.key: Provider(one, self.http) for one in known}

    @property
    def titles(self) -> dict[str, str]:
        return {key: one.known.title for key, one in self.by_key.items()}

    async def close(self) -> None:
        await self.http.aclose()


def challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def refused(detail: str = "The provider's answer could not be believed. Start again from the sign-in page.") -> Refused:
    return Refused("provider-refused", detail, status=422)


def unavailable(title: str) -> Refused:
    detail = f"{title} does not answer as it should just now. Use another way to sign in, or try again in a minute."
    return Refused("provider-unavailable", detail, status=503)


def _must_be_of(answer: Answer, metadata: Metadata) -> None:
    """Refused("provider-refused") for the answer of another provider (RFC 9207: mix-up)."""
    expected = (metadata.issuer,) if metadata.authorization_response_iss_parameter_supported else (metadata.issuer, "")
    if answer.iss not in expected:
        raise refused()


def _addresses(found: Metadata) -> list[str]:
    optional = (found.userinfo_endpoint, found.end_session_endpoint)
    return [found.authorization_endpoint, found.token_endpoint, found.jwks_uri, *filter(None, optional)]


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)


def _read(answer: httpx.Response, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as wrong:
        raise refused() from wrong
