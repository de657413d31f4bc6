"""What proves to the keyholder that bidding closed, or that a tender is over: a fact and its place in the ledger."""

from typing import Any

import msgspec

from procurement.bids.service import Closing
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.proofs import prove
from procurement.infra.tx import Tx
from procurement.kernel.entry import REPEATED, Record, is_open
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_record import KEY, MOVES, PURPOSE
from procurement.keyholder.protocol import FINANCIAL, TECHNICAL, Evidence
from procurement.keyholder.protocol import Opening as Asked
from procurement.keyholder.rules import leaf_of
from procurement.tenders.rules.model import Tender


def first_opening(tender: Tender) -> Asked:
    """What is opened after the closing, as the keyholder names it: whole bids, or their technical envelopes."""
    return Asked(tender.id, kind=TECHNICAL if tender.two_envelopes else "single")


def openings(tender: Tender) -> list[Asked]:
    """Everything of the tender that the keyholder has an identity for."""
    first = first_opening(tender)
    return [first, Asked(tender.id, kind=FINANCIAL)] if tender.two_envelopes else [first]


async def closing_evidence(tx: Tx, closing: Closing) -> Evidence:
    """Refused("not-yet-proven", 404) in the second before the closing stands in a signed checkpoint."""
    return await evidence(tx, closing.record_id)


async def evidence(tx: Tx, record_id: int) -> Evidence:
    """A record with its salt, its place in the ledger, and the signed checkpoint over it. Refused as above.

    Of a public record whose entry is not open, what repeats it in an open one.
    """
    return await own_evidence(tx, await ledger.repeated_by(tx.session, record_id) or record_id)


async def own_evidence(tx: Tx, record_id: int) -> Evidence:
    """The same of the record's own entry, whatever repeats it."""
    found = await ledger.unveiled(tx.session, record_id)
    if found is None:
        raise Refused("not-yet-proven", "It is not in the public record yet. Try again soon.", status=404)
    return await of_entry(tx, found)


async def of_entry(tx: Tx, entry: ledger.Entry) -> Evidence:
    """The same of a record that is known to be placed."""
    proof = await prove(tx.session, entry.index)
    return Evidence(
        record=entry.record,
        salt=entry.salt,
        index=entry.index,
        proof=tuple(sibling.hex() for sibling in proof.hashes()),
        checkpoint=proof.checkpoint,
        open=is_open(bytes.fromhex(entry.entry)),
    )


async def closing_leaf(tx: Tx, closing: Closing) -> str:
    """The leaf hash (hex) that officers assert and that the whole opening is named by."""
    return leaf_of(await closing_evidence(tx, closing))


async def word_of_keyholder(tx: Tx, tender: Tender) -> tuple[Evidence, ...]:
    """Every entry that names a key of its, or what it signed of this tender's opening, and those that repeat them."""
    keys = await ledger.readable_of(tx.session, {KEY, REPEATED}, "")
    found = await ledger.readable_of(tx.session, {*MOVES, REPEATED}, tender.ocid)
    found += [one for one in keys if any(fact.get("purpose") == PURPOSE for fact in _said_in(one))]
    return tuple([await of_entry(tx, one) for one in sorted(found, key=lambda one: one.index)])


def _said_in(entry: ledger.Entry) -> list[dict[str, Any]]:
    """The fact, and those that it repeats."""
    fact = msgspec.json.decode(entry.record, type=Record).fact
    return [fact, *(msgspec.json.decode(one["record"], type=Record).fact for one in fact.get("records", ()))]
