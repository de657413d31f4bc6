"""Rulebooks as they were read, and who put them in force. Append-only."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class RulebookText(Table):
    """The bytes of a rulebook's file; its id and hash are over them."""

    __tablename__ = "rulebook"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    text: Mapped[bytes]
    loaded_at: Mapped[datetime]


class Proposal(Table):
    """An administrator asks for a rulebook to be put in force."""

    __tablename__ = "rulebook_proposal"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), Index("rulebook_proposal_rulebook", "rulebook_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    rulebook_id: Mapped[str] = mapped_column(ForeignKey("rulebook.id"))
    proposed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]


class Activation(Table):
    """Another administrator puts it in force; the last activation is the one that counts."""

    __tablename__ = "rulebook_activation"
    __table_args__ = (
        ForeignKeyConstraint(["proposal_id", "proposed_by"], ["rulebook_proposal.id", "rulebook_proposal.proposed_by"]),
    )

    proposal_id: Mapped[str] = mapped_column(primary_key=True)
    proposed_by: Mapped[str]
    activated_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    activated_at: Mapped[datetime]
