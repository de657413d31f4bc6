"""How long the counts of the status page are kept."""

from sqlalchemy import Text, cast

from procurement.infra.retained import row_class
from procurement.infra.status.tables import Availability

RETAINED = (
    row_class(
        "availability",
        Availability,
        cast(Availability.day, Text) + " " + Availability.component + " " + Availability.source,
        lambda cutoff: Availability.last_at < cutoff,
    ),
)
