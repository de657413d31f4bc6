"""The public record as Meilisearch searches it: a question in its language, and its answer in ours."""

from procurement.publication.search.meili.search import MeiliSearch

__all__ = ["MeiliSearch"]
