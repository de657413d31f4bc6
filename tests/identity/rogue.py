"""A provider of OpenID Connect that tells whatever lie a test asks for; otherwise it keeps to the standard."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "procurement", "a secret between the two"


@cache
def _key_of(name: str) -> RSAKey:
    """Made once a process for each name: that takes longer than most tests of it."""
    return RSAKey.generate_key(2048, {"kid": "first"})


class Rogue:
    """Listens on this machine until `close`. What a test changes: `claims`, `header`, `key`, `published`, `answers`."""

    def __init__(self, name: str) -> None:
        self.key = _key_of(name)
        self.published = [self.key]
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256"}
        self.metadata: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.answers = True
        self.codes: dict[str, tuple[str, str]] = {}  # code -> (nonce, challenge)
        self.redeemed = 0
        rogue = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(*rogue.get(urlsplit(self.path).path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                self._say(*rogue.token({name: values[0] for name, values in parse_qs(body).items()}))

            def _say(self, status: int, what: Any) -> None:
                body = json.dumps(what).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """It keeps no log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def get(self, path: str) -> tuple[int, Any]:
        if not self.answers:
            return 503, {}
        if path == "/jwks":
            return 200, KeySet(self.published).as_dict(private=False)
        if path == "/userinfo":
            return 200, self.userinfo
        return 200, {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
        } | self.metadata

    def let_in(self, there: str) -> tuple[str, str]:
        """Somebody signs in at `there`, where our service sent them; returns (code, state)."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
        assert asked["code_challenge_method"] == "S256" and asked["client_id"] == CLIENT
        code = token_urlsafe(8)
        self.codes[code] = (asked["nonce"], asked["code_challenge"])
        return code, asked["state"]

    def token(self, sent: dict[str, str]) -> tuple[int, Any]:
        self.redeemed += 1
        nonce, challenge = self.codes.pop(sent["code"], ("", ""))
        shown = urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if shown != challenge:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "sub": "ines-1", "nonce": nonce, "iat": now, "exp": now + 300}
        right |= {"email": "ines@marrow.example", "email_verified": True, "name": "Ines Duarte", "auth_time": now}
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.header["alg"] == "none":
            parts = [
                urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (self.header, claims)
            ]
            return ".".join([*parts, ""])
        if self.header["alg"] == "HS256":
            return jwt.encode(self.header, claims, OctKey.import_key(SECRET), algorithms=["HS256"])
        return jwt.encode({"kid": self.key.kid, **self.header}, claims, self.key)


Lie = Callable[[Rogue], None]


def saying(**claims: object) -> Lie:
    return lambda one: one.claims.update(claims)


def from_now(claim: str, seconds: int) -> Lie:
    """Counted when it is told: a whole run of tests may lie between."""
    return lambda one: one.claims.update({claim: int(time.time()) + seconds})


LIES: dict[str, Lie] = {
    "another nonce": saying(nonce="x"),
    "no nonce": saying(nonce=None),
    "another issuer": saying(iss="https://evil.example"),
    "for another client": saying(aud="another"),
    "for several, authorised for another": saying(aud=[CLIENT, "another"], azp="another"),
    "for several, authorised for nobody": saying(aud=[CLIENT, "another"]),
    "expired": from_now("exp", -120),
    "for ever": saying(exp=None),
    "from the future": from_now("iat", 600),
    "nobody": saying(sub=None),
    "no text": saying(sub=7),
    "unsigned": lambda one: one.header.update(alg="none"),
    "signed with the shared secret": lambda one: one.header.update(alg="HS256"),
    "signed with another key": lambda one: setattr(one, "key", RSAKey.generate_key(2048, {"kid": "first"})),
    "signed with an unknown key": lambda one: setattr(one, "key", RSAKey.generate_key(2048, {"kid": "second"})),
}
