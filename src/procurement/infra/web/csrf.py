"""Cross-site request forgery: the browser's own word (Origin, Sec-Fetch-Site), and a token bound to the session.

Programs with a bearer token carry no cookie, so none of this concerns them.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from procurement.kernel.refusal import Refused

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


NONCE = 16


def token(cookie: str, nonce: bytes | None = None) -> str:
    """A form token that belongs to a session cookie (or, before sign-in, to a visit cookie).

    It is another one on every page, so that a compressed page does not give it away (BREACH).
    """
    nonce = nonce or secrets.token_bytes(NONCE)
    return (nonce + hmac.digest(cookie.encode(), b"csrf/v1" + nonce, hashlib.sha256)).hex()


def check_token(given: str, cookie: str) -> None:
    """Refused("form-token") unless the form came from a page that this session was given."""
    try:
        nonce = bytes.fromhex(given)[:NONCE]
    except ValueError:
        nonce = b""
    if not cookie or len(nonce) < NONCE or not hmac.compare_digest(given.encode(), token(cookie, nonce).encode()):
        raise Refused(
            "form-token",
            "This form belongs to another session. Go back, reload the page and send it again.",
            status=403,
        )


def check_origin(headers: dict[bytes, bytes], own: str) -> None:
    """Refused("foreign-origin") when the browser says that another site sent the request.

    `own` is scheme://host of this service. A request without either header is left to the token.
    """
    site = headers.get(b"sec-fetch-site", b"").decode("latin-1")
    origin = headers.get(b"origin", b"").decode("latin-1")
    if (site and site not in {"same-origin", "none"}) or (origin and origin != own):
        raise Refused("foreign-origin", "Another website sent this request. Nothing was changed.", status=403)


def origin_of(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"
