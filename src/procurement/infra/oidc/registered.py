"""Which providers the settings name."""

from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from procurement.settings import Settings

ONE = "provider"  # the key of the only one
LOCAL = ("localhost", "127.0.0.1", "::1")


class Registered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider, and how this service is registered with it. `key` stands in our addresses, also in the redirect URI.

    `strong_acr` are the values of `acr` by which it says that it asked for more than a password.
    """

    issuer: str
    client_id: str
    key: Annotated[str, msgspec.Meta(pattern="^[a-z0-9-]{1,40}$")] = ONE
    client_secret: str = ""
    name: str = ""
    strong_acr: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for an issuer that is not reached by HTTPS, but for one on this machine."""
        parts = urlsplit(self.issuer)
        if not (parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL))):
            raise ValueError(f"an issuer is an https address, not {self.issuer!r}")

    @property
    def title(self) -> str:
        """How people know it."""
        return self.name or urlsplit(self.issuer).hostname or self.key


def registered(settings: Settings) -> list[Registered]:
    """In the order of the settings; none where nothing is set. Raises msgspec.ValidationError for what cannot be."""
    if settings.oidc_providers:
        found = msgspec.json.decode(settings.oidc_providers, type=list[Registered])
        if len({one.key for one in found}) < len(found):
            raise msgspec.ValidationError("OIDC_PROVIDERS: every provider needs a `key` of its own")
        return found
    if not settings.oidc_issuer:
        return []
    asked = {
        "issuer": settings.oidc_issuer,
        "client_id": settings.oidc_client_id,
        "client_secret": settings.oidc_client_secret,
        "name": settings.oidc_name,
        "strong_acr": settings.oidc_strong_acr.split(),
    }
    return [msgspec.convert(asked, Registered)]
