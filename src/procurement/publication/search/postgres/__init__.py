"""Search by PostgreSQL: full text on what is derived from the releases, and similar spellings where no word matches."""

from procurement.publication.search.postgres.engine import PostgresSearch
from procurement.publication.search.postgres.limits import has_status, limits

__all__ = ["PostgresSearch", "has_status", "limits"]
