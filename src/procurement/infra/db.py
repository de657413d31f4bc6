"""The database: one engine a process, and the base of every table."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, LargeBinary, MetaData, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase

STATEMENT_TIMEOUT = "15s"  # a request or a job that waits longer than this is better tried again
LOCK_TIMEOUT = "10s"


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
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text goes to logs and to a job's problem: no values of anybody's in it
        connect_args={"server_settings": options},
    )
