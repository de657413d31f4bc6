"""Facts of the ledger about itself."""

from typing import ClassVar

import msgspec

from procurement.kernel.fact import Fact, Visible


class CoverRecorded(Fact, frozen=True, kw_only=True):
    """Nothing happened: it only stands among the hidden entries."""

    visible: ClassVar[Visible] = Visible.NEVER


class CoverFollowed(Fact, frozen=True, kw_only=True):
    """Nothing happened either, a moment later."""

    visible: ClassVar[Visible] = Visible.NEVER


class EntryType(msgspec.Struct, frozen=True):
    """A hidden entry by its index, and the type of the fact behind it."""

    index: int
    type: str


class TypesTold(Fact, frozen=True, kw_only=True):
    """Of what kind the entries are that were still hidden up to index `until`, since the fact of this type before."""

    until: int
    entries: list[EntryType]


class KeyPublished(Fact, frozen=True, kw_only=True):
    """From here on, `verifier` (a C2SP verifier key) is what "checkpoints" or "receipts" are signed with, or what the
    "keyholder" signs with, which is a process of another operator."""

    purpose: str
    verifier: str


class LogRenamed(Fact, frozen=True, kw_only=True):
    """The database was restored to before entries that the log had signed as `previous`: from here on it is `origin`.

    Its first `size` entries, with root `root` (hex), are also the beginning of the old log; what that had beyond them
    is lost. `newest_known` is the newest signed checkpoint of the old log that is known.
    """

    previous: str
    origin: str
    size: int
    root: str
    newest_known: str
    reason: str


class SandboxClockMoved(Fact, frozen=True, kw_only=True):
    """Somebody moved the practice clock: legal time is now `seconds` ahead of real time."""

    seconds: int
