"""From when a procurement's files are kept, where no contract says more."""

from sqlalchemy import Subquery, func, select

from procurement.awards.tables import AwardRow


def last_announced() -> Subquery:
    """Of every tender with announced awards (or lots without one), when the last was announced: `tender`, `at`."""
    at = func.max(AwardRow.announced_at).label("at")
    announced = select(AwardRow.tender_id.label("tender"), at).where(AwardRow.announced_at.is_not(None))
    return announced.group_by(AwardRow.tender_id).subquery()
