"""When time itself can be trusted to close a tender."""

from datetime import datetime, timedelta

from procurement.kernel.refusal import Refused

MOST_SKEW = timedelta(seconds=1)


def must_agree(database: datetime, keyholder: datetime) -> None:
    """Refused("clocks-differ", 503) when two real clocks are more than a second apart."""
    if abs(database - keyholder) > MOST_SKEW:
        raise Refused(
            "clocks-differ",
            "Two clocks of this service disagree. Nothing is closed until a person has looked.",
            status=503,
        )
