"""What may be seen of an opening, by whom: before it is shown nothing, not even how many bids there are."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from procurement.bids import service as bids
from procurement.infra.tx import Tx
from procurement.kernel.actor import Actor
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.scan import Scan, Verdict
from procurement.kernel.sealing import Prices
from procurement.kernel.sealing.signing import key_id, sign
from procurement.opening.rules import Document, Financial, FinancialState, OpenedBid, Opening, State, total_of
from procurement.opening.rules.unread import Unread
from procurement.opening.service import unread
from procurement.opening.service.acts import FIRST, PRICES
from procurement.opening.service.financial.reading import financial, with_prices
from procurement.opening.service.members import Sharing, may_give, sharing
from procurement.opening.service.recovering import Rescue, rescues
from procurement.opening.tables import DocumentScanRow, OpenedBidRow, OpenedDocumentRow, OpeningRow
from procurement.rulebooks import service as rulebooks
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. `bids` is empty until everything is shown, and for the public where the opening is not
    `public`; `read_out` is what the rulebook lets be read."""

    tender: Tender
    state: State
    opening: Opening | None
    public: bool
    bids: tuple[OpenedBid, ...]
    read_out: frozenset[str]
    may_request: bool
    may_confirm: bool
    may_read: bool
    own: frozenset[str]  # the suppliers that this actor bids for
    sharing: Sharing | None  # at levels S2 and S3
    may_give: bool  # the actor is one of its key holders
    rescues: tuple[Rescue, ...]  # the actor's own bids that wait for their kit
    unread: tuple[Unread, ...]  # the bids that too few key holders could read, for who may read
    financial: Financial | None = None  # where bids have two envelopes
    offered: dict[str, tuple[str, ...]] = {}  # the lots that each bid prices apart, once that is decided on
    prices_sharing: Sharing | None = None  # what key holders gave of financial envelopes, once these are decided on


async def opening(tx: Tx, tender_id: str) -> Opening | None:
    """The opening, once somebody has asked for it."""
    row = await tx.session.get(OpeningRow, tender_id)
    return as_opening(row) if row else None


async def view(tx: Tx, tender_id: str) -> View:
    """The opening as this actor may see it. Refused("tender-unknown", 404) for a tender that is not public."""
    tender = await tenders.tender(tx, tender_id)
    if not tender.is_public:
        raise unknown("tender")
    held = await opening(tx, tender_id)
    state = await _state(tx, tender, held)
    allowed = (await rulebooks.get(tx, tender.rulebook)).opening
    reads = _may_read(tx.actor, tender.buyer)
    shown = state is State.SHOWN and (allowed.public or reads)
    second = await financial(tx, tender)
    act = PRICES if second and second.state is FinancialState.OPENING else FIRST
    going = state is State.OPENING or act is PRICES
    return View(
        tender=tender,
        state=state,
        opening=held,
        public=allowed.public,
        bids=await opened_bids(tx, tender_id) if shown else (),
        read_out=frozenset(allowed.read_out),
        may_request=tx.actor.may(P.OPENING_REQUEST, of=tender.buyer),
        may_confirm=tx.actor.may(P.OPENING_CONFIRM, of=tender.buyer),
        may_read=reads,
        own=frozenset(tx.actor.organisations_with(P.BID_READ_OWN)),
        sharing=await sharing(tx, tender_id),
        may_give=await may_give(tx, tender_id),
        unread=await unread.waiting(tx, tender_id, act) if going and reads else (),
        rescues=tuple(await rescues(tx, tender_id, act)) if going else (),
        financial=second,
        offered=await bids.lots_offered(tx, tender) if second and second.decided_at and shown else {},
        prices_sharing=await sharing(tx, tender_id, PRICES) if second and second.passed else None,
    )


async def opened_bids(tx: Tx, tender_id: str) -> tuple[OpenedBid, ...]:
    """Every opened bid, in the order of receipt, as evaluation needs it: totals, item prices, documents. Where prices
    are in another envelope they are here once that is shown.

    Refused("not-opened") before they are shown.
    """
    held = await tx.session.get(OpeningRow, tender_id)
    if held is None or held.shown_at is None:
        raise Refused("not-opened", "The bids of this tender are not opened yet.")
    return await with_prices(tx, tender_id, await staged_bids(tx, tender_id))


async def bids_for_readers(tx: Tx, tender_id: str) -> tuple[OpenedBid, ...]:
    """The same for the buyer's people and auditors. Refused("not-permitted", 403) for anybody else."""
    tender = await tenders.tender(tx, tender_id)
    if not _may_read(tx.actor, tender.buyer):
        tx.actor.must(P.OPENING_READ, of=tender.buyer)
    return await opened_bids(tx, tender_id)


async def staged_bids(tx: Tx, tender_id: str) -> tuple[OpenedBid, ...]:
    """What is staged so far, for the step that shows it."""
    currency = (await tenders.tender(tx, tender_id)).value.currency
    rows = await tx.session.scalars(
        select(OpenedBidRow)
        .where(OpenedBidRow.tender_id == tender_id)
        .order_by(OpenedBidRow.received_at, OpenedBidRow.bid_id)
    )
    bids_ = rows.all()
    documents = await _documents(tx, [row.bid_id for row in bids_])
    return tuple(_opened(row, documents.get(row.bid_id, ()), currency) for row in bids_)


async def document(tx: Tx, tender_id: str, bid_id: str, number: int) -> Document:
    """A document of an opened bid: for the buyer's people, auditors, and the bidder itself.

    Refused("document-unknown", 404) for everybody else.
    """
    tender = await tenders.tender(tx, tender_id)
    for bid in await opened_bids(tx, tender_id):
        if bid.bid_id == bid_id and (
            _may_read(tx.actor, tender.buyer) or tx.actor.may(P.BID_READ_OWN, of=bid.supplier)
        ):
            for one in bid.documents:
                if one.number == number:
                    return one
    raise unknown("document")


async def record(tx: Tx, signer: SignerKey, tender_id: str) -> bytes:
    """The signed opening record: {"record": …, "key": …, "signature": base64 over the record's canonical bytes}.

    Refused("not-opened") before everything is shown.
    """
    row = await tx.session.get(OpeningRow, tender_id)
    if row is None or row.record is None:
        raise Refused("not-opened", "The bids of this tender are not opened yet.")
    key = key_id(signer.private.public_key())
    signed = {"record": msgspec.Raw(row.record), "key": key, "signature": sign(signer.private, row.record)}
    return msgspec.json.encode(signed)


def as_opening(row: OpeningRow) -> Opening:
    return Opening(
        tender=row.tender_id,
        closing=row.leaf,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        confirmed_by=row.confirmed_by or "",
        confirmed_at=row.confirmed_at,
        released_at=row.released_at,
        shared_at=row.shared_at,
        shown_at=row.shown_at,
        problem=row.problem,
    )


async def _state(tx: Tx, tender: Tender, held: Opening | None) -> State:
    if tender.cancelled_at is not None and (held is None or held.shown_at is None):
        return State.CANCELLED
    if held is not None:
        return held.state
    closed = await bids.closing_of(tx, tender.id) is not None
    return State.CLOSED if closed and tender.opening_at and tx.now >= tender.opening_at else State.BIDDING


def _may_read(actor: Actor, buyer: str) -> bool:
    """The buyer's people, and auditors of every organisation: they read whatever has been opened."""
    return actor.may(P.OPENING_READ, of=buyer)


async def _documents(tx: Tx, bid_ids: Sequence[str]) -> dict[str, list[Document]]:
    scanned = (DocumentScanRow.bid_id == OpenedDocumentRow.bid_id) & (
        DocumentScanRow.number == OpenedDocumentRow.number
    )
    rows = await tx.session.execute(
        select(OpenedDocumentRow, DocumentScanRow)
        .outerjoin(DocumentScanRow, scanned)
        .where(OpenedDocumentRow.bid_id.in_(bid_ids))
        .order_by(OpenedDocumentRow.bid_id, OpenedDocumentRow.number)
    )
    found: dict[str, list[Document]] = {}
    for row, scan in rows:
        one = Document(
            number=row.number,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            confidential=row.confidential,
            scan=Scan(Verdict(scan.verdict), scan.found) if scan else Scan(),
        )
        found.setdefault(row.bid_id, []).append(one)
    return found


def _opened(row: OpenedBidRow, documents: Sequence[Document], currency: str) -> OpenedBid:
    prices = msgspec.convert(row.prices, Prices) if row.prices is not None else None
    totals: dict[str, Money] = prices.lot_totals() if prices else {}
    return OpenedBid(
        bid_id=row.bid_id,
        supplier=row.supplier_id,
        version=row.version,
        digest=row.digest,
        received_at=row.received_at,
        lot_totals=totals,
        total=total_of(totals, currency),
        item_prices=prices.items if prices else (),
        documents=tuple(documents),
        valid=not row.problem_code,
        problem_code=row.problem_code,
        problem=row.problem,
    )
