"""What key holders keep for a while only: challenges. That one was answered stays in the public record."""

from procurement.holders.tables import ChallengeRow
from procurement.infra.retained import row_class

RETAINED = (
    row_class(
        "holder-challenges", ChallengeRow, ChallengeRow.id, lambda cutoff: ChallengeRow.asked_at < cutoff, legal=True
    ),
)
