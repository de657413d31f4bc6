"""What the record says of the keyholder itself: its return from a copy, and the end of keys."""

from datetime import datetime

from procurement.kernel.fact import Fact


class KeyholderRestored(Fact, frozen=True, kw_only=True):
    """The keyholder's store came back from a copy: it releases nothing until its staff confirmed the times."""


class KeyholderConfirmed(Fact, frozen=True, kw_only=True):
    """Its staff confirmed the times at its own terminal: bids are opened again."""


class SealKeysEnded(Fact, frozen=True, kw_only=True):
    """The tender is over, and its time of keeping too: nobody needs the key that its bids were sealed to. Whoever does
    has thirty days to say so, then the keyholder destroys it."""

    tender: str


class SealKeysDestroyed(Fact, frozen=True, kw_only=True):
    """The keyholder destroyed the key that bids of this tender were sealed to. Copies of its store end on their own."""

    tender: str
    destroyed_at: datetime
