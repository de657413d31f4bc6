"""The database: one engine a process, and the base of every table."""

import time
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, LargeBinary, MetaData, Numeric, Text, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase

STATEMENT_TIMEOUT = "15s"  # a request or a job that waits longer than this is better tried again
LOCK_TIMEOUT = "10s"
RESTED = 1.0  # seconds without use after which a connection is asked whether it still lives


class Table(DeclarativeBase):
    """Every mapped class. Constraint names follow PostgreSQL's own defaults, as the migrations' SQL does."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        bytes: LargeBinary,
        datetime: DateTime(timezone=True),
        Decimal: Numeric,
        dict[str, Any]: JSONB,
        int: BigInteger,
        list[Any]: JSONB,
        str: Text,
    }


def engine(url: str, *, pool: int = 10) -> AsyncEngine:
    """An engine whose every session gives up rather than hang."""
    options = {"statement_timeout": STATEMENT_TIMEOUT, "lock_timeout": LOCK_TIMEOUT, "timezone": "UTC"}
    made = create_async_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        hide_parameters=True,  # an error's text goes to logs and to a job's problem: no values of anybody's in it
        connect_args={"server_settings": options},
    )
    _ask_the_rested(made)
    return made


def _ask_the_rested(engine: AsyncEngine) -> None:
    """Give out no lost connection. SQLAlchemy's own way, `pool_pre_ping`, costs each request three round trips.

    A connection that the server ended is known to be closed; one that is cut on the way is found by asking, which is
    worth it where nobody has used it just now. In place of a lost one the pool makes another.
    """
    dialect = engine.dialect

    @event.listens_for(engine.sync_engine, "checkin")
    def rests(connection: Any, record: Any) -> None:
        record.info["since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def wakes(connection: Any, record: Any, fairy: Any) -> None:
        since = record.info.get("since")
        if since is None:  # it was made just now
            return
        if connection.driver_connection.is_closed():
            raise DisconnectionError
        if time.monotonic() - since > RESTED:
            try:
                dialect.do_ping(connection)
            except dialect.loaded_dbapi.Error as lost:
                raise DisconnectionError from lost
