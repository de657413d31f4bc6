"""How long the word of the first of two officers counts."""

from datetime import datetime, timedelta

COUNTS = timedelta(hours=24)  # as long as the keyholder counts a code


def confirm_by(requested_at: datetime) -> datetime:
    """By when the second person has to confirm; then the first one asks again."""
    return requested_at + COUNTS
