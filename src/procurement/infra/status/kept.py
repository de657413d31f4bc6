"""How long what was measured is kept: counts for the status page, outages as proof."""

from sqlalchemy import Text, cast

from procurement.infra.retained import row_class
from procurement.infra.status.tables import Availability, OutageRow, SightingRow

RETAINED = (
    row_class(
        "availability",
        Availability,
        cast(Availability.day, Text) + " " + Availability.component + " " + Availability.source,
        lambda cutoff: Availability.last_at < cutoff,
    ),
    row_class("outages", OutageRow, OutageRow.id, lambda cutoff: OutageRow.ended_at < cutoff),
    row_class("sightings", SightingRow, SightingRow.id, lambda cutoff: SightingRow.ended_at < cutoff),
)
