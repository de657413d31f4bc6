"""Awards of several tenders at once, for desks."""

from collections.abc import Iterable

from procurement.awards.rules import Award
from procurement.awards.service import store
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P


async def awards_of(tx: Tx, buyer: str, tender_ids: Iterable[str]) -> dict[str, tuple[Award, ...]]:
    """Proposals and awards of tenders of this buyer, by tender: for those who decide there."""
    tx.actor.must(P.AWARD_READ, of=buyer)
    return await store.standing_of(tx, tender_ids)


async def decisions_of(tx: Tx, tender_ids: Iterable[str]) -> dict[str, tuple[Award, ...]]:
    """The announced awards, by tender. Public."""
    found = {
        tender: tuple(award for award in awards if award.announced_at is not None)
        for tender, awards in (await store.standing_of(tx, tender_ids)).items()
    }
    return {tender: awards for tender, awards in found.items() if awards}
