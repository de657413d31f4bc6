"""Bids that are sealed on the bidder's own device: what it has to know, its lock, its submission.

The lock goes up before anything else. From then on the device needs only the public half of the bid's identity, keeps
no secret, and can go on after its page was closed.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from sqlalchemy import delete

from procurement.bids.rules import limits
from procurement.bids.rules import submission as rules
from procurement.bids.rules.declarations import statements
from procurement.bids.rules.draft import needs_documents
from procurement.bids.service import drafts
from procurement.bids.service.members import members, roster
from procurement.bids.service.own import my_bid
from procurement.bids.service.parts import be_bidder
from procurement.bids.service.receipts import Receipt
from procurement.bids.service.submission import Submission, must_be_one_bidder, submit
from procurement.bids.tables import BidDraft
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.ids import new_id
from procurement.kernel.money import minor_digits
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import PART, Envelope, envelope_bytes, parse_envelope
from procurement.kernel.sealing.age import must_be_plain_age, must_be_recipient
from procurement.kernel.sealing.declarations import Statement
from procurement.kernel.sealing.envelope import LOCK_LIMIT
from procurement.kernel.sealing.level import Lock
from procurement.kernel.sealing.roster import Roster, roster_hash
from procurement.kernel.sealing.schedule import Line
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender


class Begun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The identity of the envelope that holds documents, by its public half, and the lock around it. Financial
    envelopes get theirs when prices are sealed, all at once."""

    recipient: Annotated[str, msgspec.Meta(max_length=200)]
    lock: Lock


class Started(Begun, frozen=True, kw_only=True):
    """The draft that a device of the acting organisation seals; `bid` is the id of what was made of it, or ""."""

    bid: str


class Asked(msgspec.Struct, frozen=True):
    """What a device needs to seal a bid; sizes in bytes. `recipient` is the keyholder's, `version` the next one. Where
    bids have two envelopes, `financial_recipient` is the keyholder's for the financial ones, of which there is one for
    each lot that is bid for where there are several; "" elsewhere.

    At levels S2 and S3 `roster` are the key holders, each of whom signed it: `signatures` by holder, which the device
    checks itself.
    """

    tender: str
    ocid: str
    revision: str
    recipient: str
    supplier: str
    version: int
    level: str
    roster: Roster | None
    signatures: dict[str, str]
    deadline: datetime | None
    opening_at: datetime | None
    now: datetime
    currency: str
    minor_digits: int
    lines: tuple[Line, ...]
    statements: tuple[Statement, ...]
    needs_documents: bool
    part_size: int
    file_limit: int
    bid_limit: int
    most_files: int
    may_submit: bool
    started: Started | None
    financial_recipient: str = ""


async def asked(tx: Tx, tender_id: str) -> Asked:
    """For the acting organisation, as the tender stands now. Refused for who may not prepare its bids."""
    supplier = tx.actor.organisation
    tx.actor.must(P.BID_PREPARE, of=supplier)
    tender = await tenders.public_tender(tx, tender_id)
    mine, draft = await my_bid(tx, tender_id), await drafts.find(tx, tender_id)
    holders = await members(tx, tender)
    return Asked(
        tender=tender.id,
        ocid=tender.ocid,
        revision=tender.revision_hash,
        recipient=tender.keyholder_recipient,
        supplier=supplier,
        version=mine.version + 1 if mine else 1,
        level=tender.seal_level,
        roster=holders.roster if holders else None,
        signatures=dict(holders.signatures) if holders else {},
        deadline=tender.deadline,
        opening_at=tender.opening_at,
        now=tx.now,
        currency=tender.value.currency,
        minor_digits=minor_digits(tender.value.currency),
        lines=tuple(Line(item.id, item.lot, item.quantity) for item in tender.items),
        statements=statements(tender),
        needs_documents=needs_documents(tender),
        part_size=PART,
        file_limit=limits.CLIENT_FILE_LIMIT,
        bid_limit=limits.CLIENT_BID_LIMIT,
        most_files=limits.FILES,
        may_submit=tx.actor.may(P.BID_SUBMIT, of=supplier),
        started=_started(draft) if draft and draft.sealed_by == "client" else None,
        financial_recipient=tender.financial_recipient or "",
    )


async def start(tx: Tx, tender_id: str, begun: Begun) -> None:
    """Keep the lock of a bid that a device seals, in place of that of an earlier one; again is the same as once.

    Refused("draft-exists") beside a draft that this service seals, which would be lost; "recipient-malformed",
    "seal-malformed", "lock-malformed", "roster-differs" (422); and as `drafts.start`.
    """
    supplier = tx.actor.organisation
    tender = await tenders.public_tender(tx, tender_id)
    tx.actor.must(P.BID_PREPARE, of=supplier)
    rules.must_take_bids(tender, supplier, tx.now)
    await identity.must_not_work_for(tx, tender.buyer)
    await identity.must_not_be_merged(tx, supplier)
    must_be_recipient(begun.recipient)
    must_be_plain_age(_bytes(begun.lock))
    _must_be_for(await roster(tx, tender), begun.lock)
    earlier = await drafts.find(tx, tender_id)
    if earlier and earlier.recipient == begun.recipient:
        return
    if earlier and earlier.sealed_by == "server" and not earlier.bid:
        raise Refused("draft-exists", "This site seals a draft for you already. Discard it, then begin here.")
    await be_bidder(tx, tender_id, supplier)
    mine = BidDraft.tender_id == tender_id, BidDraft.supplier_id == supplier
    await tx.session.execute(delete(BidDraft).where(*mine))
    tx.session.add(
        BidDraft(
            id=new_id(),
            tender_id=tender_id,
            supplier_id=supplier,
            started_by=tx.actor.person,
            started_at=tx.now,
            changed_at=tx.now,
            recipient=begun.recipient,
            locked=begun.lock.locked,
            box=b"",
            changes=0,
            bid_id=None,
            sealed_by="client",
            m=begun.lock.m,
            n=begun.lock.n,
            roster=begun.lock.roster,
        )
    )
    await tx.session.flush()


async def hand_in(tx: Tx, signer: SignerKey, offered: Submission) -> Receipt:
    """Receive what a device sealed, as `submit` does, and note which draft it was made of."""
    receipt = await submit(tx, signer, offered)
    draft = await drafts.find(tx, offered.tender)
    if draft and not draft.bid and draft.recipient == parse_envelope(offered.envelope).recipient:
        await drafts.became(tx, draft.id, receipt.bid.id)
    return receipt


async def rehearse(tx: Tx, tender_id: str, envelopes: Sequence[Envelope], version: int) -> Tender:
    """Every rule of a submission but the clock's word and the parts, whose bytes a rehearsal does not keep; nothing is
    written. Refused as `submit`."""
    supplier = tx.actor.organisation
    tx.actor.must(P.BID_SUBMIT, of=supplier)
    tender = await tenders.public_tender(tx, tender_id)
    rules.must_take_bids(tender, supplier, tx.now)
    await identity.must_not_work_for(tx, tender.buyer)
    await must_be_one_bidder(tx, tender.id, supplier)
    parsed, holders = [parse_envelope(envelope_bytes(envelope)) for envelope in envelopes], await roster(tx, tender)
    rules.must_answer(tender, parsed)
    for one in parsed:
        rules.must_be_at_level(tender, one, holders)
    mine = await my_bid(tx, tender_id)
    rules.must_be_next(version, mine.version if mine else 0)
    return tender


def _must_be_for(wanted: Roster | None, lock: Lock) -> None:
    """Refused("roster-differs", 422) for a lock that is not made for these key holders; for none at level S1."""
    named = (wanted.m, wanted.n, roster_hash(wanted)) if wanted else (0, 0, "")
    if (lock.m, lock.n, lock.roster) != named:
        raise Refused("roster-differs", "This lock was not made for the key holders of this tender.", status=422)


def _bytes(lock: Lock) -> bytes:
    """Refused("lock-malformed", 422) for what is not base64, or longer than the keyholder takes."""
    try:
        data = base64.b64decode(lock.locked, validate=True)
    except ValueError:  # also of letters beyond ASCII
        raise Refused("lock-malformed", "The lock is not base64.", status=422) from None
    if len(data) > LOCK_LIMIT:
        raise Refused("lock-malformed", f"The lock is longer than {LOCK_LIMIT} bytes.", status=422)
    return data


def _started(draft: drafts.Draft) -> Started:
    return Started(draft.recipient, draft.lock, bid=draft.bid)
