"""Passkeys (W3C Web Authentication, level 3): whose they are, what they answer for, and copies of them."""

from datetime import datetime
from ipaddress import ip_address
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused

MOST = 20  # passkeys of one person
LONGEST_LABEL = 60  # characters


class PasskeyAdded(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.NEVER
    passkey: str
    person: str


class PasskeyRemoved(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.NEVER
    passkey: str
    person: str


class PasskeySuspected(Fact, frozen=True, kw_only=True):
    """An answer whose counter had not moved on: somebody may have a copy."""

    visible: ClassVar[Visible] = Visible.NEVER
    passkey: str
    person: str


class RelyingParty(msgspec.Struct, frozen=True):
    """Who asks: passkeys are bound to the name `id` and answer to no page from elsewhere than `origin`."""

    id: str
    origin: str


class OwnPasskey(msgspec.Struct, frozen=True):
    """A passkey as its owner sees it."""

    id: str
    label: str
    created_at: datetime
    last_used_at: datetime | None
    suspected: bool


def relying_party(base_url: str) -> RelyingParty | None:
    """From the public address. None where browsers offer no passkeys: at a bare IP address, or without HTTPS."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    try:
        ip_address(host)
    except ValueError:
        return RelyingParty(host, f"{parts.scheme}://{parts.netloc}") if local or parts.scheme == "https" else None
    return None


def has_moved(stored: int, answered: int) -> bool:
    """Whether the counter grew (§6.1.1). Authenticators that do not count, as synced ones, say 0 for ever."""
    return answered > stored or answered == stored == 0


def not_here() -> Refused:
    return Refused("passkeys-not-here", "This address of the service takes no passkeys. Use your password.", status=404)


def refused() -> Refused:
    """The same words for every reason, but a page that took too long (ASVS 6.3.8)."""
    return Refused(
        "passkey-refused",
        "This passkey was not accepted. Try again, or use another way to sign in.",
        status=422,
    )


def too_late() -> Refused:
    return Refused(
        "passkey-too-late",
        "The request for your passkey was used or is older than five minutes. Press the button again.",
        status=422,
    )


def copied(passkey: str, person: str) -> Refused:
    """The counter stood still: there may be two of it, so neither is believed any more."""
    return Refused(
        "passkey-refused",
        "This passkey may have been copied and is not accepted any more. Use another way to sign in, then replace it.",
        status=422,
        fact=PasskeySuspected(passkey=passkey, person=person),
    )
