"""Public keys are facts: whoever follows the log learns of every one that is used, and of every change."""

from sqlalchemy import text

from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.tx import Tx

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('published-key', 0))")


async def publish_key(tx: Tx, purpose: str, verifier: str) -> None:
    """Record `verifier` (C2SP) as the key for `purpose`, unless it is the one in force: once, whoever comes first."""
    if (await ledger.published_keys(tx.session)).get(purpose) == verifier:
        return
    await tx.session.execute(LOCK)
    if (await ledger.published_keys(tx.session)).get(purpose) != verifier:
        await tx.record(KeyPublished(purpose=purpose, verifier=verifier))
