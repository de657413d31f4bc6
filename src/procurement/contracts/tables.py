"""What we remember of contracts."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table

UNSIGNED = text("buyer_signed_at IS NULL OR supplier_signed_at IS NULL")


class ContractRow(Table):
    """One contract from one award; a signature that stands is never changed."""

    __tablename__ = "contract"
    __table_args__ = (
        Index("contract_tender", "tender_id"),
        Index("contract_buyer", "buyer_id"),
        Index("contract_supplier", "supplier_id"),
        Index("contract_to_sign_buyer", "buyer_id", postgresql_where=UNSIGNED),
        Index("contract_to_sign_supplier", "supplier_id", postgresql_where=UNSIGNED),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"))
    award_id: Mapped[str] = mapped_column(ForeignKey("award.id"), unique=True)
    lot: Mapped[str]
    buyer_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    supplier_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str]
    value_amount: Mapped[int]
    value_currency: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    document_sha256: Mapped[str]
    document_size: Mapped[int]
    drafted_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[datetime]
    buyer_signer: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    buyer_signed_at: Mapped[datetime | None]
    supplier_signer: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    supplier_signed_at: Mapped[datetime | None]
