"""Whether cards can be taken: the key is of the right kind, Stripe answers it, and its notices can be believed."""

from procurement.infra.doctor.finding import Finding, advice, broken, ok
from procurement.infra.outbox import Handlers
from procurement.infra.payments import Account
from procurement.infra.payments.keys import is_live, must_fit
from procurement.infra.payments.stripe_cards import connect
from procurement.infra.tx import Database
from procurement.kernel.refusal import Refused
from procurement.settings import Settings


async def cards(settings: Settings) -> list[Finding]:
    """Nothing to say where no key is set: people pay by bank transfer."""
    if not settings.stripe_secret_key:
        return []
    kind = "a live key: cards are really charged" if is_live(settings) else "a test key: no money moves"
    found = [*await _fits(settings), *await _answers(settings, kind)]
    if not settings.stripe_webhook_secret:
        found.append(advice("cards", "no notices are taken: set STRIPE_WEBHOOK_SECRET, as docs/deploy.md tells."))
    return found


async def _fits(settings: Settings) -> list[Finding]:
    database = Database(settings.database_url, Handlers())
    try:
        must_fit(is_live(settings), sandbox=await database.is_sandbox())
    except ValueError as wrong:
        return [broken("cards", str(wrong))]
    finally:
        await database.dispose()
    return []


async def _answers(settings: Settings, kind: str) -> list[Finding]:
    try:
        cards = connect(settings)
        assert cards
        try:
            account: Account = await cards.account()
        finally:
            await cards.close()
    except ValueError as wrong:
        return [broken("cards", str(wrong))]
    except Refused:
        return [broken("cards", "Stripe does not answer this key: is it right, and may this machine call Stripe?")]
    said = ok("cards", f"Stripe answers for {account.id}, by {kind}.")
    off = broken("cards", f"{account.id} may not charge cards yet: finish its registration with Stripe.")
    return [said] if account.cards else [said, off]
