"""The public record as it is searched: by PostgreSQL."""

from procurement.publication.search.postgres import PostgresSearch, has_status, limits

__all__ = ["PostgresSearch", "has_status", "limits"]
