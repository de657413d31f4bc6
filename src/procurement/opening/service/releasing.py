"""What the keyholder is asked to grant: exactly what closing fixed, then exactly the prices of who passed.

The same again gives the same answer, so a keyholder that came back from a copy is asked anew.
"""

from procurement.bids import service as bids
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import FINANCIAL
from procurement.keyholder.protocol import Opening as Asked
from procurement.opening.service.acts import decision_evidence
from procurement.opening.service.evidence import closing_evidence, first_opening
from procurement.opening.service.financial.reading import passed_envelopes
from procurement.opening.tables import FinancialOpeningRow
from procurement.tenders.rules.model import Tender


async def grant_first(tx: Tx, keyholder: Keyholder, tender: Tender) -> None:
    """Have the keyholder release exactly what closing fixed. Refused as the keyholder says."""
    closing = await bids.closing_of(tx, tender.id)
    assert closing is not None  # nobody can ask for an opening before
    digests = tuple(one.digest for one in await bids.fixed_envelopes(tx, tender.id))
    await keyholder.release(first_opening(tender), await closing_evidence(tx, closing), digests)


async def grant_prices(tx: Tx, keyholder: Keyholder, tender: Tender) -> None:
    """Have it release the financial envelopes of exactly those who passed, and note by which leaf it did.

    Refused as the keyholder says; ("technical-sealed") until two people gave it codes for the first opening again,
    where it forgot that it ever released that.
    """
    if await forgot_first(tx, keyholder, tender):
        raise Refused(
            "technical-sealed",
            "The key service came back from a copy that was made before the first opening. Two people each give a code "
            "for that opening again, here, and then another one for the prices.",
        )
    digests = tuple(one.digest for one in await passed_envelopes(tx, tender.id))
    granted = await keyholder.release(Asked(tender.id, kind=FINANCIAL), await decision_evidence(tx, tender.id), digests)
    (await tx.session.get_one(FinancialOpeningRow, tender.id)).leaf = granted.leaf


async def forgot_first(tx: Tx, keyholder: Keyholder, tender: Tender) -> bool:
    """Whether the keyholder still needs two people's codes for the first opening, which was shown long ago."""
    try:
        await grant_first(tx, keyholder, tender)
    except Refused as no:
        if no.code == "two-persons-needed":
            return True
        raise
    return False
