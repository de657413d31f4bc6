"""Drafts of bids: started, filled in, replaced. Draft saves are no facts.

Those that a device seals hold their lock and nothing else; `service.device` starts them.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, delete, select, update

from procurement.bids.rules.draft import Contents, for_replacement
from procurement.bids.rules.submission import kinds, must_be_sealed_by, must_take_bids
from procurement.bids.service import box
from procurement.bids.service.members import roster
from procurement.bids.service.parts import be_bidder
from procurement.bids.tables import BidDraft
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import new_identity
from procurement.kernel.sealing.level import Lock, lock_for
from procurement.tenders import service as tenders


class Draft(msgspec.Struct, frozen=True):
    """A draft as its organisation may see it; `contents` takes the key."""

    id: str
    tender: str
    supplier: str
    started_by: str
    started_at: datetime
    changed_at: datetime
    recipient: str
    locked: str
    box: bytes
    changes: int
    bid: str
    sealed_by: str
    m: int
    n: int
    roster: str

    @property
    def lock(self) -> Lock:
        """Around the identity of the envelope that holds documents."""
        return Lock(m=self.m, n=self.n, roster=self.roster, locked=self.locked)

    def contents(self, key: str) -> Contents:
        """Refused("draft-elsewhere", 403) without the key that closed the box."""
        return box.unlock(key, self.id, self.box)


async def start(tx: Tx, tender_id: str, old_key: str = "") -> tuple[str, str]:
    """A new draft for the acting organisation, in place of any earlier one; returns (draft id, key).

    The bid identity is locked at the tender's level at once and forgotten: from here on this server can seal for it,
    and cannot open. Declarations and prices of the earlier draft are kept when `old_key` opens it.

    Refused("seal-level-client", 422) at level S3, where no server seals.
    """
    supplier = tx.actor.organisation
    tender = await tenders.public_tender(tx, tender_id)
    tx.actor.must(P.BID_PREPARE, of=supplier)
    must_take_bids(tender, supplier, tx.now)
    must_be_sealed_by(tender, "server")
    await identity.must_not_work_for(tx, tender.buyer)
    await identity.must_not_be_merged(tx, supplier)
    earlier = await find(tx, tender_id)
    contents = for_replacement(_readable(earlier, old_key))
    opens, recipient = new_identity()
    holders = await roster(tx, tender)
    lock = lock_for(opens, tender.keyholder_recipient, holders, kinds(tender)[0])
    draft_id, key = new_id(), box.new_key()
    await be_bidder(tx, tender_id, supplier)
    await tx.session.execute(delete(BidDraft).where(*_mine(tender_id, supplier)))
    tx.session.add(
        BidDraft(
            id=draft_id,
            tender_id=tender_id,
            supplier_id=supplier,
            started_by=tx.actor.person,
            started_at=tx.now,
            changed_at=tx.now,
            recipient=recipient,
            **msgspec.structs.asdict(lock),
            box=box.close(key, draft_id, contents),
            changes=0,
            bid_id=None,
        )
    )
    await tx.session.flush()
    return draft_id, key


async def find(tx: Tx, tender_id: str) -> Draft | None:
    """The acting organisation's draft for this tender."""
    tx.actor.must(P.BID_PREPARE, of=tx.actor.organisation)
    row = await tx.session.scalar(select(BidDraft).where(*_mine(tender_id, tx.actor.organisation)))
    return _draft(row) if row else None


async def must_find(tx: Tx, tender_id: str) -> Draft:
    """Refused("draft-unknown", 404) when there is none."""
    if (draft := await find(tx, tender_id)) is None:
        raise unknown("draft")
    return draft


async def change(tx: Tx, tender_id: str, key: str, edit: Callable[[Contents], Contents]) -> None:
    """Rewrite the box, one writer at a time. Refused("draft-submitted") when a bid was already made of it."""
    supplier = tx.actor.organisation
    tx.actor.must(P.BID_PREPARE, of=supplier)
    await identity.must_not_work_for(tx, (await tenders.public_tender(tx, tender_id)).buyer)
    row = await tx.session.scalar(
        select(BidDraft).where(*_mine(tender_id, supplier)).with_for_update().execution_options(populate_existing=True)
    )
    if row is None:
        raise unknown("draft")
    if row.bid_id:
        raise Refused("draft-submitted", "This draft was submitted. Start a replacement to change your bid.")
    row.box = box.close(key, row.id, edit(box.unlock(key, row.id, row.box)))
    row.changes += 1
    row.changed_at = tx.now
    await tx.session.flush()


async def discard(tx: Tx, tender_id: str) -> None:
    """Forget the draft. What was submitted stands."""
    supplier = tx.actor.organisation
    tx.actor.must(P.BID_PREPARE, of=supplier)
    await tx.session.execute(delete(BidDraft).where(*_mine(tender_id, supplier)))


async def became(tx: Tx, draft_id: str, bid_id: str) -> None:
    """Note which bid was made of the draft; it can no longer be changed."""
    await tx.session.execute(update(BidDraft).where(BidDraft.id == draft_id).values(bid_id=bid_id))


def _readable(draft: Draft | None, key: str) -> Contents:
    try:
        return draft.contents(key) if draft and key else Contents()
    except Refused:
        return Contents()


def _mine(tender_id: str, supplier: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return BidDraft.tender_id == tender_id, BidDraft.supplier_id == supplier


def _draft(row: BidDraft) -> Draft:
    return Draft(
        id=row.id,
        tender=row.tender_id,
        supplier=row.supplier_id,
        started_by=row.started_by,
        started_at=row.started_at,
        changed_at=row.changed_at,
        recipient=row.recipient,
        locked=row.locked,
        box=row.box,
        changes=row.changes,
        bid=row.bid_id or "",
        sealed_by=row.sealed_by,
        m=row.m,
        n=row.n,
        roster=row.roster,
    )
