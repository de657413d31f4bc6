"""The public record, for pages, programs and jobs."""

from procurement.publication.service.reading import (
    Home,
    Place,
    bodies_of,
    bodies_of_year,
    home,
    how_many,
    imported,
    notice,
    notices,
    search,
    spending,
    usual_currency,
)
from procurement.publication.service.writing import publish

__all__ = [
    "Home",
    "Place",
    "bodies_of",
    "bodies_of_year",
    "home",
    "how_many",
    "imported",
    "notice",
    "notices",
    "publish",
    "search",
    "spending",
    "usual_currency",
]
