"""Documents in which the scanner found malware: kept from readers, and taken on purpose by those who have to look."""

import msgspec

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening.rules import Document, QuarantinedTaken
from procurement.tenders import service as tenders

SUFFIX = ".quarantined"  # so that nothing opens it at a click


async def take(tx: Tx, tender_id: str, bid: str, document: Document) -> Document:
    """A quarantined document under a harmless name, for the committee and auditors; that they took it is a fact.

    The caller has found the document for this actor. Refused("not-permitted", 403), ("not-quarantined").
    """
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.QUARANTINE_TAKE, of=tender.buyer)
    if not document.quarantined:
        raise Refused("not-quarantined", "This document is not quarantined. Download it as any other.")
    fact = QuarantinedTaken(tender=tender_id, bid=bid, document=document.number, person=tx.actor.person)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    return msgspec.structs.replace(document, name=document.name + SUFFIX)


def may_take(tx: Tx, buyer: str) -> bool:
    return tx.actor.may(P.QUARANTINE_TAKE, of=buyer)
