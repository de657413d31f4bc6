"""What stands on a desk, from what the stages know. Pure: no clock, no database."""

from procurement.desks.rules.model import Desk, Duty, Moment, Row, Viewer, What

__all__ = ["Desk", "Duty", "Moment", "Row", "Viewer", "What"]
