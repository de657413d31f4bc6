"""The key holders to whom bids for a tender are sealed, as its publication froze them."""

import msgspec

from procurement.holders import service as holders
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.roster import Roster, check_all_signed
from procurement.tenders.rules import Tender


class Members(msgspec.Struct, frozen=True):
    """The roster, and the signature of each holder by id: all of them, and checked."""

    roster: Roster
    signatures: dict[str, str]


async def members(tx: Tx, tender: Tender) -> Members | None:
    """None at level S1. Refused("roster-differs", 500) when what is stored is not what was published: nothing may be
    sealed to it; ("roster-unsigned", 422), ("signature-wrong", 422)."""
    if tender.seal_level == "S1":
        return None
    chosen = await holders.roster(tx, tender.id)
    if chosen is None or chosen.frozen_at is None or chosen.level != tender.seal_level:
        raise Refused(
            "roster-differs", "The key holders of this tender are not those published. Tell the auditor.", status=500
        )
    check_all_signed(chosen.roster, chosen.signatures)
    return Members(chosen.roster, chosen.signatures)


async def roster(tx: Tx, tender: Tender) -> Roster | None:
    """Their roster alone."""
    found = await members(tx, tender)
    return found.roster if found else None
