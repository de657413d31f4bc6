"""Whether the log marks as open what everybody can read at once, so that clients may trust open entries alone.

That each open entry comes with its record is `log.record_of`'s to ask.
"""

from procurement.kernel.entry import REPEATED, Record, entry_hash, is_open
from procurement.verifier.at_once import AT_ONCE
from procurement.verifier.log import Broken

NOT_OPEN = "entry-not-open"
UNTRUE = "repeated-untrue"


class Openness:
    """Is shown the entries of a log in their order. `since` is the index of its first open entry, as far as is known;
    `whole` says that it is shown the log from its beginning."""

    def __init__(self, since: int | None = None, *, whole: bool = True) -> None:
        self.since, self.whole = since, whole
        self._readable: set[bytes] = set()  # hidden entries that are served with their records
        self._not_open: dict[bytes, str] = {}  # of these, which ought to be open ones

    def see(self, index: int, held: bytes, record: Record | None) -> None:
        """The entry at `index` is `held`; `record` is the one that it gives, None where nobody may read it.
        Broken(code `repeated-untrue`) where it repeats what the log does not show at its own place."""
        if is_open(held):
            self.since = index if self.since is None else self.since
            if record and record.type == REPEATED:
                self._repeats(index, record)
        elif record:
            self._readable.add(held)
            if self.since is not None and index > self.since and record.type in AT_ONCE:
                self._not_open[held] = f"entry {index} ({record.type})"

    def must_hold(self) -> None:
        """Broken(code `entry-not-open`) unless every record that is public at once is in an open entry, or repeated in
        one, from the first open entry of the log on."""
        for what in self._not_open.values():
            raise Broken(f"{what} is public at once, and stands in an entry that is not marked open", NOT_OPEN)

    def _repeats(self, index: int, record: Record) -> None:
        for one in record.fact["records"]:
            entry = entry_hash(bytes.fromhex(one["salt"]), one["record"].encode())
            if entry.hex() != one["entry"] or (self.whole and entry not in self._readable):
                raise Broken(f"entry {index} repeats a record that the log does not show at its own place", UNTRUE)
            self._not_open.pop(entry, None)
