"""What the public record remembers: releases, and what is derived from them to be searched."""

from procurement.publication.tables.released import ImportedRelease, ReleaseRow, Spending
from procurement.publication.tables.searched import AwardRow, NoticeRow, OrganisationRow
from procurement.publication.tables.worded import ClassificationRow, DerivationRow, WordRow

__all__ = [
    "AwardRow",
    "ClassificationRow",
    "DerivationRow",
    "ImportedRelease",
    "NoticeRow",
    "OrganisationRow",
    "ReleaseRow",
    "Spending",
    "WordRow",
]
