"""What a search engine beside the database still has to be told, and what each of its indexes was made of."""

from datetime import datetime

from sqlalchemy import Index, Sequence, func
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table

TURN = Sequence("search_turn", metadata=Table.metadata)


class WaitingRow(Table):
    """A document that changed in the database. `turn` is another one with each change; `since` (real time) stays that
    of the first change that waits."""

    __tablename__ = "search_waiting"
    __table_args__ = (Index("search_waiting_turn", "turn"),)

    collection: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    turn: Mapped[int] = mapped_column(server_default=TURN.next_value())
    since: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class IndexRow(Table):
    """The index that answers for a collection, under the name `uid` in the engine.

    `settings` is the version they were made with; `position` the newest entry of the log when nothing waited (-1 for
    an empty log); `documents` how many the collection had then. `ticket` is also kept in the engine, written anew here
    and then there before each push: an engine that knows neither it nor the one before is not the one this database
    wrote to, and the index is built anew. `built_at` is real time.
    """

    __tablename__ = "search_index"

    collection: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str]
    settings: Mapped[str]
    ticket: Mapped[str]
    ticket_before: Mapped[str]
    position: Mapped[int]
    documents: Mapped[int]
    built_at: Mapped[datetime]
