"""Submit and withdraw: one small transaction that names what is already durable.

1. The tender's shared lock: extension, closing and cancellation take the exclusive one.
2. The (tender, supplier) row, then the idempotency key: the same request again gets the stored receipt, at any time.
3. The insert, which the database stamps and refuses when it is late.
4. The record, and the receipt that names its entry.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Self

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from procurement.bids.rules import submission as rules
from procurement.bids.rules.facts import BidReceived, BidWithdrawn, named_apart
from procurement.bids.service import members, parts, receipts
from procurement.bids.service.own import latest, my_bid
from procurement.bids.tables import Bid, Bidder, BidFinancial, BidWithdrawal
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import Envelope, Roster, digest, envelope_bytes, parse_envelope
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender

LATE, NOT_OPEN, CLOCK_BEHIND = "PB001", "PB002", "PB003"  # what the trigger `stamp_in_time` raises
LONGEST_KEY = 200  # characters of an Idempotency-Key
ONCE = ("bid_digest_key", "bid_financial_digest_key")  # the constraints that an envelope is submitted once


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """`envelope` is canonical bytes, `version` the one sealed inside. `request` tells a repeated request (by its
    SHA-256) from another one under the same `key`. Where bids have two envelopes, `envelope` is the technical one; of
    the `financial` there is one for all lots, or one for each lot."""

    tender: str
    envelope: bytes
    version: int
    key: str
    request: str
    financial: tuple[bytes, ...] = ()

    @classmethod
    def sealed(cls, tender_id: str, envelope: Envelope, version: int, key: str,
               financial: Sequence[Envelope] = ()) -> Self:  # fmt: skip
        """Of a bid that its own client sealed: the same request is the same envelopes and version."""
        data, others = envelope_bytes(envelope), tuple(envelope_bytes(one) for one in financial)
        request = sha256_hex(data + f" version {version}".encode() + b"".join(others))
        return cls(tender=tender_id, envelope=data, version=version, key=key, request=request, financial=others)

    @property
    def envelopes(self) -> tuple[bytes, ...]:
        """All of the round, which are received together or not at all."""
        return self.envelope, *self.financial


async def submit(tx: Tx, signer: SignerKey, offered: Submission) -> receipts.Receipt:
    """Receive a sealed bid of the acting organisation; returns its receipt.

    Refused: "bid-late" (with the fact LateBidRefused), "tender-not-open", "clock-behind" (503),
    "idempotency-key-reused", "version-taken", "revision-changed" (409); "parts-missing", "bid-misplaced" (422, also for
    an envelope that was submitted before); what
    `must_be_at_level` and `parse_envelope` refuse (422).
    """
    supplier = tx.actor.organisation
    tx.actor.must(P.BID_SUBMIT, of=supplier)
    tender = await _wait_turn(tx, offered.tender, supplier)
    if known := await repeated(tx, offered.tender, offered.key, offered.request):
        return known
    if tender.buyer == supplier:
        raise Refused("own-tender", "An organisation cannot bid for its own tender.", status=403)
    await identity.must_not_work_for(tx, tender.buyer)
    await must_be_one_bidder(tx, tender.id, supplier)
    envelopes, before = [parse_envelope(data) for data in offered.envelopes], await latest(tx, tender.id, supplier)
    holders, stored = await members.roster(tx, tender), await parts.stored(tx, tender.id)
    must_fit(tender, envelopes, offered.version, holders, stored, before.version if before else 0)
    bid = await _insert(tx, tender, offered, envelopes[1:])
    tx.now = bid.received_at  # the record has the moment the database decided on
    fact = received(bid, envelopes[0], before.id if before else "")
    record_id = await tx.record(fact, process=tender.ocid, organisation=supplier)
    return await receipts.issue(tx, signer, bid, envelopes[0], record_id)


def must_fit(
    tender: Tender,
    envelopes: Sequence[Envelope],
    version: int,
    holders: Roster | None,
    stored: Mapping[str, int],
    latest: int,
) -> None:
    """Refused unless the envelopes answer this tender as it stands, are sealed as it asks, and all of them is there."""
    rules.must_answer(tender, envelopes)
    for envelope in envelopes:
        rules.must_be_at_level(tender, envelope, holders)
        rules.must_be_stored(envelope, stored)
    rules.must_be_next(version, latest)


def received(bid: receipts.Stamped, envelope: Envelope, replaces: str) -> BidReceived:
    """What is recorded of a bid; `replaces` is the one before it, or ""."""
    return BidReceived(
        tender=bid.tender,
        bid=bid.id,
        supplier=bid.supplier,
        version=bid.version,
        digest=bid.digest,
        received_at=bid.received_at,
        deadline_applied=bid.deadline_applied,
        sealed_by=envelope.sealed_by,
        replaces=replaces,
        **named_apart(bid.financial),
    )


async def must_be_one_bidder(tx: Tx, tender_id: str, supplier: str) -> None:
    """Refused("organisation-merged") for one that is no more, ("predecessor-bid") beside the bid of one taken over."""
    await identity.must_not_be_merged(tx, supplier)
    for before in await identity.predecessors(tx, supplier):
        theirs = await latest(tx, tender_id, before)
        withdrawn = select(BidWithdrawal.bid_id).where(BidWithdrawal.bid_id == (theirs.id if theirs else ""))
        if theirs and not await tx.session.scalar(withdrawn):
            raise Refused(
                "predecessor-bid",
                "An organisation that merged into yours has a bid here. Act for it and withdraw that bid first, "
                "or leave it as your only one.",
            )


async def repeated(tx: Tx, tender_id: str, key: str, request: str) -> receipts.Receipt | None:
    """The receipt given before to this request, or nothing. Refused("idempotency-key-reused") for another one."""
    mine = Bid.tender_id == tender_id, Bid.supplier_id == tx.actor.organisation
    found = await tx.session.execute(select(Bid.id, Bid.request_sha256).where(*mine, Bid.idempotency_key == key))
    row = found.one_or_none()
    if row is None:
        return None
    if row.request_sha256 != request:
        raise Refused("idempotency-key-reused", "This key was used for another submission. Use a new one.")
    return await receipts.receipt(tx, row.id)


async def withdraw(tx: Tx, tender_id: str) -> datetime:
    """Take the acting organisation's bid back; returns when. Withdrawing twice is withdrawing once.

    Refused("bid-unknown", 404) without a bid, and as `submit` when it is late or the tender is not open.
    """
    supplier = tx.actor.organisation
    tx.actor.must(P.BID_WITHDRAW, of=supplier)
    tender = await _wait_turn(tx, tender_id, supplier)
    stands = await my_bid(tx, tender_id)
    if stands is None:
        raise unknown("bid")
    if stands.withdrawn_at:
        return stands.withdrawn_at
    values = {"bid_id": stands.bid, "tender_id": tender_id, "supplier_id": supplier, "withdrawn_by": tx.actor.person}
    with judged(tender, supplier):
        stamped = insert(BidWithdrawal).values(**values)
        row = (
            await tx.session.execute(stamped.returning(BidWithdrawal.received_at, BidWithdrawal.deadline_applied))
        ).one()
    fact = BidWithdrawn(
        tender=tender_id,
        bid=stands.bid,
        supplier=supplier,
        version=stands.version,
        withdrawn_at=row.received_at,
        deadline_applied=row.deadline_applied,
    )
    tx.now = row.received_at
    await tx.record(fact, process=tender.ocid, organisation=supplier)
    return fact.withdrawn_at


async def lock(tx: Tx, tender_id: str) -> None:
    """What whoever changes the acting organisation's bid holds until the transaction ends."""
    await _wait_turn(tx, tender_id, tx.actor.organisation)


async def _wait_turn(tx: Tx, tender_id: str, supplier: str) -> Tender:
    """The tender's heading, which nobody changes any more until this transaction ends."""
    await tenders.lock_shared(tx, tender_id)
    tender = await tenders.public_heading(tx, tender_id)  # refuses an unknown tender before a row is made for it
    await parts.be_bidder(tx, tender_id, supplier)
    mine = Bidder.tender_id == tender_id, Bidder.supplier_id == supplier
    # NO KEY UPDATE: parts may still be registered meanwhile, whose foreign key shares this row
    await tx.session.execute(select(Bidder).where(*mine).with_for_update(key_share=True))
    return tender


async def _insert(tx: Tx, tender: Tender, offered: Submission, financial: Sequence[Envelope]) -> receipts.Stamped:
    """`financial` are the envelopes of that name, read."""
    supplier, bid_id, sha256 = tx.actor.organisation, new_id(), digest(offered.envelope)
    row = insert(Bid).values(
        id=bid_id,
        tender_id=tender.id,
        supplier_id=supplier,
        round=1,
        kind=rules.kinds(tender)[0],
        version=offered.version,
        idempotency_key=offered.key,
        request_sha256=offered.request,
        digest=sha256,
        envelope=offered.envelope,
        submitted_by=tx.actor.person,
    )
    with judged(tender, supplier):
        stamp = (await tx.session.execute(row.returning(Bid.received_at, Bid.deadline_applied))).one()
        lots = {one.lot_group: data for one, data in zip(financial, offered.financial, strict=True)}
        digests = await _insert_financial(tx, bid_id, lots)
    return receipts.Stamped(
        id=bid_id,
        tender=tender.id,
        supplier=supplier,
        version=offered.version,
        digest=sha256,
        received_at=stamp.received_at,
        deadline_applied=stamp.deadline_applied,
        financial=digests,
    )


async def _insert_financial(tx: Tx, bid_id: str, lots: Mapping[str, bytes]) -> dict[str, str]:
    """The financial envelopes of a bid that was just stamped, by lot; returns their digests."""
    digests = {lot: digest(envelope) for lot, envelope in lots.items()}
    rows = [
        {"bid_id": bid_id, "lot": lot, "digest": digests[lot], "envelope": envelope} for lot, envelope in lots.items()
    ]
    if rows:
        await tx.session.execute(insert(BidFinancial).values(rows))
    return digests


def _broken(error: DBAPIError) -> str:
    """The constraint that was broken, "" for none: asyncpg's own exception stands behind SQLAlchemy's."""
    return str(getattr(error.orig and error.orig.__cause__, "constraint_name", ""))


def _detail(error: DBAPIError) -> str:
    """What the trigger said beside its message: asyncpg's own exception stands behind SQLAlchemy's."""
    return str(getattr(error.orig and error.orig.__cause__, "detail", ""))


class _Late(msgspec.Struct, frozen=True):
    attempted_at: datetime
    deadline: datetime


@contextmanager
def judged(tender: Tender, supplier: str) -> Iterator[None]:
    """The database's judgement as a refusal. The trigger alone decides; nothing here compares times."""
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", "")
        if state == LATE:
            detail = msgspec.json.decode(_detail(error), type=_Late)
            raise rules.late(tender, supplier, detail.attempted_at, detail.deadline) from None
        if state == NOT_OPEN:
            raise Refused("tender-not-open", "This tender does not take bids now.") from None
        if state == CLOCK_BEHIND:
            raise Refused(
                "clock-behind", "Our clock is being checked, so no bid can be received at this moment. "
                "Nothing of yours was lost: submit again in a minute.", status=503,
            ) from None  # fmt: skip
        if _broken(error) in ONCE:  # bidder and version are sealed inside: it would open as no other bid
            raise Refused(
                "bid-misplaced", "This envelope was submitted before. Seal the bid anew.", status=422
            ) from None
        raise
