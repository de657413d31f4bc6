"""What we remember of an opening. Triggers of migration 0008 let it only go forward."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Integer, Text, cast, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from procurement.infra.db import Table

NO_LOT = cast(literal_column("''"), Text)  # an envelope of the first opening is of all lots that its bid is for
IN_PROGRESS = text("confirmed_at IS NOT NULL AND shown_at IS NULL")


class GoingRow(Table):
    """How far an opening is. `record` is its canonical record, once shown; `problem` what the last try ran into, ""
    when all goes well. `shared_at`: the members' shares of every bid are here (levels S2 and S3)."""

    __abstract__ = True

    tender_id: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    shared_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(server_default="")
    record: Mapped[bytes | None]


class OpeningRow(GoingRow):
    """One tender's opening. `leaf` is the closing fact's leaf hash."""

    __tablename__ = "opening"
    __table_args__ = (
        Index("opening_in_progress", "confirmed_at", postgresql_where=IN_PROGRESS),
        Index("opening_shown", "shown_at", "tender_id", postgresql_where=text("shown_at IS NOT NULL")),
    )

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"), primary_key=True)
    leaf: Mapped[str]
    requested_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class ShareRow(Table):
    """A member's share of one envelope, of one lot or (`lot` "") of all: as the keyholder released it (`sha256` is the
    bidder's commit, `ct` base64 to the member), and as the member gave it, or said that it cannot be read. Gone once
    its opening is shown, but for what is evidence: without `given`, of bids that were put out."""

    __abstract__ = True

    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    lot: Mapped[str]
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    tender_id: Mapped[str] = mapped_column(ForeignKey("opening.tender_id"))
    member: Mapped[str]
    sha256: Mapped[str]
    ct: Mapped[str]
    given: Mapped[bytes | None]
    unreadable: Mapped[bool] = mapped_column(server_default=text("false"))


class ReleasedShareRow(ShareRow):
    """Of the first opening."""

    __tablename__ = "released_share"
    __table_args__ = (Index("released_share_tender", "tender_id", "member"),)

    lot: Mapped[str] = column_property(NO_LOT)


class PriceShareRow(ShareRow):
    """Of financial envelopes of those who passed."""

    __tablename__ = "price_share"
    __table_args__ = (Index("price_share_tender", "tender_id", "member"),)

    lot: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))


class GivenRow(Table):
    """A member answered: gave what they could of all bids, `shares` of them; 0 who could read none. It only grows."""

    __abstract__ = True

    tender_id: Mapped[str] = mapped_column(ForeignKey("opening.tender_id"), primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    given_at: Mapped[datetime]
    shares: Mapped[int] = mapped_column(Integer)


class SharesGivenRow(GivenRow):
    """At the first opening."""

    __tablename__ = "shares_given"


class PriceSharesGivenRow(GivenRow):
    """At the opening of prices."""

    __tablename__ = "price_shares_given"


class KitRow(Table):
    """An envelope that too few members could read: its bidder is asked for its key, and has until a moment at least.
    `identity` is there only from the giving until it is staged. `proposed_by`, with a `reason`: to go on without it;
    `put_out_by`: the second person, who agreed; `silent`: the members who had said nothing by then."""

    __abstract__ = True

    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    lot: Mapped[str]
    tender_id: Mapped[str] = mapped_column(ForeignKey("opening.tender_id"))
    supplier_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    asked_at: Mapped[datetime]
    until: Mapped[datetime]
    identity: Mapped[str | None]
    given_at: Mapped[datetime | None]
    proposed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    put_out_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    put_out_at: Mapped[datetime | None]
    silent: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))


class RecoveryRow(KitRow):
    """Of the first opening."""

    __tablename__ = "bid_recovery"
    __table_args__ = (Index("bid_recovery_tender", "tender_id"),)

    lot: Mapped[str] = column_property(NO_LOT)


class PriceRecoveryRow(KitRow):
    """Of a financial envelope."""

    __tablename__ = "price_recovery"
    __table_args__ = (Index("price_recovery_tender", "tender_id"),)

    lot: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))


class OpenedBidRow(Table):
    """A staged bid: `prices` as they stood in prices.json, or the problem that kept it closed; neither of a technical
    envelope, which holds none."""

    __tablename__ = "opened_bid"
    __table_args__ = (Index("opened_bid_tender", "tender_id"),)

    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    lot: Mapped[str] = column_property(NO_LOT)
    tender_id: Mapped[str] = mapped_column(ForeignKey("opening.tender_id"))
    supplier_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    version: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str]
    received_at: Mapped[datetime]
    record_id: Mapped[int]
    staged_at: Mapped[datetime]
    prices: Mapped[dict[str, Any] | None]
    problem_code: Mapped[str] = mapped_column(server_default="")
    problem: Mapped[str] = mapped_column(server_default="")


class FinancialOpeningRow(GoingRow):
    """The second opening of a tender whose bids have two envelopes, from the technical decision on (`record_id` is its
    ledger record, `leaf` the leaf hash by which the keyholder released the prices). `passed` are bids (ids); where lots
    are priced apart, pairs of a bid and a lot."""

    __tablename__ = "financial_opening"
    __table_args__ = (Index("financial_opening_in_progress", "confirmed_at", postgresql_where=IN_PROGRESS),)

    tender_id: Mapped[str] = mapped_column(ForeignKey("opening.tender_id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), unique=True)
    leaf: Mapped[str | None]
    decided_at: Mapped[datetime]
    passed: Mapped[list[Any]] = mapped_column(JSONB)
    requested_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class OpenedPriceRow(Table):
    """A staged financial envelope, of one lot or (`lot` "") of all: `prices` as they stood in prices.json, or the
    problem that kept it closed."""

    __tablename__ = "opened_price"
    __table_args__ = (Index("opened_price_tender", "tender_id"),)

    bid_id: Mapped[str] = mapped_column(ForeignKey("opened_bid.bid_id"), primary_key=True)
    lot: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    tender_id: Mapped[str] = mapped_column(ForeignKey("financial_opening.tender_id"))
    digest: Mapped[str]
    staged_at: Mapped[datetime]
    prices: Mapped[dict[str, Any] | None]
    problem_code: Mapped[str] = mapped_column(server_default="")
    problem: Mapped[str] = mapped_column(server_default="")


class OpenedDocumentRow(Table):
    """A document of an opened bid; its bytes are in the opened store under their SHA-256."""

    __tablename__ = "opened_document"

    bid_id: Mapped[str] = mapped_column(ForeignKey("opened_bid.bid_id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    confidential: Mapped[str]


class DocumentScanRow(Table):
    """What the malware scanner said of a document, or why it said nothing; `found` is the malware's name. A verdict
    stands for good, what was not judged is asked again."""

    __tablename__ = "document_scan"
    __table_args__ = (
        ForeignKeyConstraint(["bid_id", "number"], ["opened_document.bid_id", "opened_document.number"]),
        Index("document_scan_waiting", "looked_at", postgresql_where=text("verdict IN ('unanswered', 'no-scanner')")),
    )

    bid_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    verdict: Mapped[str]
    found: Mapped[str] = mapped_column(server_default="")
    looked_at: Mapped[datetime]


class OpeningPaperRow(Table):
    """The opening record as a document. It is due once the bids are shown, and written when `record_id`, the ledger
    record of that, has its place."""

    __tablename__ = "opening_paper"
    __table_args__ = (Index("opening_paper_due", "record_id", postgresql_where=text("sha256 IS NULL")),)

    tender_id: Mapped[str] = mapped_column(ForeignKey("opening.tender_id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), unique=True)
    sha256: Mapped[str | None]
    size: Mapped[int | None]
    written_at: Mapped[datetime | None]


class SealKeyEndRow(Table):
    """Nobody needs the keyholder's identity of this tender any more: the ledger record that says so, the last time that
    the keyholder was asked to destroy it, and when it did."""

    __tablename__ = "seal_key_end"
    __table_args__ = (Index("seal_key_end_waiting", "ended_at", postgresql_where=text("destroyed_at IS NULL")),)

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), unique=True)
    ended_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]


class StagedRemovalRow(Table):
    """What was staged of a tender that was cancelled before anybody saw it, and is removed: how much, and when."""

    __tablename__ = "staged_removal"

    tender_id: Mapped[str] = mapped_column(ForeignKey("opening.tender_id"), primary_key=True)
    bids: Mapped[int] = mapped_column(Integer)
    documents: Mapped[int] = mapped_column(Integer)
    removed_at: Mapped[datetime]


class KeyholderMarkRow(Table):
    """How far the keyholder's store had come when it was last asked: an entry of its journal, by number and hash, under
    its signature ("": of before it signed). When
    it was last found to come back from a copy, and when its staff had confirmed that."""

    __tablename__ = "keyholder_mark"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int]
    mark: Mapped[str]
    signature: Mapped[str] = mapped_column(server_default="")
    restored_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]


class DemoSecret(Table):
    """The key code secret of a made-up person. Only a sandbox has rows."""

    __tablename__ = "demo_secret"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str]
