"""How long messages about the pages are kept."""

from procurement.feedback.tables import Feedback
from procurement.infra.retained import row_class

RETAINED = (row_class("feedback", Feedback, Feedback.id, lambda cutoff: Feedback.received_at < cutoff),)
