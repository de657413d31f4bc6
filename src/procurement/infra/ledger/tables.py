"""What the ledger remembers. Only the sequencer writes leaves, tiles and checkpoints."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Identity, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class LedgerRecord(Table):
    """A recorded fact. `body` is the canonical JSON exactly as hashed, `salt` hides it until it may be read."""

    __tablename__ = "ledger_record"
    __table_args__ = (
        Index("ledger_record_process", "process", "id"),
        Index("ledger_record_type", "type", "id"),
        Index("ledger_record_by_actor", text("split_part(actor, ' ', 1)"), "id"),
        Index("ledger_record_public", "process", postgresql_where=text("visible = 'at-once'")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    type: Mapped[str]
    process: Mapped[str]
    organisation: Mapped[str]
    actor: Mapped[str]
    visible: Mapped[str]
    body: Mapped[bytes]
    salt: Mapped[bytes]


class LedgerPending(Table):
    """Records that the sequencer has not yet placed."""

    __tablename__ = "ledger_pending"

    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), primary_key=True, autoincrement=False)


class LedgerDisclosure(Table):
    """A hidden record that may be read since the fact `by` said so."""

    __tablename__ = "ledger_disclosure"

    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), primary_key=True, autoincrement=False)
    by: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"))


class LedgerLeaf(Table):
    """The place of a record in the log."""

    __tablename__ = "ledger_leaf"

    leaf_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), unique=True)
    entry: Mapped[bytes]


class LedgerTile(Table):
    """256 hashes of the tree at a level (C2SP tlog-tiles); the last one of a level is still filling."""

    __tablename__ = "ledger_tile"

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    tile_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hashes: Mapped[bytes]


class LedgerCheckpoint(Table):
    """A size and its root; `note` is the signed form, added after the row is committed."""

    __tablename__ = "ledger_checkpoint"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    at: Mapped[datetime]
    note: Mapped[str | None]


class LedgerCosignature(Table):
    """That a witness (its C2SP verifier key) cosigned the checkpoint of that size; `line` goes under its note."""

    __tablename__ = "ledger_cosignature"
    __table_args__ = (Index("ledger_cosignature_size", "size"),)

    witness: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(ForeignKey("ledger_checkpoint.size"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    line: Mapped[str]


class LedgerTimestamp(Table):
    """The reply of a time stamp authority (RFC 3161) to the note of that size; `at` is the time in it."""

    __tablename__ = "ledger_timestamp"

    size: Mapped[int] = mapped_column(ForeignKey("ledger_checkpoint.size"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    reply: Mapped[bytes]


class LedgerOrigin(Table):
    """A name that the log took after a restore to an earlier point; the newest row is in force."""

    __tablename__ = "ledger_origin"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    origin: Mapped[str] = mapped_column(unique=True)
    previous: Mapped[str]
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), unique=True)
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class Installation(Table):
    """One row, written when the database was made, for ever: whether it is a sandbox, and the log's first name."""

    __tablename__ = "installation"

    singleton: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    sandbox: Mapped[bool] = mapped_column(Boolean)
    origin: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
