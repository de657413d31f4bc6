"""What is counted of payments by card. No figure tells who pays, or for what."""

from prometheus_client import Counter, Gauge

DELIVERIES = Counter(
    "procurement_card_deliveries", "Notices of the card service, by what became of them.", ("outcome",)
)
FAILED = Counter("procurement_card_failures", "Questions to the card service that have to be asked again.", ("kind",))
DIFFERENCES = Counter("procurement_card_differences", "Differences that the daily comparison found.")
WAITING = Gauge("procurement_card_waiting", "Objects that are to be asked for at the card service.")
OLDEST = Gauge("procurement_card_oldest_seconds", "For how long the oldest of them has waited.")
UNLUCKY = Gauge("procurement_card_failing", "Those of them that failed at least once.")


def show(count: int, oldest: float, failing: int) -> None:
    WAITING.set(count)
    OLDEST.set(oldest)
    UNLUCKY.set(failing)
