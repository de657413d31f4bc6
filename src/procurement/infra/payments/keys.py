"""Which keys may be used where: practice money in a sandbox, real money in a real installation."""

from procurement.infra.payments.stripe_cards import LIVE
from procurement.infra.tx import Database
from procurement.settings import Settings


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
