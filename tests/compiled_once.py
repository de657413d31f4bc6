"""SQL and templates are compiled once a process, not anew for the engine of every test and each application: that was a
quarter of what many of them took.

SQLAlchemy keeps what it compiled in each engine, by dialect. The engines of tests keep it together, and their dialects
are equal. Jinja keeps it in each environment; those of tests share its bytecode.
"""

from functools import partial

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import LRUCache

from procurement.infra import db
from procurement.infra.web import templates

MOST = 4000  # statements


class OneDialect(PGDialect_asyncpg):
    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OneDialect)

    def __hash__(self) -> int:
        return hash(OneDialect)


class InMemory(BytecodeCache):
    """By a template's place and what is in it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self.kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def share() -> None:
    """From now on, in this process."""
    registry.register("postgresql.asyncpg", __name__, OneDialect.__name__)
    together = {"compiled_cache": LRUCache(MOST)}
    db.create_async_engine = partial(create_async_engine, execution_options=together)  # type: ignore[assignment]  # same
    templates.Environment = partial(Environment, bytecode_cache=InMemory())  # type: ignore[assignment,misc]  # same
