"""Facts of the ledger about itself."""

from procurement.kernel.fact import Fact


class KeyPublished(Fact, frozen=True, kw_only=True):
    """From here on, `verifier` (a C2SP verifier key) is what "checkpoints" or "receipts" are signed with."""

    purpose: str
    verifier: str


class SandboxClockMoved(Fact, frozen=True, kw_only=True):
    """Somebody moved the practice clock: legal time is now `seconds` ahead of real time."""

    seconds: int
