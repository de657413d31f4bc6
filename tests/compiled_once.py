"""SQL is compiled once a process, not anew for the engine of every test: that was a quarter of what many of them took.

SQLAlchemy keeps what it compiled in each engine, by dialect. The engines of tests keep it together, and their dialects
are equal.
"""

from functools import partial

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import LRUCache

from procurement.infra import db

MOST = 4000  # statements


class OneDialect(PGDialect_asyncpg):
    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OneDialect)

    def __hash__(self) -> int:
        return hash(OneDialect)


def share() -> None:
    """From now on, in this process."""
    registry.register("postgresql.asyncpg", __name__, OneDialect.__name__)
    together = {"compiled_cache": LRUCache(MOST)}
    db.create_async_engine = partial(create_async_engine, execution_options=together)  # type: ignore[assignment]  # same
