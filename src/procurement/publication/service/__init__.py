"""The public record, for pages, programs and jobs."""

from procurement.publication.service.classification import Category, classification_tree, codes_for
from procurement.publication.service.lines import award_lines, organisation_lines
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
    "Category",
    "Home",
    "Place",
    "award_lines",
    "bodies_of",
    "bodies_of_year",
    "classification_tree",
    "codes_for",
    "home",
    "how_many",
    "imported",
    "notice",
    "notices",
    "organisation_lines",
    "publish",
    "search",
    "spending",
    "usual_currency",
]
