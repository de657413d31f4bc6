"""Seal a bid on one's own machine (suite SB1): what leaves it can be read by nobody before the opening."""

from procurement.client.sealing.asked import Asked, Attached
from procurement.client.sealing.sealer import Keep, Sealed, SealedBid, SealedEnvelope, seal_bid, seal_into
from procurement.kernel.sealing.schedule import Line

__all__ = [
    "Asked",
    "Attached",
    "Keep",
    "Line",
    "Sealed",
    "SealedBid",
    "SealedEnvelope",
    "seal_bid",
    "seal_into",
]
