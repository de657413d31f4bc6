"""Whether every acknowledged bid is still here as it was acknowledged. Only ciphertext is read, and no key is needed.

The public log comes first: every record has to give its entry. From there on each record of a received bid names the
digest of an envelope, and each envelope the hashes of its parts. So whatever was exchanged, added or taken away behind
the service, in tables or in files, differs from something that is signed.
"""

from collections.abc import AsyncIterator

import msgspec
from sqlalchemy import select

from procurement.bids.rules.facts import BidReceived, named_apart
from procurement.bids.service.lost import is_whole
from procurement.bids.tables import Bid, BidFinancial, BidReceipt
from procurement.infra.files import Files
from procurement.infra.ledger import proofs
from procurement.infra.ledger import service as ledger
from procurement.infra.retained import ErasedFile
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.sealing import Blob, SignedReceipt, parse_envelope
from procurement.kernel.sealing.receipt import moment

EXAMINER = system("examination")
BATCH = 200  # records that are read in one transaction


class Flaw(msgspec.Struct, frozen=True):
    """What is not as it was acknowledged; `digest` is the bid's, as on its receipt."""

    tender: str
    digest: str
    problem: str


class Examined(msgspec.Struct):
    """How much was looked at, and what was found. `erased` parts went after their time, as retention recorded."""

    bids: int = 0
    parts: int = 0
    size: int = 0  # bytes
    erased: int = 0
    flaws: list[Flaw] = []


class _Named(msgspec.Struct, frozen=True):
    """A received bid with the parts that have to be in the file store."""

    fact: BidReceived
    blobs: list[Blob]


async def examine(database: Database, files: Files) -> Examined:
    """Look at everything; bids may come meanwhile.

    Refused("record-altered", 500) where the log itself does not hold: then nothing follows from it.
    """
    found = Examined()
    async with database.begin(EXAMINER) as tx:
        await proofs.recompute(tx.session)
        rows = await tx.session.execute(select(Bid.id, Bid.tender_id, Bid.digest))
        unheard = {row.id: Flaw(row.tender_id, row.digest, "no record says that it was received") for row in rows}
    async for one in _received(database, found):
        unheard.pop(one.fact.bid, None)
        for blob in one.blobs:
            found.parts, found.size = found.parts + 1, found.size + blob.size
            if not await is_whole(files, blob):
                found.flaws.append(_flaw(one.fact, f"its sealed part {blob.sha256} is missing, or was exchanged"))
    found.flaws += unheard.values()
    return found


async def _received(database: Database, found: Examined) -> AsyncIterator[_Named]:
    """Every bid that the record says was received, held against what is stored of it."""
    after = -1
    while True:
        async with database.begin(EXAMINER) as tx:
            told = await ledger.of_types(tx.session, {BidReceived.__name__}, after, BATCH)
            batch = [await _stored(tx, one, found) for one in told]
        if not told:
            return
        after = told[-1].id
        for one in batch:
            yield one


async def _stored(tx: Tx, told: ledger.Told, found: Examined) -> _Named:
    fact = msgspec.convert(told.fact, BidReceived)
    found.bids += 1
    bid = await tx.session.get(Bid, fact.bid)
    if bid is None or sha256_hex(bid.envelope) != fact.digest:
        gone = "it is not stored any more" if bid is None else "its envelope is not the one that was received"
        found.flaws.append(_flaw(fact, gone))
        return _Named(fact, [])
    if _of(bid) != _of_fact(fact):
        found.flaws.append(_flaw(fact, "it is stored as another bid, or at another moment, than was received"))
    if not await _has_receipt(tx, told.id, fact):
        found.flaws.append(_flaw(fact, "its receipt is not the one that was given"))
    owner = f"{fact.tender}/{fact.supplier}"
    erased = select(ErasedFile.sha256).where(ErasedFile.kind == "sealed", ErasedFile.owner == owner)
    gone_since = set(await tx.session.scalars(erased))
    blobs = list(parse_envelope(bid.envelope).blobs)
    financial = await tx.session.execute(
        select(BidFinancial.lot, BidFinancial.envelope).where(BidFinancial.bid_id == fact.bid)
    )
    apart: dict[str, bytes] = {lot: envelope for lot, envelope in financial}
    if named_apart({lot: sha256_hex(envelope) for lot, envelope in apart.items()}) != _apart_in(fact):
        found.flaws.append(_flaw(fact, "its financial envelopes are not those that were received"))
    else:
        blobs += [blob for envelope in apart.values() for blob in parse_envelope(envelope).blobs]
    kept = [blob for blob in blobs if blob.sha256 not in gone_since]
    found.erased += len(blobs) - len(kept)
    return _Named(fact, kept)


async def _has_receipt(tx: Tx, record_id: int, fact: BidReceived) -> bool:
    """Whether the stored receipt is of this bid and names this record's entry."""
    row = await tx.session.get(BidReceipt, fact.bid)
    if row is None or row.record_id != record_id:
        return False
    body = msgspec.json.decode(row.body, type=SignedReceipt).receipt
    entry = (await ledger.entry_of(tx.session, record_id)).hex()
    return (body.digest, body.record, body.received_at) == (fact.digest, entry, moment(fact.received_at))


def _of(bid: Bid) -> tuple[object, ...]:
    return bid.tender_id, bid.supplier_id, bid.version, bid.digest, bid.received_at, bid.deadline_applied


def _of_fact(fact: BidReceived) -> tuple[object, ...]:
    return fact.tender, fact.supplier, fact.version, fact.digest, fact.received_at, fact.deadline_applied


def _apart_in(fact: BidReceived) -> dict[str, object]:
    """What the fact says of financial envelopes, as `named_apart`."""
    said = {"financial": fact.financial, "financial_lots": fact.financial_lots}
    return {name: digests for name, digests in said.items() if digests}


def _flaw(fact: BidReceived, problem: str) -> Flaw:
    return Flaw(fact.tender, fact.digest, problem)
