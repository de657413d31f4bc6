"""Channels tell real time; what is decided by a moment is decided in legal time."""

from datetime import datetime

from procurement.infra.tx import Tx


def legal(tx: Tx, at: datetime) -> datetime:
    """When that real moment was by the legal clock, and never later than now: a sandbox's clock may be ahead."""
    return min(tx.now, at + (tx.now - tx.real_now))
