"""The public record, for pages, programs and jobs."""

from procurement.publication.service.reading import (
    Home,
    bodies_of,
    bodies_of_year,
    home,
    imported,
    notice,
    notices,
    open_count,
    publisher_of,
    search,
    spending,
    usual_currency,
)
from procurement.publication.service.writing import publish

__all__ = [
    "Home",
    "bodies_of",
    "bodies_of_year",
    "home",
    "imported",
    "notice",
    "notices",
    "open_count",
    "publish",
    "publisher_of",
    "search",
    "spending",
    "usual_currency",
]
