"""Which keys may be used where, and who is told them: practice money in a sandbox, real money in a real service."""

import httpx

from procurement.infra.tx import Database
from procurement.settings import Settings

LIVE = ("sk_live_", "rk_live_")
PAGES = "https://checkout.stripe.com"


async def must_be_right(settings: Settings, database: Database) -> None:
    """What web and worker ask before they start. ValueError as `must_fit`."""
    if settings.stripe_secret_key:
        must_fit(is_live(settings), sandbox=await database.is_sandbox())


def is_live(settings: Settings) -> bool:
    return settings.stripe_secret_key.startswith(LIVE)


def must_fit(live: bool, *, sandbox: bool) -> None:
    """ValueError where people who practise would pay real money, or real fees be paid with the card of a textbook."""
    if live and sandbox:
        raise ValueError("STRIPE_SECRET_KEY is a live key and this is a sandbox: use a test key.")
    if not live and not sandbox:
        raise ValueError("STRIPE_SECRET_KEY is a test key and this is a real installation: use a live key.")


def pages_of(settings: Settings) -> str:
    """The origin on which people type their cards; "" where no cards are taken."""
    if not settings.stripe_secret_key:
        return ""
    url = httpx.URL(settings.stripe_url or PAGES)
    return f"{url.scheme}://{url.netloc.decode()}"


def must_be_stripes(address: str) -> None:
    """ValueError unless the address is empty or on this machine."""
    url = httpx.URL(address) if address else None
    if url and (url.scheme not in ("http", "https") or url.host not in ("127.0.0.1", "::1", "localhost")):
        raise ValueError("STRIPE_URL may only name this machine: leave it empty for Stripe's own address.")
