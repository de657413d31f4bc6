"""What suppliers say about themselves. One row each, replaced when it changes; the ledger keeps that it did."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class Supplier(Table):
    __tablename__ = "supplier"

    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    street: Mapped[str]
    locality: Mapped[str]
    region: Mapped[str]
    postal_code: Mapped[str]
    website: Mapped[str]
    contact_email: Mapped[str]
    small: Mapped[bool]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    changed_at: Mapped[datetime]
